# shellcheck shell=bash
#
# Looks at nginx from outside and writes down what it sees, one line a
# process and time, into $WORK/samples:
#
#     SECONDS GENERATION master|worker|cache PID PRIVATE_KB RSS_KB FDS
#
# (descriptors but for the sockets by which nginx's processes talk)#
# and, into $WORK/sizes:
#
#     SECONDS ZONE_BYTES LISTS ROUTES EVICTIONS STORE_BYTES STORE_FILES
#         TEMPORARY_FILES
#
# A generation is what one reload has started.  Knows nothing of what is
# allowed.

SAMPLE_GENERATION=1


# Before the first request.
sample_begin()
{
    SAMPLE_BEGAN=$SECONDS
    wait_for 20 sample_ready
    sample_all
}


# Two workers and the cache manager run their event loops.
sample_ready()
{
    local pid n=0

    for pid in $(nginx_workers nginx); do
        ! find "/proc/$pid/fd" -lname '*eventpoll*' | grep -q . || n=$((n + 1))
    done

    [ "$n" -ge 3 ]
}


sample_generation()
{
    SAMPLE_GENERATION=$((SAMPLE_GENERATION + 1))
}


sample_all()
{
    local master pid

    master=$(proc_pid nginx)

    for pid in $master $(nginx_workers nginx); do
        sample_process "$pid" >> "$WORK/samples" 2> /dev/null || true
    done

    {
        echo "$((SECONDS - SAMPLE_BEGAN)) $(sample_zone)" \
            "$(sample_lists) $(sample_temporary)"
    } >> "$WORK/sizes"
}


# One that ends meanwhile is left out.
sample_process()
{
    local kind

    case $(tr '\0' ' ' < "/proc/$1/cmdline") in
    *'shutting down'*) return ;;
    'nginx: worker'*) kind=worker ;;
    'nginx: cache'*) kind=cache ;;
    *) kind=master ;;
    esac

    echo "$((SECONDS - SAMPLE_BEGAN)) $SAMPLE_GENERATION $kind $1" \
        "$(awk '/^Private_(Clean|Dirty):/ { p += $2 }
                /^Rss:/                   { r = $2 }
                END                       { print p, r }' \
               "/proc/$1/smaps_rollup") $(sample_fds "$1")"
}


sample_fds()
{
    find "/proc/$1/fd" -type l -printf '%l\n' \
        | awk 'FNR == NR { unix["socket:[" $7 "]"]; next }
               !($0 in unix)' /proc/net/unix - | wc -l
}


# What mlist_status says of the zone.
sample_zone()
{
    sample_metrics | awk '
        $1 == "mlist_zone_used_bytes"           { used = $2 }
        $1 == "mlist_lists"                     { lists = $2 }
        $1 == "mlist_routes"                    { routes = $2 }
        /^mlist_zone_evictions_total/           { evicted += $2 }
        END { print used + 0, lists + 0, routes + 0, evicted + 0 }'
}


sample_metrics()
{
    curl -s --max-time 10 "http://127.0.0.1:${PORT[status]}/?format=prometheus"
}


# sample_counter NAME: the sum over its labels.
sample_counter()
{
    sample_metrics | awk -v name="$1" '
        { sub(/{.*}/, "", $1) } $1 == name { n += $2 }
        END { printf "%d\n", n }'
}


# Bytes and number of the lists in the store's directory.
sample_lists()
{
    find "$WORK/nginx/store/v1/lists" -type f -printf '%s\n' 2> /dev/null \
        | awk '{ n += $1 } END { print n + 0, NR }'
}


sample_temporary()
{
    find "$WORK/nginx/store/v1/tmp" "$WORK"/nginx/{client_body,proxy} \
        -type f 2> /dev/null | wc -l
}
