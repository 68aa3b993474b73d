# shellcheck shell=bash
#
# Each client logs in, pushes and pulls through the front, whoever it is that
# asks for the password:
#
#   here      Basic here (mlist_htpasswd), a registry that asks for nothing
#   basic     Basic at the registry (mlist_auth registry)
#   bearer    tokens at the registry (mlist_auth registry): the challenge goes
#             through, and the client gets its token from the service itself
#   front-basic, front-bearer
#             Basic here, and the front logs in at the registry by itself
#             (mlist_login), in the one way or the other
#
# A wrong password is refused as such, and what is not there is not found.
# How each client does that is in login_clients.sh.

LOGIN_MODES=(here basic bearer front-basic front-bearer)
LOGIN_CLIENTS=(docker podman skopeo crane oras containerd cosign buildah)
LOGIN_REFUSED='unauthori[sz]ed|401|authentication required|invalid username'
LOGIN_MISSING=': not found|manifest unknown|MANIFEST_UNKNOWN'


client_login()
{
    local client mode

    for client in docker containerd login_clients; do
        # shellcheck disable=SC1090
        . "$ROOT/t/clients/$client.sh"
    done

    if ! login_stage; then
        not_ok "login: the stage is set"
        return
    fi

    for client in "${LOGIN_CLIENTS[@]}"; do
        for mode in "${LOGIN_MODES[@]}"; do
            login_client "$client" "$mode"
        done
    done

    login_reader
    proc_stop dockerd
    proc_stop containerd

    check_none "login: no alert in nginx's error log" \
        "$(nginx_alerts "$WORK/login/error.log")"
    check_none "login: no password in nginx's logs" \
        "$(grep -aE "$PASSWORD|$LOGIN_BASIC" "$WORK"/login/*.log)"
}


# One registry for each way to ask for a password, and the fronts, which are
# servers of one nginx.
login_stage()
{
    LOGIN_BASIC=$(printf '%s:%s' "$USER_NAME" "$PASSWORD" | base64 -w 0)

    packages_need docker.io podman buildah containerd libio-socket-ssl-perl \
        || return 1
    login_tools || return 1

    mkdir -p "$WORK/login"
    login_registries || return 1
    login_front || return 1
    login_image || return 1

    docker_start && containerd_start
}


login_registries()
{
    local name

    for name in tokens at-here at-basic at-bearer; do
        port_new "PORT[$name]"
    done

    tokens_start tokens "${PORT[tokens]}" \
        "$USER_NAME:$PASSWORD:pull,push,delete,catalog" \
        "reader:reads only:pull" || return 1

    registry_start at-here "${PORT[at-here]}" \
        && registry_start at-basic "${PORT[at-basic]}" \
            "$(registry_basic "$WORK/htpasswd")" \
        && registry_start at-bearer "${PORT[at-bearer]}" \
            "$(tokens_auth tokens "${PORT[tokens]}")"
}


login_front()
{
    local mode

    for mode in "${LOGIN_MODES[@]}"; do
        port_new "PORT[login-$mode]"
    done

    printf '%s\n' "$PASSWORD" > "$WORK/login/password"
    login_conf > "$WORK/login/nginx.conf"
    nginx_start login "${PORT[login-here]}"
}


login_conf()
{
    local dir=$WORK/login mode

    cat << EOT
${MODULE:+load_module $MODULE;}
user www-data;
worker_processes 2;
pid $dir/nginx.pid;
error_log $dir/error.log info;
events { worker_connections 256; }
http {
    access_log $dir/access.log;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;
    ssl_certificate     $WORK/tls/private/server.crt;
    ssl_certificate_key $WORK/tls/private/server.key;
    client_max_body_size 0;
EOT

    for mode in "${LOGIN_MODES[@]}"; do
        login_server "$mode"
    done

    echo "}"
}


# login_server MODE
login_server()
{
    local registry=http://127.0.0.1:${PORT[at-${1#front-}]}
    local auth='mlist_auth registry;'

    case $1 in
        here)
            auth="mlist_htpasswd $WORK/htpasswd;"
            ;;
        front-*)
            auth="mlist_htpasswd $WORK/htpasswd;
            mlist_login $registry $USER_NAME $WORK/login/password
                realm=https://127.0.0.1:${PORT[tokens]}/token;
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate $WORK/tls/ca.crt;
            proxy_ssl_name localhost;"
            ;;
    esac

    cat << EOT

    server {
        listen 127.0.0.1:${PORT[login-$1]} ssl http2;

        location /v2/ {
            $auth
            mlist_store  $WORK/login/store;
            mlist_source $registry tag=*-amd64 platform=linux/amd64;
            mlist_source $registry tag=*-arm platform=linux/arm/v7;
            proxy_pass   \$mlist_upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
        }
    }
