# shellcheck shell=bash
#
# How a check reports: one line "ok - ..." or "not ok - ...", which ci/test
# counts, and what was seen on "# " lines below a failure.

REPORT_FAILED=0


ok()
{
    echo "ok - $1"
}


# not_ok WHAT [SEEN]
not_ok()
{
    echo "not ok - $1"
    [ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
    REPORT_FAILED=$((REPORT_FAILED + 1))
}


# check WHAT COMMAND...: ok if COMMAND succeeds; its output is shown if not.
# COMMAND runs without errexit, as any command of an if does.
check()
{
    local what=$1 seen

    shift

    if seen=$("$@" 2>&1); then
        ok "$what"
    else
        not_ok "$what" "$(printf '%s\n' "$seen" | tail -n 20)"
    fi
}


# check_equal WHAT EXPECTED SEEN
check_equal()
{
    if [ "$2" = "$3" ]; then
        ok "$1"
    else
        not_ok "$1" "$(printf 'expected: %s\nseen:     %s' "$2" "$3")"
    fi
}


# check_none WHAT SEEN: ok if SEEN, a list of offences, is empty.
check_none()
{
    if [ -z "$2" ]; then
        ok "$1"
    else
        not_ok "$1" "$2"
    fi
}


report_end()
{
    [ "$REPORT_FAILED" -eq 0 ]
}
