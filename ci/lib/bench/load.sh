# shellcheck shell=bash
#
# Load and what it costs: runs wrk, ab or h2load for a while and tells, as
# "RATE WALL", requests per second of the server's CPU time (user and system,
# from /proc) and of the clock.  It knows nothing of rows.

BENCH_SECONDS=${BENCH_SECONDS:-2}
BENCH_CLIENTS=32


# load_cpu PID: clock ticks of CPU time so far.
load_cpu()
{
    sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}


# load_wrk PID URL [OPTION...]
load_wrk()
{
    local pid=$1 url=$2 before after

    shift 2

    before=$(load_cpu "$pid")
    wrk -t1 -c"$BENCH_CLIENTS" -d"${BENCH_SECONDS}s" \
        -H "Accept: $BENCH_ACCEPT" "$@" "$url" > "$WORK/wrk" 2>&1
    after=$(load_cpu "$pid")

    if grep -qE 'Non-2xx|Socket errors' "$WORK/wrk"; then
        echo "wrk $url:" >&2
        cat "$WORK/wrk" >&2
        return 1
    fi

    awk -v ticks="$((after - before))" -v hz="$(getconf CLK_TCK)" '
        / requests in / { n = $1 }
        /^Requests\/sec/ { wall = $2 }
        END { printf "%.1f %.1f\n", n * hz / (ticks ? ticks : 1), wall }
    ' "$WORK/wrk"
}


# load_head PID URL: HEAD, by ab: wrk waits for a body.
load_head()
{
    local pid=$1 url=$2 before after

    before=$(load_cpu "$pid")
    ab -q -i -k -c "$BENCH_CLIENTS" -t "$BENCH_SECONDS" -n 100000000 \
        -H "Accept: $BENCH_ACCEPT" "$url" > "$WORK/ab" 2>&1
    after=$(load_cpu "$pid")

    if ! grep -q '^Complete requests' "$WORK/ab" \
       || grep -q '^Non-2xx' "$WORK/ab"
    then
        echo "ab $url:" >&2
        cat "$WORK/ab" >&2
        return 1
    fi

    awk -v ticks="$((after - before))" -v hz="$(getconf CLK_TCK)" '
        /^Complete requests/ { n = $3 }
        /^Requests per second/ { wall = $4 }
        END { printf "%.1f %.1f\n", n * hz / (ticks ? ticks : 1), wall }
    ' "$WORK/ab"
}