EOT
}


# The image that is pushed, in all the forms that the clients want.
login_image()
{
    LOGIN_IMAGE=$(image_dir two amd64)
    LOGIN_CONFIG=$(pushed two amd64 config)

    skopeo copy --quiet --insecure-policy "oci:$LOGIN_IMAGE" \
        "docker-archive:$WORK/login/image.tar:mlist/login:1" || return 1

    mkdir "$WORK/login/layout"
    cp -r "$LOGIN_IMAGE/oci-layout" "$LOGIN_IMAGE/blobs" "$WORK/login/layout/"
    jq -c '.manifests[0].annotations = {
               "io.containerd.image.name": "mlist.test/login:1",
               "kind": "dev.cosignproject.cosign/image" }' \
        "$LOGIN_IMAGE/index.json" > "$WORK/login/layout/index.json"
    tar -C "$WORK/login/layout" -cf "$WORK/login/layout.tar" \
        oci-layout index.json blobs
}


# login_client CLIENT MODE: pushes one platform's tag and pulls the list of it.
login_client()
{
    local client=$1 mode=$2 what="$1, $2" host name

    host=$(front_address "login-$mode")
    name=$host/$mode/$client
    LOGIN_DIR=$WORK/login/$mode-$client
    mkdir -p "$LOGIN_DIR"

    check_refused "login, $what: a wrong password" "$LOGIN_REFUSED" \
        "login_refused_$client" "$host" "$name:1" "$USER_NAME" wrong
    check "login, $what: the right one" \
        "login_$client" "$host" "$USER_NAME" "$PASSWORD"
    check "login, $what: push" "login_push_$client" "$name:1-amd64"
    check_equal "login, $what: pull" "$LOGIN_CONFIG" \
        "$("login_pull_$client" "$name:1" 2>&1 | tail -n 1)"
    check_refused "login, $what: what is not there" "$LOGIN_MISSING" \
        "login_pull_$client" "$name:absent"
}


# check_refused WHAT REGEX COMMAND...: it fails, and says why.
check_refused()
{
    local what=$1 regex=$2 seen

    shift 2

    if seen=$("$@" 2>&1); then
        not_ok "$what" "$(printf 'it succeeds:\n%s' "$seen")"
    elif ! grep -qE "$regex" <<< "$seen" || login_both "$seen"; then
        not_ok "$what" "$(printf 'expected: %s\n%s' "$regex" "$seen")"
    else
        ok "$what"
    fi
}


# Neither is ever said of the other.
login_both()
{
    grep -qE "$LOGIN_REFUSED" <<< "$1" && grep -qE "$LOGIN_MISSING" <<< "$1"
}


# Who may pull may not push, by the service's word.
login_reader()
{
    local name host

    host=$(front_address login-bearer)
    name=$host/bearer/skopeo
    LOGIN_DIR=$WORK/login/reader
    mkdir -p "$LOGIN_DIR"

    check "login: a user who only reads" \
        login_skopeo "$host" reader 'reads only'
    check_equal "login: who only reads pulls" "$LOGIN_CONFIG" \
        "$(login_pull_skopeo "$name:1" 2>&1 | tail -n 1)"
    check_refused "login: who only reads does not push" \
        "$LOGIN_REFUSED|denied" login_push_skopeo "$name:2-amd64"
}
