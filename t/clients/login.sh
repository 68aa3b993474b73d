# shellcheck shell=bash
#
# Each client logs in, pushes and pulls through the front, whoever it is that
# asks for the password:
#
#   here      Basic here (mlist_htpasswd), a registry that asks for nothing
#   basic     Basic at the registry (mlist_auth registry)
#   bearer    tokens at the registry (mlist_auth registry): the challenge goes
#             through, and the client gets its token from the service itself
#   own-...   Basic here, of users whom the registry does not know; there the
#             front has credentials of its own (mlist_login)
#
# A wrong password is refused as such, and what is not there is not found.
# How each client does that is in login_clients.sh.

LOGIN_MODES=(here basic bearer own-basic own-bearer)
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

    for mode in "${LOGIN_MODES[@]}"; do
        login_sign "$mode"
    done

    login_reader
    login_wrong own-basic
    login_wrong own-bearer
    check_none "login: whom the front knows, the token service never hears of" \
        "$(grep guest "$WORK/tokens/log")"
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
    front_users "$WORK/login/guests" guest "$PASSWORD"
    echo "$PASSWORD" > "$WORK/login/password"
    echo wrong > "$WORK/login/wrong-password"
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

    for mode in "${LOGIN_MODES[@]}" wrong-own-basic wrong-own-bearer; do
        port_new "PORT[login-$mode]"
    done

    login_conf > "$WORK/login/nginx.conf"
    nginx_start login "${PORT[login-here]}"
}


login_conf()
{
    local dir=$WORK/login mode

    front_preamble "$dir"
    cat << EOT
    ssl_certificate     $WORK/tls/private/server.crt;
    ssl_certificate_key $WORK/tls/private/server.key;
    proxy_ssl_trusted_certificate $WORK/tls/ca.crt;
    proxy_ssl_verify on;
    client_max_body_size 0;
EOT

    for mode in "${LOGIN_MODES[@]}"; do
        login_server "$mode" "$(login_auth "$mode" password)"
    done

    for mode in own-basic own-bearer; do
        login_server "wrong-$mode" "$(login_auth "$mode" wrong-password)"
    done

    echo "}"
}


# login_auth MODE FILE: who asks for the password, and the front's own.
login_auth()
{
    local registry=http://127.0.0.1:${PORT[at-${1#own-}]}

    case $1 in
    here)
        echo "mlist_htpasswd $WORK/htpasswd;"
        ;;
    own-*)
        echo "mlist_htpasswd $WORK/login/guests;"
        echo "mlist_login $registry $USER_NAME $WORK/login/$2" \
            "realm=$(tokens_realm "${PORT[tokens]}");"
        ;;
    *)
        echo "mlist_auth registry;"
        ;;
    esac
}


# login_server NAME AUTH
login_server()
{
    local registry=http://127.0.0.1:${PORT[at-${1##*-}]}

    cat << EOT

    server {
        listen 127.0.0.1:${PORT[login-$1]} ssl http2;

        location /v2/ {
            $2
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
    local client=$1 mode=$2 what="$1, $2" host name user

    host=$(front_address "login-$mode")
    name=$host/$mode/$client
    user=$(login_user "$mode")
    LOGIN_DIR=$WORK/login/$mode-$client
    mkdir -p "$LOGIN_DIR"

    check_refused "login, $what: a wrong password" "$LOGIN_REFUSED" \
        "login_refused_$client" "$host" "$name:1" "$user" wrong
    check "login, $what: the right one" \
        "login_$client" "$host" "$user" "$PASSWORD"
    check "login, $what: push" "login_push_$client" "$name:1-amd64"
    check_equal "login, $what: pull" "$LOGIN_CONFIG" \
        "$("login_pull_$client" "$name:1" 2>&1 | tail -n 1)"
    check_refused "login, $what: what is not there" "$LOGIN_MISSING" \
        "login_pull_$client" "$name:absent"
}


# login_user MODE
login_user()
{
    case $1 in
    own-*) echo guest ;;
    *) echo "$USER_NAME" ;;
    esac
}


# login_sign MODE: the list of what cosign has pushed.
login_sign()
{
    local mode=$1 image how

    image=$(front_address "login-$mode")/$mode/cosign:1
    LOGIN_DIR=$WORK/login/$mode-cosign

    for how in legacy oci-1-1; do
        check "login, cosign, $mode: sign, $how" login_cosign_sign \
            "$image" "$how"
        check "login, cosign, $mode: verify, $how" login_cosign_verify \
            "$image" "$how"
    done
}


# The front's own password is wrong: that is no absence, and nobody who asks is
# to blame.
login_wrong()
{
    local mode=$1 url

    url=https://$(front_address "login-wrong-$mode")/v2/$mode/crane

    check_equal "login, $mode: the front's own password is wrong" 502 \
        "$(curl -sS --cacert "$WORK/tls/ca.crt" -u "guest:$PASSWORD" \
            --max-time 60 -o "$WORK/login/answer" -w '%{http_code}' \
            "$url/manifests/absent" 2>&1)"
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
