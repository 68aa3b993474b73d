# shellcheck shell=bash
#
# What a soak is played on: registries, one of them behind tokens that end
# soon, the service that gives these, nginx with the fronts of ci/chaos and
# some more, and the clients that know what is right (Mlist::Soak).

NAME=soak/any
USER_NAME=puller
PASSWORD='correct horse'

# Tokens are good for so many seconds.
TOKEN_LIFE=5

declare -A PORT


stage_packages()
{
    packages_need nginx docker-registry skopeo perl curl jq openssl wrk \
        apache2-utils nghttp2-client gcc libc6-dev \
        gcc-arm-linux-gnueabihf libc6-dev-armhf-cross procps \
        libio-socket-ssl-perl
}


stage_set_up()
{
    local name

    for name in events amd64 amd64-before arm arm-before both both-before \
        store store-before front-{1..8} walk any any-tls hot hot-tls login \
        bearer secret tokens status
    do
        port_new "PORT[$name]"
    done

    tls_make "$WORK/tls"
    front_users "$WORK/htpasswd" "$USER_NAME" "$PASSWORD"
    echo "$PASSWORD" > "$WORK/password"
    mkdir "$WORK/nginx"
    chmod 644 "$WORK/password"

    stage_registries
    stage_http > "$WORK/http.conf"
    stage_perl

    # what it warns of is meant
    nginx_start nginx "${PORT[any]}" 2> "$WORK/log/start" \
        || { cat "$WORK/log/start" >&2; return 1; }
}


# Chaos wants its ports in this order.
stage_ports()
{
    local name list=${PORT[events]}

    for name in amd64 arm both store; do
        list+=,${PORT[$name]},${PORT[$name-before]}
    done

    for name in front-{1..8}; do
        list+=,${PORT[$name]}
    done

    echo "$list"
}


stage_registries()
{
    local name events

    events=$(registry_events "http://127.0.0.1:${PORT[events]}/events")

    for name in amd64 arm both; do
        registry_start "$name" "${PORT[$name]}" "$events"
    done

    # What it holds is pushed before it asks for tokens.
    registry_start store "${PORT[store]}"
    registry_start secret "${PORT[secret]}"
    stage_images both secret
    proc_stop secret
    tokens_start tokens "${PORT[tokens]}" "expires=$TOKEN_LIFE" \
        "$USER_NAME:$PASSWORD:pull"
    registry_start secret "${PORT[secret]}" \
        "$(tokens_auth tokens "${PORT[tokens]}")"
}


# The same two images, at each of those registries.
stage_images()
{
    local registry arch

    image_make "$WORK/image-amd64" soak amd64
    image_make "$WORK/image-arm" soak arm v7

    for registry in "$@"; do
        for arch in amd64 arm; do
            image_push "$WORK/image-$arch" \
                "127.0.0.1:${PORT[$registry]}/$NAME:1.0-$arch"
        done
    done
}


# What http{} has besides the fronts of Mlist::Chaos::Fronts.
stage_http()
{
    cat << EOT
    upstream secret.registry {
        server 127.0.0.1:${PORT[secret]};
        keepalive 32;
        keepalive_timeout 5s;
    }
    keepalive_timeout 5s;
    keepalive_requests 100000;
    ssl_certificate     $WORK/tls/private/server.crt;
    ssl_certificate_key $WORK/tls/private/server.key;

    server {
        listen 127.0.0.1:${PORT[status]};
        access_log off;
        location = / {
            mlist_status;
        }
    }
EOT

    # pushes and deletions, all by one location
    stage_server "${PORT[walk]}" << EOT
            mlist_auth nginx;
            mlist_store $WORK/nginx/store inactive=60s max_size=512k;
            mlist_push http://both.registry by=platform;
            mlist_source http://both.registry tag=*-amd64 platform=linux/amd64;
            mlist_source http://both.registry tag=*-arm platform=linux/arm/v7;
EOT

    # whatever tag is made up has an image, so that the zone is always full
    stage_server "${PORT[any]}" \
        "listen 127.0.0.1:${PORT[any-tls]} ssl http2;" << EOT
            mlist_auth nginx;
            mlist_store off;
            mlist_valid 60s;
            mlist_source http://both.registry tag=1.0-amd64;
            mlist_source http://both.registry tag=1.0-arm;
EOT

    stage_server "${PORT[hot]}" \
        "listen 127.0.0.1:${PORT[hot-tls]} ssl http2;" << EOT
            mlist_htpasswd $WORK/htpasswd;
            mlist_store $WORK/nginx/store inactive=60s max_size=512k;
            mlist_valid 10s;
            mlist_source http://both.registry tag=*-amd64;
            mlist_source http://both.registry tag=*-arm;
EOT

    stage_server "${PORT[login]}" << EOT
            mlist_auth nginx;
            mlist_store $WORK/nginx/store inactive=60s max_size=512k;
            mlist_login http://secret.registry $USER_NAME $WORK/password
                        realm=$(tokens_realm "${PORT[tokens]}");
            mlist_source http://secret.registry tag=*-amd64;
            mlist_source http://secret.registry tag=*-arm;
EOT

    stage_server "${PORT[bearer]}" << EOT
            mlist_store $WORK/nginx/store inactive=60s max_size=512k;
            mlist_valid 2s;
            mlist_source http://secret.registry tag=*-amd64;
            mlist_source http://secret.registry tag=*-arm;
EOT
}


# stage_server PORT [MORE]: the location's directives from standard input.
stage_server()
{
    cat << EOT

    server {
        listen 127.0.0.1:$1 backlog=1024;
        ${2-}
        access_log off;
        client_max_body_size 0;
        location /v2/ {
EOT
    cat
    cat << 'EOT'
            proxy_pass $mlist_upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
            proxy_read_timeout 20s;
            add_header X-Cache-Status $mlist_cache_status always;
        }
    }
EOT
}


# stage_perl [SECONDS]: without, it writes nginx's configuration.
stage_perl()
{
    local command=(perl "-I$ROOT/t/lib" -MMlist::Soak
        -e 'exit Mlist::Soak::main(@ARGV)' -- --work "$WORK"
        --module "$MODULE" --http "$WORK/http.conf"
        --user "$USER_NAME:$PASSWORD" --htpasswd "$WORK/htpasswd"
        --ports "$(stage_ports)" --walk "${PORT[walk]}"
        --seed "${SOAK_SEED:-$RANDOM}")

    if [ $# -eq 0 ]; then
        "${command[@]}"
    else
        proc_start clients "${command[@]}" --seconds "$1"
    fi
}


stage_clients()
{
    stage_perl "$1"
}
