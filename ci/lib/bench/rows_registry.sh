# shellcheck shell=bash
#
# Rows beside docker-registry, which serves the very list that was pushed to
# it, and rows in which the sources are asked each time.

REGISTRY_NAME=bench/app


# docker-registry with the list of the front "hit", children and blobs too.
registry_begin()
{
    local arch

    [ -z "${PORT[registry]-}" ] || return 0

    hit_begin
    port_new "PORT[registry]"
    REGISTRY_URL=http://127.0.0.1:${PORT[registry]}/v2/$REGISTRY_NAME
    registry_start registry "${PORT[registry]}"

    for arch in amd64 arm; do
        registry_child "$arch"
    done

    registry_put manifests "$HIT_TAG" "$HIT_TYPE" "$WORK/hit.body"
}


# registry_child ARCH: copied from the source, as a client pushes it.
registry_child()
{
    local from=http://127.0.0.1:${PORT[$1]}/v2/$REGISTRY_NAME digest

    curl -sf -o "$WORK/child" "$from/manifests/$HIT_TAG"

    for digest in $(jq -r '.config, .layers[] | .digest' "$WORK/child"); do
        curl -sf -o "$WORK/layer" "$from/blobs/$digest"
        registry_blob "$digest" "$WORK/layer"
    done

    digest=sha256:$(sha256sum "$WORK/child" | cut -d ' ' -f 1)
    registry_put manifests "$digest" "$(jq -r .mediaType "$WORK/child")" \
        "$WORK/child"
}


registry_blob()
{
    local to

    to=$(curl -sf -X POST -D - -o /dev/null "$REGISTRY_URL/blobs/uploads/" \
             | sed -n 's/^Location: //Ip' | tr -d '\r')
    curl -sf -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' \
        --data-binary "@$2" "$to&digest=$1"
}


# registry_put manifests REFERENCE TYPE FILE
registry_put()
{
    curl -sf -o /dev/null -X PUT -H "Content-Type: $3" --data-binary "@$4" \
        "$REGISTRY_URL/$1/$2"
}


registry_get()
{
    load_wrk "$(proc_pid registry)" "$REGISTRY_URL/manifests/$HIT_TAG"
}


row_registry()
{
    registry_begin
    compare hit_by_tag registry_get
    result registry "list by tag, HIT" "docker-registry, the list pushed" \
        "requests/s" '>=' 50
}


# A front that asks each time.
asked_begin()
{
    [ -z "${PORT[asked]-}" ] || return 0

    server_source
    server_front asked "mlist_auth nginx; mlist_valid 0;" amd64 arm
    server_lua lua-asked 0 amd64 arm

    cat > "$WORK/tags.lua" << 'EOT'
local n = 0

function request()
    n = n % 32 + 1
    return wrk.format("GET", "/v2/bench/app/manifests/tag" .. n)
end
EOT
}


asked_tags()
{
    load_wrk "$(server_worker asked)" "http://127.0.0.1:${PORT[asked]}/" \
        -s "$WORK/tags.lua"
}


lua_asked_tags()
{
    load_wrk "$(server_worker lua-asked)" \
        "http://127.0.0.1:${PORT[lua-asked]}/" -s "$WORK/tags.lua"
}


asked_one()
{
    load_wrk "$(server_worker asked)" \
        "http://127.0.0.1:${PORT[asked]}/v2/$REGISTRY_NAME/manifests/$HIT_TAG"
}


row_asked()
{
    asked_begin
    compare asked_tags lua_asked_tags
    result asked "asked each time, 32 clients on 32 tags" "a Lua script" \
        "requests/s" '>=' 1.5
}


row_asked_one()
{
    registry_begin
    asked_begin
    compare asked_one registry_get
    result asked-one "asked each time, 32 clients on one tag" \
        "docker-registry, the list pushed" "requests/s" '>=' 8
}
