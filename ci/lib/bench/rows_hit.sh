# shellcheck shell=bash
#
# Rows of lists that are known: by tag, by digest, HEAD; and what such an
# answer costs in instructions.

HIT_TAG=hot


# The front "hit" with a list that is fresh, and nginx's "return 200" of it.
hit_begin()
{
    [ -z "${HIT_READY-}" ] || return 0

    server_source
    server_front hit "mlist_auth nginx; mlist_valid 60s;" amd64 arm
    HIT_URL=http://127.0.0.1:${PORT[hit]}/v2/bench/app/manifests
    hit_fetch

    server_return return "$WORK/hit.body" "$HIT_TYPE" "$HIT_DIGEST"
    RETURN_URL=http://127.0.0.1:${PORT[return]}/v2/bench/app/manifests
    hit_same_headers

    HIT_READY=1
}


# The list, and what its headers say.
hit_fetch()
{
    curl -sf -D "$WORK/hit.headers" -o "$WORK/hit.body" \
        -H "Accept: $BENCH_ACCEPT" "$HIT_URL/$HIT_TAG"
    HIT_TYPE=$(hit_header "$WORK/hit.headers" Content-Type)
    HIT_DIGEST=$(hit_header "$WORK/hit.headers" Docker-Content-Digest)
}


hit_header()
{
    sed -n "s/^$2: //Ip" "$1" | tr -d '\r'
}


# The reference sends the same names of headers, and the same bytes.
hit_same_headers()
{
    curl -sf -D "$WORK/return.headers" -o "$WORK/return.body" \
        "$RETURN_URL/$HIT_TAG"
    cmp "$WORK/hit.body" "$WORK/return.body"

    if ! diff <(hit_names "$WORK/hit.headers") \
              <(hit_names "$WORK/return.headers")
    then
        echo "bench: the reference has other headers" >&2
        return 1
    fi
}


hit_names()
{
    sed 1d "$1" | cut -d : -f 1 | sort
}


hit_by_tag()
{
    load_wrk "$(server_worker hit)" "$HIT_URL/$HIT_TAG"
}


hit_by_digest()
{
    load_wrk "$(server_worker hit)" "$HIT_URL/$HIT_DIGEST"
}


hit_head()
{
    load_head "$(server_worker hit)" "$HIT_URL/$HIT_TAG"
}


return_get()
{
    load_wrk "$(server_worker return)" "$RETURN_URL/$HIT_TAG"
}


return_head()
{
    load_head "$(server_worker return)" "$RETURN_URL/$HIT_TAG"
}


row_hit()
{
    hit_begin
    compare_alone hit_by_tag return_get
    result hit "list by tag, HIT" "return 200" "requests/s" '>=' 0.90
}


row_digest()
{
    hit_begin
    compare_alone hit_by_digest return_get
    result digest "list by digest" "return 200" "requests/s" '>=' 0.90
}


row_head()
{
    hit_begin
    compare hit_head return_head
    result head "HEAD by tag, HIT" "return 200" "requests/s" '>=' 0.90
}


row_lua()
{
    hit_begin
    server_lua lua 60 amd64 arm
    compare_alone hit_by_tag lua_get
    result lua "list by tag, HIT" "a Lua script" "requests/s" '>=' 1.1
}


lua_get()
{
    load_wrk "$(server_worker lua)" \
        "http://127.0.0.1:${PORT[lua]}/v2/bench/app/manifests/$HIT_TAG"
}


row_instructions()
{
    hit_begin
    echo "$(count_instructions hit "$HIT_URL/$HIT_TAG") 0" \
         "$(count_instructions return "$RETURN_URL/$HIT_TAG") 0" \
        > "$WORK/samples"
    result instructions "instructions of a HIT" "return 200" "by callgrind" \
        '<=' 1.5
}
