# shellcheck shell=bash
#
# What must hold when a soak ends; says so with the figures.  Needs what
# soak/sample.sh has written, report.sh and the processes of the stage.

export JUDGE_LEAKS=0 JUDGE_ALERTS=0

# What memory may differ by: a share of it, and so many kB, which in minutes
# is more than all kinds of load together need at first.
JUDGE_SHARE=0.05
JUDGE_KB=512
JUDGE_KB_SHORT=2048


# leak_check WHAT COMMAND...: as check, and a failure is a leak.
leak_check()
{
    local before=$REPORT_FAILED

    check "$@"
    JUDGE_LEAKS=$((JUDGE_LEAKS + REPORT_FAILED - before))
}


# The clients that know what is right, when they have ended.
judge_clients()
{
    local status=0

    wait "$(proc_pid clients)" || status=$?
    rm -f "$WORK/pid/clients"
    grep -v '^FINDING\|^  ' "$WORK/log/clients" | sed 's/^/# /' || true

    if [ "$status" -eq 0 ]; then
        ok "no wrong answer"
    else
        not_ok "no wrong answer" "$(head -n 60 "$WORK/log/clients")"
    fi
}


judge_load()
{
    touch "$WORK/wrong"
    check_none "no failure in the crowd" "$(head -n 20 "$WORK/wrong")"
}


judge_requests()
{
    local n

    n=$(sed -n 's/^clients: requests=\([0-9]*\).*/\1/p' "$WORK/log/clients")
    echo $((LOAD_TOTAL + ${n:-0}))
}


# Each worker of the last generation, after the first quarter of its life:
# what a line fitted to its samples rises by.  The master after each reload.
# judge_memory SECONDS: how long it was.
judge_memory()
{
    local pid

    [ "$1" -ge 600 ] || JUDGE_KB=$JUDGE_KB_SHORT

    while read -r pid; do
        leak_check "the memory of worker $pid is flat" judge_fit "$pid"
        judge_fit "$pid" | sed 's/^/# /' || true
    done < <(awk -v g="$SAMPLE_GENERATION" '
        $2 == g && $3 == "worker" && !seen[$4]++ { print $4 }' \
            "$WORK/samples")

    leak_check "the memory of the master is flat" judge_master
    judge_master | sed 's/^/# /' || true
}


judge_fit()
{
    awk -v pid="$1" -v share="$JUDGE_SHARE" -v kb="$JUDGE_KB" '
        $4 == pid { t[++n] = $1; m[n] = $5 }
        END {
            from = t[1] + (t[n] - t[1]) / 4
            for (i = 1; i <= n; i++) {
                if (t[i] < from) continue
                if (!k++) { first = m[i]; begun = t[i] }
                x += t[i]; y += m[i]
                xx += t[i] * t[i]; xy += t[i] * m[i]
                if (m[i] > most) most = m[i]
            }
            if (k < 3) { print "too few samples: " k; exit 1 }
            d = k * xx - x * x
            slope = d ? (k * xy - x * y) / d : 0
            rise = slope * (t[n] - begun)
            allowed = kb + share * y / k
            printf "private memory %d kB, later %d kB, at most %d kB; " \
                   "fitted %+.1f kB in %d s, allowed %+.1f kB\n",
                   first, m[n], most, rise, t[n] - begun, allowed
            exit rise > allowed
        }' "$WORK/samples"
}


judge_master()
{
    awk -v kb="$JUDGE_KB" '
        $3 == "master" { if ($2 != g) { g = $2; first[g] = $5 } last[g] = $5 }
        END {
            printf "private memory %d kB", first[1]
            for (i = 2; i <= g; i++)
                printf ", after reload %d: %d kB", i - 1, last[i]
            print ""
            exit g > 2 && last[g] - last[2] > kb
        }' "$WORK/samples"
}


# When nobody asks any more, connections and files of all kinds go.
judge_idle()
{
    local pid

    for pid in $(nginx_workers nginx); do
        leak_check "process $pid has the descriptors that it began with" \
            judge_descriptors "$pid"
    done

    leak_check "no temporary file stays" judge_no_temporary
    leak_check "the store is no larger than it may be" judge_store
    awk '{ if ($6 > most) most = $6; if ($2 > zone) zone = $2
           last = $6; files = $7; lists = $3; routes = $4; evicted = $5 }
         END { printf "# store: at most %d bytes, in the end %d in %d " \
                      "files\n# zone: at most %d bytes, in the end %d " \
                      "lists and %d routes, evicted: %d\n",
                      most, last, files, zone, lists, routes, evicted }' \
        "$WORK/sizes"
    judge_counters
}


