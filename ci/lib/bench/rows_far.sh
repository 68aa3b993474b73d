# shellcheck shell=bash
#
# Rows of sources that are far away: each of their answers comes so many
# milliseconds later.  What counts is the time of one client by the clock.

FAR_REQUESTS=20


# far_time URL...: the median of the seconds that one client waits for each
# of them, twice (the pair that compare takes).
far_time()
{
    curl -s -f -w '%{time_total}\n' -H "Accept: $BENCH_ACCEPT" \
        "${FAR_OPTIONS[@]}" "$@" | grep -E '^[0-9.]+$' | sort -n \
        | awk '{ t[NR] = $1 * 1000 }
               END { if (!NR) exit 1
                     m = (t[int((NR + 1) / 2)] + t[int(NR / 2) + 1]) / 2
                     printf "%.3f %.1f\n", m, m }'
}


# A directory in memory, $FAR_MEMORY.
far_memory()
{
    [ -z "${FAR_MEMORY-}" ] || return 0

    FAR_MEMORY=$WORK/memory
    mkdir -p "$FAR_MEMORY"
    mount -t tmpfs -o size=64m tmpfs "$FAR_MEMORY"
}


# far_urls BASE: as many, of which each is new.
far_urls()
{
    local i

    FAR_SERIAL=$(($(cat "$WORK/serial" 2> /dev/null || echo 0) + 1))
    echo "$FAR_SERIAL" > "$WORK/serial"

    for ((i = 0; i < FAR_REQUESTS; i++)); do
        printf -- '-o\n/dev/null\n%s\n' "$1-$FAR_SERIAL-$i"
    done
}


far_same()
{
    local i

    for ((i = 0; i < FAR_REQUESTS; i++)); do
        printf -- '-o\n/dev/null\n%s\n' "$1"
    done
}


far_asked()
{
    local FAR_OPTIONS=() urls

    mapfile -t urls < <(far_same \
        "http://127.0.0.1:${PORT[far]}/v2/bench/app/manifests/$HIT_TAG")
    far_time "${urls[@]}"
}


far_head()
{
    local FAR_OPTIONS=(-I) urls

    mapfile -t urls < <(far_same \
        "http://127.0.0.1:${PORT[far-plain]}/v2/bench/app/manifests/$HIT_TAG")
    far_time "${urls[@]}"
}


row_latency()
{
    server_source
    server_front far "mlist_auth nginx; mlist_valid 0;" amd64-20 arm-20
    server_plain far-plain arm-20
    compare far_asked far_head
    result latency "asked each time, one client, sources 20 ms away" \
        "the source's HEAD by proxy_pass" "ms" '<=' 1.15
}


far_cold()
{
    local FAR_OPTIONS=() urls

    mapfile -t urls < <(far_urls \
        "http://127.0.0.1:${PORT[$1]}/v2/bench/app/manifests/cold")
    far_time "${urls[@]}"
}


far_cold_declared() { far_cold far-declared; }
far_cold_read()     { far_cold far-read; }
far_cold_disk()     { far_cold far-disk; }


# What one round trip takes, to the source itself.
far_trip()
{
    local FAR_OPTIONS=() urls

    mapfile -t urls < <(far_urls \
        "http://127.0.0.1:${PORT[arm-50]}/v2/bench/app/manifests/cold")
    far_time "${urls[@]}"
}


far_two_trips()
{
    far_trip | awk '{ print 2 * $1, 2 * $2 }'
}


# The store is in memory: how long a disk takes to sync is its own matter,
# which the row "cold-disk" shows.
row_cold_declared()
{
    server_source
    far_memory
    FRONT_STORE=$FAR_MEMORY/declared \
    server_front far-declared "mlist_auth nginx;" \
        "amd64-50 platform=linux/amd64" "arm-50 platform=linux/arm/v7"
    compare far_cold_declared far_trip
    result cold-declared "cold list, platforms declared, sources 50 ms away" \
        "1 round trip" "ms" '<=' 1.15
}


row_cold_read()
{
    server_source
    far_memory
    FRONT_STORE=$FAR_MEMORY/read \
    server_front far-read "mlist_auth nginx;" amd64-50 arm-50
    compare far_cold_read far_two_trips
    result cold-read "cold list, configs read, sources 50 ms away" \
        "2 round trips" "ms" '<=' 1.15
}


row_cold_disk()
{
    server_source
    server_front far-disk "mlist_auth nginx;" \
        "amd64-50 platform=linux/amd64" "arm-50 platform=linux/arm/v7"
    compare far_cold_disk far_trip
    result cold-disk "cold-declared, the store on a disk" "1 round trip" \
        "ms" '<=' -
}


# 1,000 clients, while the source thinks for a second: nobody is left out, and
# the source is asked for the tag at most twice.
row_crowd()
{
    local asked answered

    server_source
    server_front crowd "mlist_auth nginx;" amd64-1000 arm-1000

    h2load --h1 -n 1000 -c 1000 -t 1 -H "Accept: $BENCH_ACCEPT" \
        "http://127.0.0.1:${PORT[crowd]}/v2/bench/app/manifests/crowd" \
        > "$WORK/h2load" 2>&1
    answered=$(sed -n 's/^status codes: \([0-9]*\) 2xx.*/\1/p' "$WORK/h2load")
    asked=$(curl -sf "http://127.0.0.1:${PORT[amd64]}/asked?tag=crowd")

    result_value crowd "1,000 clients on one cold tag" "answered" '>=' 1000 \
        "$answered"
    result_value crowd-flights "the same, of one worker" "flights" '<=' 2 \
        "$asked"
}
