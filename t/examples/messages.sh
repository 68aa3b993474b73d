# shellcheck shell=bash
#
# What clients print when something is wrong: each is made wrong here, and
# what is seen stands in README.md, where people look it up.  Goes on where
# clients.sh ends: the front, containerd and dockerd run, and the user has
# logged in with podman and docker.


examples_messages()
{
    if ! messages_start; then
        not_ok "messages: the stage is set"
        return
    fi

    messages_platforms
    messages_tags
    messages_passwords
    messages_tls
    messages_sources
    messages_pushes
    check_none "messages: no alert in nginx's error log" \
        "$(nginx_alerts "$WORK/front/error.log" "$WORK/messages/error.log")"
}


# Fronts, each as HOST.example.com:8443, and one without TLS.
messages_start()
{
    # shellcheck disable=SC2153
    image_push "$WORK/image-amd64" "127.0.0.1:${PORT[amd64]}/$NAME:amd64-only" \
        || return 1

    port_new "PORT[429]"
    port_new "PORT[503]"
    mkdir -p "$WORK/messages"
    messages_conf > "$WORK/messages/nginx.conf"
    nginx_start messages 8443
}


# Registries that refuse, and fronts of them.
messages_conf()
{
    local at=http://127.0.0.1:

    front_preamble "$WORK/messages"
    cat << EOT
    ssl_certificate     $WORK/tls/private/server.crt;
    ssl_certificate_key $WORK/tls/private/server.key;
    mlist_auth          nginx;
    mlist_store         $WORK/messages/store;

    server { listen 127.0.0.1:${PORT[429]}; location / { return 429; } }
    server { listen 127.0.0.1:${PORT[503]}; location / { return 503; } }
EOT
    messages_server limited "8443 ssl" "mlist_source $at${PORT[429]};"
    messages_server failing "8443 ssl" "mlist_source $at${PORT[503]};"
    messages_server named "8443 ssl" \
        "mlist_source $at${PORT[amd64]}; mlist_names ~^other/;"
    messages_server plain 8080 "mlist_source $at${PORT[amd64]};"
    echo "}"
}


# messages_server NAME LISTEN DIRECTIVES
messages_server()
{
    cat << EOT

    server {
        listen $2;
        server_name $1.example.com;

        location /v2/ {
            $3
            proxy_pass \$mlist_upstream;
        }
    }
EOT
}


# message TEXT COMMAND...: COMMAND fails, what it prints has TEXT, and so has
# README.md.
message()
{
    local text=$1 what=$2 seen

    shift
    what=${what#messages_}

    if seen=$("$@" 2>&1); then
        not_ok "messages, $what: $text" "it succeeds: $seen"
    elif ! grep -qF -- "$text" <<< "$seen"; then
        not_ok "messages, $what: $text" "it prints: $seen"
    elif ! grep -qF -- "$text" "$ROOT/README.md"; then
        not_ok "messages, $what: $text" "README.md does not have it"
    else
        ok "messages, $what: $text"
    fi
}


messages_docker()
{
    docker_here "$@"
}


messages_podman()
{
    clients_podman_as_user "$@"
}


messages_ctr()
{
    ctr_here images pull --snapshotter native \
        --hosts-dir /etc/containerd/certs.d "$@"
}


messages_crane()
{
    messages_crane_of "$WORK/docker" "$@"
}


# messages_crane_of DIR ARGUMENT...: with the logins that are in DIR.
messages_crane_of()
{
    DOCKER_CONFIG=$1 SSL_CERT_FILE=$WORK/tls/ca.crt "$CRANE" "${@:2}"
}


messages_platforms()
{
    local image=$TRIAL_HOST/$NAME:amd64-only platform=linux/arm/v7

    message \
        "no matching manifest for linux/arm/v7 in the manifest list entries" \
        messages_docker pull --platform "$platform" "$image"
    message "no image found in image index for architecture" \
        messages_podman pull --platform "$platform" "$image"
    message "no match for platform in manifest" \
        messages_ctr --user "$USER_NAME:$PASSWORD" --platform "$platform" \
            "$image"
    message "no child with platform linux/arm/v7 in index" \
        messages_crane pull --platform "$platform" "$image" "$WORK/nothing"
}


messages_tags()
{
    local image=$TRIAL_HOST/$NAME:nowhere named=named.example.com:8443/$NAME:1

    message "manifest unknown: manifest unknown" messages_docker pull "$image"
    message "manifest unknown" messages_podman pull "$image"
    message ": not found" \
        messages_ctr --user "$USER_NAME:$PASSWORD" "$image"
    message "MANIFEST_UNKNOWN: manifest unknown" messages_crane digest "$image"
    message "repository name not known to registry" \
        messages_docker pull "$named"
    message "NAME_UNKNOWN" messages_crane manifest "$named"
}


messages_passwords()
{
    local image=$TRIAL_HOST/$NAME:$TAG

    message "failed with status: 401 Unauthorized" \
        messages_docker login -u "$USER_NAME" -p wrong "$TRIAL_HOST"
    message "no basic auth credentials" \
        messages_docker --config "$WORK/nobody" pull "$image"
    message "unauthorized" \
        messages_podman pull --creds "$USER_NAME:wrong" "$image"
    message "401 Unauthorized" messages_ctr "$image"
    message "UNAUTHORIZED: authentication required" \
        messages_crane_of "$WORK/nobody" manifest "$image"
}


messages_tls()
{
    local plain=plain.example.com:8080/$NAME:$TAG image=$TRIAL_HOST/$NAME:$TAG

    message "http: server gave HTTP response to HTTPS client" \
        messages_docker pull "$plain"
    message "http: server gave HTTP response to HTTPS client" \
        messages_podman pull "$plain"
    message "http: server gave HTTP response to HTTPS client" \
        messages_ctr "$plain"
    rm -r "/etc/containers/certs.d/$TRIAL_HOST" /etc/containerd/certs.d
    message "x509: certificate signed by unknown authority" \
        messages_podman pull "$image"
    message "x509: certificate signed by unknown authority" \
        messages_ctr "$image"
}


messages_sources()
{
    local limited=limited.example.com:8443/$NAME:$TAG
    local failing=failing.example.com:8443/$NAME:$TAG

    message "toomanyrequests: too many requests" messages_docker pull "$limited"
    message "TOOMANYREQUESTS" messages_crane manifest "$limited"
    message "received unexpected HTTP status: 502 Bad Gateway" \
        messages_docker pull "$failing"
    message "UNAVAILABLE: service unavailable" \
        messages_crane manifest "$failing"
}


messages_pushes()
{
    message "this front has no registry to push to" messages_crane copy \
        "127.0.0.1:${PORT[amd64]}/$NAME:$TAG" "$TRIAL_HOST/$NAME:pushed"
}
