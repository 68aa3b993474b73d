# shellcheck shell=bash
#
# The row of a long list of tags, which is that of several registries.


# Two registries with 50,000 tags of one repository each, half of them the
# same; their storage is laid out by hand, since pushes would take minutes.
names_begin()
{
    local i port

    [ -z "${PORT[names0]-}" ] || return 0

    for i in 0 1; do
        names_storage "$WORK/registry-names$i/storage" $((i * 25000))
        port_new port
        PORT["names$i"]=$port
        registry_start "names$i" "$port"
    done

    server_front names "mlist_auth nginx;" names0 names1
}


# names_storage DIR FIRST: only the names count for a list of tags.
names_storage()
{
    local dir=$1/docker/registry/v2/repositories/bench/many/_manifests/tags

    mkdir -p "$dir"
    seq -f "$dir/v%.0f" "$2" $(($2 + 49999)) | xargs mkdir
}


names_time()
{
    awk '{ printf "%.1f %.1f\n", $1 * 1000, $1 * 1000 }'
}


# Page after page, as clients follow the links.
names_front()
{
    local base=http://127.0.0.1:${PORT[names]} path=/v2/bench/many/tags/list
    local begun=$EPOCHREALTIME

    : > "$WORK/names.json"

    while [ -n "$path" ]; do
        curl -sf -D "$WORK/names.headers" "$base$path" >> "$WORK/names.json" \
            || return 1
        path=$(sed -n 's/^Link: *<\([^>]*\)>.*/\1/Ip' "$WORK/names.headers")
    done

    echo "$EPOCHREALTIME $begun" | awk '{ print $1 - $2 }' | names_time
}


names_registries()
{
    curl -sf -w '%{time_total}\n' -o /dev/null -o /dev/null \
        "http://127.0.0.1:${PORT[names0]}/v2/bench/many/tags/list" \
        "http://127.0.0.1:${PORT[names1]}/v2/bench/many/tags/list" \
        | awk '{ t += $1 } END { print t }' | names_time
}


row_names()
{
    names_begin
    compare names_warm names_registries
    result names "tags/list of 2 x 50,000 tags" "both lists, by curl" "ms" \
        '<=' 1.5

    [ "$(grep -o '"v[0-9]*"' "$WORK/names.json" | sort -u | wc -l)" -eq 75000 ]

    server_renew || return 1
    result_value names-memory "the same: the worker's memory grows by" "MB" \
        '<=' 64 "$(names_memory)"
}


# A new worker has no memory yet.
names_warm()
{
    names_front > /dev/null || return 1
    names_front
}


names_memory()
{
    local pid before

    pid=$(server_worker names)
    before=$(server_memory "$pid" VmRSS)
    echo 5 > "/proc/$pid/clear_refs"

    for _ in 1 2 3; do
        names_front > /dev/null || return 1
    done

    echo $((($(server_memory "$pid" VmHWM) - before) / 1024))
}
