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
#     SECONDS FREE_PAGES_OF_THE_ZONE STORE_BYTES STORE_FILES TEMPORARY_FILES
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
        echo "$((SECONDS - SAMPLE_BEGAN)) $(sample_zone "$master")" \
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


# sample_zone PID: pages of the slab pool that are free, read from nginx's
# memory: ngx_slab_pool_t stands at the beginning of the largest mapping that
# is shared; -1 where that does not look like it.
sample_zone()
{
    local from to size largest=0 at=0

    while read -r from to; do
        size=$((0x$to - 0x$from))
        [ "$size" -le "$largest" ] || { largest=$size; at=$((0x$from)); }
    done < <(awk '$2 == "rw-s" { sub("-", " ", $1); print $1 }' \
                 "/proc/$1/maps")

    if [ "$at" -ne 0 ] && [ "$(sample_word "$1" $((at + 24)))" = 3 ]; then
        sample_word "$1" $((at + 80))
    else
        echo -1
    fi
}


sample_word()
{
    dd "if=/proc/$1/mem" iflag=skip_bytes bs=8 count=1 skip="$2" \
        2> /dev/null | od -A n -t d8 | tr -d ' '
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
