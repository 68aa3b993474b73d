# shellcheck shell=bash
#
# 5,000 tags at each of two registries, and 10,000 suffixed ones at a third:
# curl page by page and as a whole, and clients that follow Link by themselves,
# must find exactly the union.

TAGS_NAME=common/many


client_tags()
{
    local front tool

    tags_expected > "$WORK/tags-expected"
    tags_fill amd64 v 1 5000
    tags_fill arm v 2501 7500
    tags_fill both v 1 5000 -amd64
    tags_fill both v 2501 7500 -arm

    docker_config "$WORK/tags"

    for front in two suffixed; do
        tags_curl "$front" 1 tags/list
        tags_curl "$front" 8 'tags/list?n=999'
        tags_curl "$front" 2 'tags/list?n=7499'
        tags_skopeo "$front"

        for tool in crane/sid oras/trixie; do
            if tool=$(packages_tool "$tool"); then
                tags_tool "$front" "$tool"
            else
                not_ok "what lists tags is installed: $tool"
            fi
        done
    done
}


tags_expected()
{
    seq -f 'v%.0f' 1 7500 | LC_ALL=C sort
}


# tags_fill REGISTRY PREFIX FIRST LAST [SUFFIX]: tags that are listed, but
# lead to nothing, as directories of the registry's storage.
tags_fill()
{
    local dir=$WORK/registry-$1/storage/docker/registry/v2/repositories

    dir=$dir/$TAGS_NAME/_manifests/tags
    mkdir -p "$dir"
    (cd "$dir" && seq -f "$2%.0f${5-}" "$3" "$4" | xargs mkdir)
}


# tags_same WHAT: the lines of the file "tags-got" are the union, in order.
tags_same()
{
    check "$1: exactly the union" \
        diff "$WORK/tags-expected" "$WORK/tags-got"
}


# tags_curl FRONT PAGES PATH: that page, and those that Link leads to.
tags_curl()
{
    local front=$1 expected=$2 path=$3 pages=0 url

    url=https://$(front_address "$front")

    : > "$WORK/tags-got"
    path=/v2/$TAGS_NAME/$path
    while [ -n "$path" ] && [ "$pages" -lt 20 ]; do
        curl -sS --cacert "$WORK/tls/ca.crt" -u "$USER_NAME:$PASSWORD" \
            --max-time 60 -D "$WORK/tags-head" "$url$path" \
            | jq -r '.tags[]' >> "$WORK/tags-got"
        path=$(tr -d '\r' < "$WORK/tags-head" \
            | sed -n 's|^link: <\(/.*\)>; rel="next"$|\1|Ip')
        pages=$((pages + 1))
    done

    check_equal "curl $3, $front: pages" "$expected" "$pages"
    tags_same "curl $3, $front"
}


tags_skopeo()
{
    local image

    image=$(front_address "$1")/$TAGS_NAME

    skopeo list-tags --creds "$USER_NAME:$PASSWORD" \
        --cert-dir "$WORK/tls" "docker://$image" 2>&1 \
        | jq -r '.Tags[]' > "$WORK/tags-got" 2>&1
    tags_same "skopeo list-tags, $1"
}


# tags_tool FRONT PROGRAM: "crane ls" or "oras repo tags".
tags_tool()
{
    local words=(ls)

    [ "${2##*/}" = crane ] || words=(repo tags)

    DOCKER_CONFIG=$WORK/tags SSL_CERT_FILE=$WORK/tls/ca.crt "$2" \
        "${words[@]}" "$(front_address "$1")/$TAGS_NAME" \
        > "$WORK/tags-got" 2>&1
    tags_same "${2##*/} ${words[*]}, $1"
}
