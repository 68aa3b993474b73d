#!/usr/bin/env bash
#
# Runs an example by the letter, in a namespace that written.sh has made:
# registry.example.com is this machine, its registries are amd64.registry and
# arm.registry, and for Let's Encrypt there is pebble, which really fetches
# what it challenges.  The commands are those of README.md.
#
#   as_written.sh MODULE letsencrypt|blob-cache|json-log IMAGE_AMD64 IMAGE_ARM

set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
for lib in root work proc ports packages report tls registry image cover; do
    # shellcheck disable=SC1090
    . "$here/../../ci/lib/$lib.sh"
done

HOST=registry.example.com
NAME=common/prometheus
TAG=1.1.3
USER_NAME=puller
PASSWORD='correct horse'


# What the example needs besides itself.
set_up()
{
    local host

    cover_system
    cover_module "$1"
    cp "$ROOT/examples/$2.conf" /etc/nginx/nginx.conf
    htpasswd -Bbn -C 5 "$USER_NAME" "$PASSWORD" > /etc/nginx/htpasswd
    tls_make "$WORK/tls"
    tls_sign "$WORK/tls" "$HOST" "DNS:$HOST"

    cat >> /etc/hosts << EOT
127.0.0.1 localhost $HOST
127.0.0.2 amd64.registry
127.0.0.3 arm.registry
EOT

    for host in amd64:127.0.0.2:$3 arm:127.0.0.3:$4; do
        set_up_registry "${host%%:*}" "$(cut -d : -f 2 <<< "$host")" \
            "${host##*:}"
    done
}


# set_up_registry NAME ADDRESS IMAGE
set_up_registry()
{
    SOURCE_LOG=on SOURCE_HOST=$2 registry_start "$1" 5000
    image_push "$3" "$1.registry:5000/$NAME:$TAG"
}


# commands HEADING NUMBER: of README.md, the indented blocks of a section.
commands()
{
    awk -v heading="### $1" -v number="$2" '
        /^##/ { here = ($0 == heading); n = 0; inside = 0; next }
        here && /^    / { if (!inside) { inside = 1; n++ } }
        here && !/^    / { inside = 0 }
        here && inside && n == number { print substr($0, 5) }
    ' "$ROOT/README.md" > "$WORK/commands"
    [ -s "$WORK/commands" ] || { echo "README.md: no $1, block $2"; return 1; }
    cat "$WORK/commands"
}


# README.md's commands, as a user would type them.
typed()
{
    bash -eu -x -c "$(commands "$1" "$2")" < /dev/null
}


# pull ARCH CA DIR
pull()
{
    local variant=''

    [ "$1" != arm ] || variant=v7
    rm -rf "$3" "$WORK/trust"
    mkdir "$WORK/trust"
    cp "$2" "$WORK/trust/ca.crt"
    skopeo --override-os linux --override-arch "$1" \
        ${variant:+--override-variant "$variant"} copy --quiet \
        --insecure-policy --src-cert-dir "$WORK/trust" \
        --src-creds "$USER_NAME:$PASSWORD" "docker://$HOST/$NAME:$TAG" \
        "dir:$3"
}


# pulled WHAT ARCH CA IMAGE: both arrive as they were pushed.
pulled()
{
    local dir=$WORK/pulled-$2

    check "$1: skopeo pulls for $2" pull "$2" "$3" "$dir"
    check_equal "$1: the manifest for $2" "$(image_fact "$4" manifest)" \
        "$(image_digest "$dir/manifest.json" 2>&1)"
}


# Where most examples have it.
certificate()
{
    local private=$WORK/tls/private live=/etc/letsencrypt/live/example

    mkdir -p "$live"
    cp "$private/$HOST.crt" "$live/fullchain.pem"
    cp "$private/$HOST.key" "$live/privkey.pem"
}


# The certificate that is served: who it is of, and its number.
served()
{
    openssl s_client -connect "$HOST:443" -servername "$HOST" \
        < /dev/null 2> /dev/null | openssl x509 -noout -serial -issuer
}


is_served_anew()
{
    [ -n "$(served)" ] && [ "$(served)" != "$1" ]
}


# The certificate authority; what it asks for has to be there.  Of its own it
# refuses one in twenty nonces, and certbot tries no third.
pebble_start()
{
    cat > "$WORK/pebble.json" << EOT
{ "pebble": { "listenAddress": "127.0.0.1:14000",
              "managementListenAddress": "127.0.0.1:15000",
              "certificate": "$WORK/tls/private/server.crt",
              "privateKey": "$WORK/tls/private/server.key",
              "httpPort": 80, "tlsPort": 443 } }
EOT

    PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 \
        proc_start pebble pebble -config "$WORK/pebble.json"
    proc_ready pebble 20 pebble_root
    mkdir -p /etc/letsencrypt
    cat > /etc/letsencrypt/cli.ini << EOT
server = https://localhost:14000/dir
no-verify-ssl = true
non-interactive = true
agree-tos = true
register-unsafely-without-email = true
no-random-sleep-on-renew = true
EOT
}


# The root of what it signs.
pebble_root()
{
    curl -sSf --cacert "$WORK/tls/ca.crt" -o "$WORK/root.crt" \
        https://localhost:15000/roots/0
}


