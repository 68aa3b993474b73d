# shellcheck shell=bash
#
# curl, where the exact answer matters: a pin that outlives nginx, blobs byte
# for byte, a source that has died, and the price of a bcrypt password.


client_curl()
{
    local front

    for front in two suffixed; do
        curl_head_is_get "$front"
        curl_blobs "$front" amd64
        curl_blobs "$front" arm
        curl_range "$front" amd64
        curl_unknown_tag "$front"
        curl_tags "$front"
        curl_catalog "$front"
        curl_wrong_password "$front"
        curl_bcrypt "$front"
        curl_restart "$front"
    done

    curl_dead_source two arm cold
    curl_dead_source two arm cold-amd64-only
    curl_dead_source suffixed both cold
}


# curl_status FRONT PATH [OPTION...]
curl_status()
{
    curl_front "$@" -o /dev/null -w '%{http_code}' 2>&1
}


curl_head_is_get()
{
    local front=$1 head

    head=$(curl_digest "$front")
    check_equal "HEAD and GET of the tag, $front: digest" "$head" \
        "$(curl_front "$front" "manifests/$TAG" > "$WORK/list" \
               && image_digest "$WORK/list")"
}


curl_blobs()
{
    local front=$1 arch=$2 fact digest

    for fact in config layer; do
        digest=$(pushed "$front" "$arch" "$fact")
        check_equal "blob, $front, $arch: $fact" "$digest" \
            "$(curl_front "$front" "blobs/$digest" > "$WORK/blob" \
                   && image_digest "$WORK/blob")"
    done
}


curl_range()
{
    local front=$1 arch=$2 digest file

    digest=$(pushed "$front" "$arch" layer)
    file=$(image_dir "$front" "$arch")/blobs/sha256/${digest#sha256:}

    check_equal "blob with Range, $front: status" 206 \
        "$(curl_front "$front" "blobs/$digest" -r 1000-2999 \
               -o "$WORK/range" -w '%{http_code}')"
    check "blob with Range, $front: bytes" \
        cmp "$WORK/range" <(tail -c +1001 "$file" | head -c 2000)
}


curl_unknown_tag()
{
    check_equal "a tag that is nowhere, $1" 404 \
        "$(curl_status "$1" manifests/no-such-tag)"
}


# Page by page, as clients read them; others may have pushed more tags.
curl_tags()
{
    local front=$1 path='tags/list?n=1' pages=0

    : > "$WORK/curl-tags"
    while [ -n "$path" ] && [ "$pages" -lt 20 ]; do
        curl_front "$front" "$path" -D "$WORK/head" | jq -r '.tags[]' \
            >> "$WORK/curl-tags"
        path=$(tr -d '\r' < "$WORK/head" \
            | sed -n 's|^link: <.*/\(tags/list.*\)>; rel="next"$|\1|Ip')
        pages=$((pages + 1))
    done

    check "the tags, $front: those that were pushed" \
        grep -qxF -e "$TAG" "$WORK/curl-tags"
    check "the tags, $front: sorted, each once" \
        env LC_ALL=C sort -c -u "$WORK/curl-tags"
    check_equal "the tags, $front: no spelling of a source" '' \
        "$(grep -E -e '-(amd64|arm)$' "$WORK/curl-tags")"
}


curl_catalog()
{
    local front=$1

    check "the catalog, $front" grep -qxF -e "$NAME" \
        <(curl -sS --cacert "$WORK/tls/ca.crt" -u "$USER_NAME:$PASSWORD" \
              --max-time 60 "https://$(front_address "$front")/v2/_catalog" \
              | jq -r '.repositories[]')
}


curl_wrong_password()
{
    check_equal "a wrong password, $1" 401 \
        "$(curl_status "$1" "manifests/$TAG" -u "$USER_NAME:wrong")"
}


# One connection, as a client's; the password is bcrypt of cost 10.
curl_bcrypt()
{
    local front=$1 begun took bad

    begun=$(date +%s%N)
    bad=$(curl_front "$front" "manifests/$TAG?[1-100]" -o /dev/null \
              -w '%{http_code}\n' 2>&1 | grep -cvx 200) || true
    took=$((($(date +%s%N) - begun) / 1000000))

    echo "# $front: 100 requests with a bcrypt password took $took ms"
    check_equal "100 requests with a bcrypt password, $front: all 200" 0 "$bad"
    check "100 requests with a bcrypt password, $front: in less than 2 s" \
        [ "$took" -lt 2000 ]
}


# What a client does that sees a digest just before nginx is killed.
curl_restart()
{
    local front=$1 digest

    digest=$(curl_digest "$front")
    proc_kill "$front"
    nginx_start "$front" "${PORT[$front]}"

    check_equal "GET by digest after kill -9 and start, $front" "$digest" \
        "$(curl_front "$front" "manifests/$digest" > "$WORK/list" \
               && image_digest "$WORK/list")"
}


# A list must never be shorter for a failure, nor absence be made of it.
curl_dead_source()
{
    local front=$1 registry=$2 tag=$3 status

    proc_kill "$registry"
    status=$(curl_status "$front" "manifests/$tag")
    registry_start "$registry" "${PORT[$registry]}"

    check "a killed source, $front, never served $tag: $status" \
        grep -qx '50[234]' <<< "$status"
}
