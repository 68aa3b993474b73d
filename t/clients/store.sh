# shellcheck shell=bash
#
# docker-registry as the store of fronts that share no disk: what one of them
# has announced by HEAD of the tag, each other gives by its digest, after all
# of them have been killed, and after the registry has collected its garbage.


client_store()
{
    local front

    port_new "PORT[lists]"
    registry_start lists "${PORT[lists]}"

    for front in front-a front-b front-c; do
        port_new "PORT[$front]"
        store_front "$front"
    done

    nginx_start front-a "${PORT[front-a]}" || return 1
    nginx_start front-b "${PORT[front-b]}" || return 1

    store_shared
    store_ordinary
    store_restart
    store_replaced
    store_garbage
    store_hidden
    store_down

    for front in front-a front-b front-c; do
        check_none "store: no alert in the error log of $front" \
            "$(nginx_alerts "$WORK/$front/error.log")"
    done
}


# One configuration, but for where it runs.
store_front()
{
    local dir=$WORK/$1

    mkdir -p "$dir"
    front_preamble "$dir" > "$dir/nginx.conf"
    cat >> "$dir/nginx.conf" << EOT
    upstream lists { server 127.0.0.1:${PORT[lists]}; keepalive 8; }

    server {
        listen 127.0.0.1:${PORT[$1]};

        location /v2/ {
            mlist_auth   nginx;
            mlist_store  http://lists/front/mlist-store;
            mlist_source http://127.0.0.1:${PORT[amd64]};
            mlist_source http://127.0.0.1:${PORT[arm]};
            proxy_pass   \$mlist_upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
        }
    }
}
EOT
}


store_shared()
{
    STORE_DIGEST=$(store_head front-a)

    check_equal "store: one front has the digest, another the list" \
        "$STORE_DIGEST" "$(store_list front-b)"
    check_equal "store: both announce one digest" "$STORE_DIGEST" \
        "$(store_head front-b)"
    check_equal "store: HEAD of the list equals GET" "$STORE_DIGEST" \
        "$(store_head front-b "$STORE_DIGEST")"
}


# Any client can copy what the registry holds.
store_ordinary()
{
    local tag

    tag=$(store_tags | grep "^${STORE_DIGEST#sha256:}-")

    check "store: skopeo copies a stored list as an image" \
        skopeo copy --quiet --insecure-policy --src-tls-verify=false \
        "docker://127.0.0.1:${PORT[lists]}/front/mlist-store:$tag" \
        "dir:$WORK/stored"
    check_equal "store: its one layer is the list" "$STORE_DIGEST" \
        "$(image_digest "$WORK/stored/${STORE_DIGEST#sha256:}")"
}


store_restart()
{
    proc_kill front-a
    nginx_start front-a "${PORT[front-a]}" || return 1

    check_equal "store: after kill -9, with an empty zone" "$STORE_DIGEST" \
        "$(store_list front-a)"
}


store_replaced()
{
    proc_stop front-a
    proc_kill front-b
    nginx_start front-c "${PORT[front-c]}" || return 1

    check_equal "store: a third front after both are gone" "$STORE_DIGEST" \
        "$(store_list front-c)"
}


store_garbage()
{
    proc_stop lists
    check "store: the registry collects its garbage" \
        docker-registry garbage-collect --delete-untagged \
        "$WORK/registry-lists/config.yml"
    registry_start lists "${PORT[lists]}"

    proc_stop front-c
    nginx_start front-c "${PORT[front-c]}" || return 1

    check_equal "store: the list is still there" "$STORE_DIGEST" \
        "$(store_list front-c)"
}


store_hidden()
{
    check_equal "store: its repository is served to nobody" 404 \
        "$(store_status front-c front/mlist-store/tags/list)"
}


# Neither "no such image" nor a digest that cannot be read again.
store_down()
{
    proc_stop lists
    proc_stop front-c
    nginx_start front-c "${PORT[front-c]}" || return 1

    check_equal "store: a store that is down is no miss" 503 \
        "$(store_status front-c "$NAME/manifests/$STORE_DIGEST")"
    check_equal "store: nothing is announced that is not kept" 503 \
        "$(store_status front-c "$NAME/manifests/$TAG")"

    registry_start lists "${PORT[lists]}"

    check_equal "store: then it is up again" "$STORE_DIGEST" \
        "$(store_list front-c)"
}


store_tags()
{
    curl -sS "http://127.0.0.1:${PORT[lists]}/v2/front/mlist-store/tags/list" \
        | jq -r '.tags[]'
}


# store_head FRONT [REFERENCE]: the digest that HEAD gives.
store_head()
{
    curl -sS -I --max-time 60 \
        "http://127.0.0.1:${PORT[$1]}/v2/$NAME/manifests/${2:-$TAG}" 2>&1 \
        | tr -d '\r' | sed -n 's/^docker-content-digest: //Ip'
}


# store_list FRONT: the digest of what it gives for that digest.
store_list()
{
    curl -sS --max-time 60 -o "$WORK/stored-list" \
        "http://127.0.0.1:${PORT[$1]}/v2/$NAME/manifests/$STORE_DIGEST" \
        && image_digest "$WORK/stored-list"
}


# store_status FRONT PATH
store_status()
{
    curl -sS --max-time 60 -o /dev/null -w '%{http_code}' \
        "http://127.0.0.1:${PORT[$1]}/v2/$2" 2>&1
}
