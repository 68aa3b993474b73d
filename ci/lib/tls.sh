# shellcheck shell=bash
#
# Makes a certificate authority and certificates for one run: a server's for
# the loopback names, and others as they are asked for.


# tls_make DIR: DIR/ca.crt alone, so that DIR can be a client's directory of
# authorities, and DIR/private/server.crt and server.key.
tls_make()
{
    local dir=$1

    mkdir -p "$dir/private"
    tls_run "$dir" openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
        -subj "/CN=mlist test authority" \
        -keyout "$dir/private/ca.key" -out "$dir/ca.crt" || return 1
    tls_sign "$dir" server DNS:localhost,IP:127.0.0.1
}


# tls_sign DIR NAME ALTERNATIVE: DIR/private/NAME.crt and NAME.key, of the
# authority in DIR; ALTERNATIVE as openssl writes it, "DNS:...".
tls_sign()
{
    local dir=$1 file=$1/private/$2

    echo "subjectAltName=$3" > "$file.ext"
    tls_run "$dir" openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" \
        -keyout "$file.key" -out "$file.csr" || return 1
    tls_run "$dir" openssl x509 -req -in "$file.csr" -CA "$dir/ca.crt" \
        -CAkey "$dir/private/ca.key" -CAcreateserial -days 2 \
        -out "$file.crt" -extfile "$file.ext"
}


# tls_run DIR COMMAND...: its messages are shown only if it fails.
tls_run()
{
    local log=$1/private/log

    shift
    "$@" 2> "$log" || { cat "$log" >&2; return 1; }
}