run_letsencrypt()
{
    local first second

    pebble_start
    check "letsencrypt: what is needed before nginx starts" \
        typed "Let's Encrypt" 1
    check "letsencrypt: nginx starts before there is a certificate" nginx
    first=$(served)

    check "letsencrypt: a certificate is issued" typed "Let's Encrypt" 2
    check "letsencrypt: nginx serves it" wait_for 10 is_served_anew "$first"
    pulled letsencrypt amd64 "$WORK/root.crt" "$1"
    pulled letsencrypt arm "$WORK/root.crt" "$2"

    second=$(served)
    check "letsencrypt: a renewal is tried" typed "Let's Encrypt" 3
    check "letsencrypt: it is renewed" certbot renew --force-renewal
    check "letsencrypt: nginx serves the new one, told by certbot" \
        wait_for 10 is_served_anew "$second"
    pulled "letsencrypt, renewed" arm "$WORK/root.crt" "$2"

    check_equal "letsencrypt: all else is https" \
        "301 https://$HOST/v2/" "$(curl -s -o /dev/null \
            -w '%{http_code} %{redirect_url}' "http://$HOST/v2/")"
    check "letsencrypt: what it was challenged by was fetched" \
        grep -c 'GET /.well-known/acme-challenge/.* 200 ' \
        /var/log/nginx/access.log
}


# How often blobs have been fetched from the registries.
blobs_fetched()
{
    cat "$WORK/log/amd64" "$WORK/log/arm" | grep -c '"GET /v2/.*/blobs/'
}


run_blob_cache()
{
    local before layer

    certificate
    check "blob-cache: nginx starts" nginx
    pulled blob-cache amd64 "$WORK/tls/ca.crt" "$1"
    pulled blob-cache arm "$WORK/tls/ca.crt" "$2"
    before=$(blobs_fetched)

    pulled "blob-cache, again" amd64 "$WORK/tls/ca.crt" "$1"
    pulled "blob-cache, again" arm "$WORK/tls/ca.crt" "$2"
    check_equal "blob-cache: layers and configs come from the cache" \
        "$before" "$(blobs_fetched)"

    layer=$(image_fact "$1" layer)
    check_equal "blob-cache: not for those without a password" 401 \
        "$(curl -s -o /dev/null -w '%{http_code}' \
               --cacert "$WORK/tls/ca.crt" \
               "https://$HOST/v2/$NAME/blobs/$layer")"
    check_equal "blob-cache: not under another name" 404 \
        "$(curl -s -o /dev/null -w '%{http_code}' \
               --cacert "$WORK/tls/ca.crt" -u "$USER_NAME:$PASSWORD" \
               "https://$HOST/v2/other/blobs/$layer")"
}


# Bytes that a line of a log should not be made of.
BAD_BYTES=('"' $'\\' $'\t' $'\x01' $'\x1b[2J' $'\x7f' $'\xff\xfe' $'\xc3'
    $'\xed\xa0\x80' $'\xe2\x80\xa8' '\u0000' '","status":200,"x":"')


# Each in a header, a user's name, a path, a query and a method, over HTTP/2
# and HTTP/1.
bad_requests()
{
    local bytes option=(-s -o /dev/null --cacert "$WORK/tls/ca.crt")

    for bytes in "${BAD_BYTES[@]}"; do
        curl "${option[@]}" -A "a$bytes" "https://$HOST/v2/"
        curl "${option[@]}" --http1.1 -A "a$bytes" -e "$bytes" \
            -u "$USER_NAME:$PASSWORD" "https://$HOST/v2/$NAME/manifests/$TAG"
        curl "${option[@]}" -u "a$bytes:p" "https://$HOST/v2/"
        printf 'GET /v2/%s/manifests/%s?%s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n' \
            "a$bytes" "t$bytes" "$bytes" "$HOST" 'Connection: close' | raw
        printf '%s /v2/ HTTP/1.1\r\nHost: a%s\r\n\r\n' "G$bytes" "$bytes" \
            | raw
    done
}


# One request as it is; a server that has seen enough may close at once.
raw()
{
    openssl s_client -quiet -connect "$HOST:443" > /dev/null 2>&1 || true
}


# How many lines are JSON of the members that there should be; the first
# line that is not.
json_lines()
{
    perl -MJSON::PP -ne '
        my $line = eval { JSON::PP->new->utf8->decode($_) };

        ref $line eq "HASH" && keys %$line == 20 && $line->{status} =~ /^\d+$/
            ? $good++ : ($bad //= "not JSON: $_");
        END { print $bad // "$good lines\n" }
    ' /var/log/nginx/access.json
}


are_lines()
{
    [ "$(wc -l < /var/log/nginx/access.json)" -ge "$1" ]
}


run_json_log()
{
    local n=$((5 * ${#BAD_BYTES[@]} + 1)) fields

    certificate
    check "json-log: nginx starts" nginx
    curl -s -o /dev/null --cacert "$WORK/tls/ca.crt" \
        -u "$USER_NAME:$PASSWORD" "https://$HOST/v2/$NAME/manifests/$TAG"
    bad_requests
    wait_for 10 are_lines "$n" || true

    check_equal "json-log: each line is JSON, whatever clients send" \
        "$n lines" "$(json_lines)"
    fields='[.status, .user, .kind, .cache, .name, .reference, .platforms]'
    check_equal "json-log: a line says what happened" \
        "200 $USER_NAME list MISS $NAME $TAG linux/amd64,linux/arm/v7" \
        "$(head -n 1 /var/log/nginx/access.json \
               | jq -r "$fields | join(\" \")")"
}


nginx_gone()
{
    [ ! -e /run/nginx.pid ]
}


work_begin written
set_up "$@"
shift
example=$1
shift
"run_${example//-/_}" "$@"
nginx -s stop
check "$example: nginx ends" wait_for 20 nginx_gone
report_end
