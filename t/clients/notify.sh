# shellcheck shell=bash
#
# docker-registry as a client: it posts its notifications to mlist_notify,
# with a password, while lists count as fresh for an hour.  A push by skopeo
# or crane, and a delete, must be in the first pull after its event; and the
# list is published in that registry, the events of which are no news.


client_notify()
{
    local dir=$WORK/noted

    front_users "$WORK/events.htpasswd" registry 'posts events'
    port_new "PORT[noted]"
    port_new "PORT[notes]"
    notify_registry
    notify_front "$dir"
    nginx_start noted "${PORT[noted]}" || return 1

    notify_push skopeo "$TAG" notify_skopeo
    notify_push crane from-crane notify_crane
    notify_published
    notify_delete
    notify_published

    check_none "notify: no alert in nginx's error log" \
        "$(nginx_alerts "$dir/error.log")"
    check "notify: nothing was posted in vain" \
        notify_none 'mlist_notify refused\|password mismatch'
}


# A registry that tells the front "noted".
notify_registry()
{
    local dir=$WORK/registry-notes

    mkdir -p "$dir/storage"
    {
        registry_config "$dir/storage" "${PORT[notes]}" ''
        cat << EOT
notifications:
  endpoints:
    - name: front
      url: http://127.0.0.1:${PORT[noted]}/events
      headers:
        Authorization: [Basic $(printf 'registry:posts events' | base64)]
      timeout: 1s
      threshold: 5
      backoff: 1s
      ignore:
        actions: [pull]
        mediatypes: [application/octet-stream]
EOT
    } > "$dir/config.yml"

    proc_start notes docker-registry serve "$dir/config.yml"
    proc_ready notes 20 registry_answers "${PORT[notes]}"
}


notify_front()
{
    mkdir -p "$1"
    front_preamble "$1" > "$1/nginx.conf"
    cat >> "$1/nginx.conf" << EOT
    upstream notes { server 127.0.0.1:${PORT[notes]}; keepalive 8; }

    server {
        listen 127.0.0.1:${PORT[noted]};
        client_max_body_size 0;

        location /v2/ {
            mlist_auth   nginx;
            mlist_store  $1/store;
            mlist_valid  1h;
            mlist_publish on;
            mlist_source http://notes tag=*-amd64;
            mlist_source http://notes tag=*-arm platform=linux/arm/v7;
            proxy_pass   \$mlist_upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }

        location = /events {
            mlist_htpasswd $WORK/events.htpasswd;
            mlist_notify;
        }
    }
}
EOT
}


# notify_push WHAT TAG COMMAND: COMMAND ARCH TAG pushes to the registry.
notify_push()
{
    local what=$1 tag=$2 push=$3

    check "notify: $what pushes for amd64" "$push" amd64 "$tag-amd64"
    check "notify, $what: the event of it has come" notify_seen "$tag-amd64"
    check_equal "notify, $what: then it is pulled" "linux/amd64" \
        "$(notify_platforms "$tag")"

    check "notify: $what pushes for arm" "$push" arm "$tag-arm"
    check "notify, $what: the event of that has come" notify_seen "$tag-arm"
    check_equal "notify, $what: then both are pulled" \
        "linux/amd64 linux/arm/v7" "$(notify_platforms "$tag")"
}


notify_skopeo()
{
    image_push "$(image_dir suffixed "$1")" \
        "127.0.0.1:${PORT[notes]}/$NAME:$2" v2s2
}


notify_crane()
{
    local crane

    crane=$(packages_tool crane/sid) || return 1
    "$crane" copy --insecure "127.0.0.1:${PORT[notes]}/$NAME:$TAG-$1" \
        "127.0.0.1:${PORT[notes]}/$NAME:$2"
}


# Its event names the digest alone, and then each tag.
notify_delete()
{
    local digest

    digest=$(pushed suffixed arm manifest)

    check_equal "notify: the registry deletes the manifest for arm" 202 \
        "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE \
            "http://127.0.0.1:${PORT[notes]}/v2/$NAME/manifests/$digest")"
    check "notify: the event of it has come" \
        notify_logged "mlist delete of \"$NAME@$digest\""
    check_equal "notify: then it is pulled no more" "linux/amd64" \
        "$(notify_platforms "$TAG")"
}


# What the registry itself holds under the tag is what the front gives.
notify_published()
{
    check "notify: the registry has the list under its tag" \
        wait_for 20 notify_same
}


notify_same()
{
    local digest

    digest=$(notify_digest noted)
    [ -n "$digest" ] && [ "$(notify_digest notes)" = "$digest" ]
}


notify_digest()
{
    curl -s -o /dev/null -I \
        -H 'Accept: application/vnd.docker.distribution.manifest.list.v2+json' \
        -w '%header{docker-content-digest}' \
        "http://127.0.0.1:${PORT[$1]}/v2/$NAME/manifests/$TAG"
}


# The platforms that a pull of the tag sees, on one line.
notify_platforms()
{
    skopeo inspect --raw --tls-verify=false \
        "docker://127.0.0.1:${PORT[noted]}/$NAME:$1" 2>&1 \
        | pull_platforms | sed 's/ .*//' | paste -s -d ' ' -
}


notify_seen()
{
    notify_logged "mlist push of \"$NAME:$1\""
}


notify_logged()
{
    wait_for 20 grep -aF "$1" "$WORK/noted/error.log"
}


notify_none()
{
    ! grep "$1" "$WORK/noted/error.log"
}
