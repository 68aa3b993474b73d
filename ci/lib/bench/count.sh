# shellcheck shell=bash
#
# Counts instructions: an nginx under callgrind, one process, and the
# difference between two numbers of requests, so that starting and ending do
# not count.

COUNT_REQUESTS=2000


# count_instructions NAME URL: those that a GET costs the server of that
# configuration; the profile is kept as $BUILD_ROOT/callgrind.NAME.
count_instructions()
{
    local few many

    few=$(count_run "$1" "$2" "$COUNT_REQUESTS") || return 1
    many=$(count_run "$1" "$2" $((2 * COUNT_REQUESTS))) || return 1

    awk -v few="$few" -v many="$many" -v n="$COUNT_REQUESTS" \
        'BEGIN { printf "%.0f\n", (many - few) / n }'
}


# The server itself stops for that long; one connection, kept alive.
count_run()
{
    local name=$1 url=$2 requests=$3 out=$BUILD_ROOT/callgrind.$1

    proc_stop "$name"
    rm -f "$out"
    proc_start "$name" valgrind --tool=callgrind --callgrind-out-file="$out" \
        "$NGINX_BINARY" -p "$WORK/$name/" -c "$WORK/$name/nginx.conf" \
        -e "$WORK/$name/error.log" -g "daemon off; master_process off;"
    proc_ready "$name" 60 port_taken "${PORT[$name]}" || return 1

    ab -q -k -c 1 -n "$requests" -H "Accept: $BENCH_ACCEPT" "$url" \
        > "$WORK/ab" 2>&1

    if ! grep -q "^Complete requests: *$requests\$" "$WORK/ab"; then
        cat "$WORK/ab" >&2
        return 1
    fi

    proc_stop "$name"
    nginx_start "$name" "${PORT[$name]}" || return 1

    sed -n 's/^summary: //p; s/^totals: //p' "$out" | head -n 1
}
