# shellcheck shell=bash
#
# Makes a certificate authority and a server certificate for the loopback
# names, for one run.


# tls_make DIR: DIR/ca.crt alone, so that DIR can be a client's directory of
# authorities, and DIR/private/server.crt and server.key.
tls_make()
{
    local dir=$1

    mkdir -p "$dir/private"
    (
        cd "$dir/private"

        openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
            -subj "/CN=mlist test authority" -keyout ca.key -out ../ca.crt
        openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" \
            -keyout server.key -out server.csr
        openssl x509 -req -in server.csr -CA ../ca.crt \
            -CAkey ca.key -CAcreateserial -days 2 -out server.crt \
            -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1")
    ) 2> "$dir/private/log" || { cat "$dir/private/log" >&2; return 1; }
}
