# shellcheck shell=bash
#
# Load and what it costs: runs wrk, ab or h2load for a while and tells, as
# "RATE WALL", requests per second of the server's CPU time (user and system,
# from /proc) and of the clock.  It knows nothing of rows.

BENCH_SECONDS=${BENCH_SECONDS:-1}
BENCH_CLIENTS=32


# load_cpu PID: microseconds of CPU time so far, of all its threads; in ticks
# of the clock where the kernel has it no finer.
load_cpu()
{
    if [ -r "/proc/$1/schedstat" ]; then
        awk '{ n += $1 } END { printf "%.0f\n", n / 1000 }' \
            "/proc/$1"/task/*/schedstat
        return
    fi

    sed 's/.*) //' "/proc/$1/stat" | awk -v hz="$(getconf CLK_TCK)" \
        '{ printf "%.0f\n", ($12 + $13) * 1000000 / hz }'
}


# load_wrk PID URL [OPTION...]: what it costs a new worker to map its memory
# does not count, unless BENCH_WARM is 0; the same for load_head.
load_wrk()
{
    local pid=$1 url=$2 before after

    shift 2

    [ "${BENCH_WARM:-1}" -eq 0 ] || load_wrk_for 1 "$url" "$@"
    before=$(load_cpu "$pid")
    load_wrk_for "$BENCH_SECONDS" "$url" "$@"
    after=$(load_cpu "$pid")

    if grep -qE 'Non-2xx|Socket errors' "$WORK/wrk"; then
        echo "wrk $url:" >&2
        cat "$WORK/wrk" >&2
        return 1
    fi

    awk -v us="$((after - before))" '
        / requests in / { n = $1 }
        /^Requests\/sec/ { wall = $2 }
        END { printf "%.1f %.1f\n", n * 1e6 / (us ? us : 1), wall }
    ' "$WORK/wrk"
}


# load_wrk_for SECONDS URL [OPTION...]
load_wrk_for()
{
    local seconds=$1 url=$2

    shift 2
    wrk -t1 -c"$BENCH_CLIENTS" -d"${seconds}s" \
        -H "Accept: $BENCH_ACCEPT" "$@" "$url" > "$WORK/wrk" 2>&1
}


# load_head PID URL: HEAD, by ab: wrk waits for a body.
load_head()
{
    local pid=$1 url=$2 before after

    [ "${BENCH_WARM:-1}" -eq 0 ] || load_ab_for 1 "$url" -i
    before=$(load_cpu "$pid")
    load_ab_for "$BENCH_SECONDS" "$url" -i
    after=$(load_cpu "$pid")

    if ! grep -q '^Complete requests' "$WORK/ab" \
       || grep -q '^Non-2xx' "$WORK/ab"
    then
        echo "ab $url:" >&2
        cat "$WORK/ab" >&2
        return 1
    fi

    awk -v us="$((after - before))" '
        /^Complete requests/ { n = $3 }
        /^Requests per second/ { wall = $4 }
        END { printf "%.1f %.1f\n", n * 1e6 / (us ? us : 1), wall }
    ' "$WORK/ab"
}


# load_ab_for SECONDS URL [OPTION...]
load_ab_for()
{
    local seconds=$1 url=$2

    shift 2
    ab -q -k -c "$BENCH_CLIENTS" -t "$seconds" -n 100000000 \
        -H "Accept: $BENCH_ACCEPT" "$@" "$url" > "$WORK/ab" 2>&1
}
