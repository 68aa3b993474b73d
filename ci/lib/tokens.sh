# shellcheck shell=bash
#
# Starts the token service of the tests (t/clients/tokens.pl) on a loopback
# port, by https with the certificate of the run.  Needs tls_make's files in
# $WORK/tls.


# tokens_start NAME PORT USER:PASSWORD:ACTIONS...: waits until it listens.
# Then $WORK/NAME/log has a line for each request, without passwords.
tokens_start()
{
    local name=$1 port=$2

    shift 2
    proc_start "$name" perl "$ROOT/t/clients/tokens.pl" \
        "dir=$WORK/$name" "port=$port" \
        "tls_crt=$WORK/tls/private/server.crt" \
        "tls_key=$WORK/tls/private/server.key" "$@"
    proc_ready "$name" 20 port_taken "$port"
}


# By the name that the certificate has: nginx verifies no address.
tokens_realm()
{
    printf 'https://localhost:%s/token\n' "$1"
}


# tokens_auth NAME PORT: for registry_start.
tokens_auth()
{
    registry_bearer "$(tokens_realm "$2")" "$WORK/$1/crt"
}
