# shellcheck shell=bash
#
# Owns the processes of one run: each has a name, a pid file and a log in
# $WORK, and is only ever signalled by its pid.  Nothing here knows what the
# processes do.


# wait_for SECONDS COMMAND...: polls until COMMAND succeeds; 1 on time-out.
wait_for()
{
    local end=$((SECONDS + $1))

    shift

    until "$@" > /dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}


# proc_start NAME COMMAND...: in the background, as the leader of a process
# group of its own, so that proc_kill reaches its children too.
proc_start()
{
    local name=$1

    shift

    # Who follows the log may be there before the child opens it.
    : >> "$WORK/log/$name"
    setsid "$@" < /dev/null >> "$WORK/log/$name" 2>&1 &
    echo $! > "$WORK/pid/$name"
}


proc_pid()
{
    cat "$WORK/pid/$1"
}


proc_alive()
{
    kill -0 "$(proc_pid "$1")" 2> /dev/null
}


# proc_ready NAME SECONDS COMMAND...: waits until COMMAND succeeds; ends at
# once, showing the log, if the process dies before.
proc_ready()
{
    local name=$1 end=$((SECONDS + $2))

    shift 2

    until "$@" > /dev/null 2>&1; do
        if ! proc_alive "$name" || [ "$SECONDS" -ge "$end" ]; then
            echo "$name did not come up; its log ends with:" >&2
            tail -n 20 "$WORK/log/$name" >&2
            return 1
        fi
        sleep 0.05
    done
}


# proc_stop NAME: asks with TERM, and insists after 20 seconds.  The whole
# group is asked: a script that waits for a command hears only afterwards.
proc_stop()
{
    local pid

    [ -f "$WORK/pid/$1" ] || return 0
    pid=$(proc_pid "$1")
    kill -TERM -- "-$pid" 2> /dev/null || true
    wait_for 20 proc_gone "$pid" || true
    proc_kill "$1"
}


# proc_kill NAME: kill -9, the whole group.
proc_kill()
{
    local pid

    pid=$(proc_pid "$1")
    kill -KILL -- "-$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
    rm -f "$WORK/pid/$1"
}


# A zombie that nobody has waited for yet is gone, too.
proc_gone()
{
    ! kill -0 "$1" 2> /dev/null || grep -q '^State:.Z' "/proc/$1/status"
}


# proc_stop_daemons DIR: each nginx whose pid file is somewhere below DIR, on
# which it runs.  A file may be older than the process that has the pid now.
proc_stop_daemons()
{
    local file pid

    while read -r file; do
        pid=$(cat "$file" 2> /dev/null) || continue
        grep -qF "$1" "/proc/$pid/cmdline" 2> /dev/null || continue
        kill -TERM "$pid"
        wait_for 20 proc_gone "$pid" || kill -KILL "$pid" || true
    done < <(find "$1" -name nginx.pid -size +0 2> /dev/null)
}


proc_stop_all()
{
    local file

    for file in "$WORK"/pid/*; do
        [ ! -f "$file" ] || proc_stop "${file##*/}"
    done
}
