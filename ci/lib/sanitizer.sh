# shellcheck shell=bash
#
# What programs that were built with AddressSanitizer and UBSan are told, and
# what they have reported.


# sanitizer_options NAME DIR: reports go to DIR/reports/NAME.*.  nginx under
# "master_process off" never frees its connections and events, and it forgets
# a context of PCRE2 each time it has read a configuration.  Test::Nginx
# appends the name of the block to log_path.
sanitizer_options()
{
    mkdir -p "$2/reports"
    printf 'leak:%s\n' ngx_event_process_init ngx_regex_malloc \
        > "$2/suppressions"

    export ASAN_OPTIONS=detect_odr_violation=0:log_path=$2/reports/$1
    export UBSAN_OPTIONS=print_stacktrace=1
    export LSAN_OPTIONS=suppressions=$2/suppressions:print_suppressions=0
    export MLIST_TOOL=1
}


# sanitizer_undefined NAME DIR FILE: GCC's UBSan knows no log_path: it writes
# to the standard error, among the alerts in FILE, "FILE:LINE: runtime error:
# ..." and where that was called from.
sanitizer_undefined()
{
    grep -A 8 'runtime error:' "$3" > "$2/undefined" || true
    csplit -s -z -f "$2/reports/$1.ubsan" "$2/undefined" \
        '/runtime error:/' '{*}'
}


# sanitizer_reports DIR: the beginning of each.
sanitizer_reports()
{
    find "$1/reports" -type f -exec head -n 60 {} + | head -n 300
}
