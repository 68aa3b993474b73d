# shellcheck shell=bash
#
# Owns the work directory of one run ($WORK) and what happens when the run
# ends, in whatever way: everything that was started is stopped, everything
# that was mounted is unmounted, and the directory goes.  Every script that
# starts a server calls work_begin first.


# work_begin NAME: makes $WORK and arranges for work_end at exit.
work_begin()
{
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/mlist-$1.XXXXXX")

    # Workers of nginx run as another user and must reach their files.
    chmod 755 "$WORK"
    mkdir -p "$WORK/log" "$WORK/pid"
    export WORK

    trap work_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}


# The exit status of the run is kept.  Signals are ignored from here on, so
# that a second Ctrl-C does not leave half of the servers behind.
work_end()
{
    local status=$?

    trap '' INT TERM HUP
    set +e

    proc_stop_all
    proc_stop_daemons "$WORK"
    work_unmount "$WORK"
    rm -rf --one-file-system "$WORK"

    exit "$status"
}


# work_unmount DIR: container daemons leave mounts in their directories.
work_unmount()
{
    local point

    cut -d ' ' -f 2 /proc/self/mounts | sort -r | while read -r point; do
        case $point in
        "$1"/*) umount "$point" ;;
        esac
    done
}