# What nginx has counted over all workers and reloads.
judge_counters()
{
    echo "# requests that nginx has counted:" \
        "$(sample_counter mlist_requests_total)," \
        "to sources: $(sample_counter mlist_source_requests_total)," \
        "flights: $(sample_counter mlist_flights_total)," \
        "failures of stores: $(sample_counter mlist_store_errors_total)"
    check_none "the store in a directory has not failed" \
        "$(judge_store_failures)"
}


# The other one is docker-registry, which answers 500 or 400 where a tag or a
# blob is read while another request writes it.
judge_store_failures()
{
    grep '\[error\].* mlist_store' "$WORK/nginx/error.log" \
        | grep -v ' of "http://store.registry/' | head -n 10 || true
}


# As many as a process of its kind had before the first request.
judge_descriptors()
{
    local kind first

    kind=$(awk -v pid="$1" '$4 == pid { print $3; exit }' "$WORK/samples")
    first=$(awk -v kind="$kind" '$3 == kind { print $7; exit }' \
                "$WORK/samples")

    wait_for 30 judge_few "$1" "$first" && return
    echo "expected: at most $first, seen: $(sample_fds "$1")"
    ls -l "/proc/$1/fd"
    return 1
}


judge_few()
{
    [ "$(sample_fds "$1")" -le "$2" ]
}


judge_no_temporary()
{
    wait_for 10 judge_none_temporary || sample_temporary
}


judge_none_temporary()
{
    [ "$(sample_temporary)" -eq 0 ]
}


judge_store()
{
    wait_for 30 judge_small || { sample_lists; return 1; }
}


judge_small()
{
    local bytes

    bytes=$(sample_lists)
    [ "${bytes% *}" -le $((512 * 1024)) ]
}


# How many tags the zone holds: that many are asked for, and then again in
# the opposite order, until they are no longer answered from memory.
judge_room()
{
    local n=600 i

    for i in $(seq "$n") $(seq "$n" -1 1); do
        printf 'url = "%s"\noutput = /dev/null\n' "$(load_url any "$1$i")"
    done > "$WORK/room"

    curl -s -D - -H "Accept: $LOAD_ACCEPT" -K "$WORK/room" \
        | grep -ci '^x-cache-status: HIT' || true
}


# Before anybody asks for anything.
judge_begin()
{
    JUDGE_ROOM=$(judge_room y)
}


# Tags can have eleven sixteenths of an empty zone, and one of a zone that is
# full of lists; what a zone has lost, evictions do not bring back, so that it
# would be less.
judge_zone()
{
    local now

    now=$(judge_room z)
    leak_check "the zone has the room for tags that it keeps for them" \
        judge_enough "$now" $((JUDGE_ROOM / 13))
    echo "# tags that the zone holds: $JUDGE_ROOM when empty, $now when full"
}


judge_enough()
{
    echo "expected: $2 or more, seen: $1"
    [ "$1" -ge "$2" ]
}


# nginx says as it ends what it has not closed.
judge_end()
{
    kill -QUIT "$(proc_pid nginx)"
    check "nginx ends when it is told" \
        wait_for 20 proc_gone "$(proc_pid nginx)"
    JUDGE_ALERTS=$(nginx_alerts "$WORK/nginx/error.log" "$WORK/log/nginx" \
        | wc -l)
    check_none "no alert in nginx's error log" \
        "$(nginx_alerts "$WORK/nginx/error.log" "$WORK/log/nginx" \
               | head -n 20)"
}


judge_keep()
{
    mkdir -p "$BUILD_ROOT/soak"
    cp "$WORK/samples" "$WORK/sizes" "$WORK/nginx/nginx.conf" \
        "$BUILD_ROOT/soak"

    [ "$REPORT_FAILED" -eq 0 ] \
        || cp "$WORK"/log/* "$WORK/trace" "$WORK"/load-* "$WORK/wrong" \
               "$WORK/nginx/error.log" "$BUILD_ROOT/soak"
}
