# shellcheck shell=bash
#
# What programs that were built with AddressSanitizer and UBSan are told, and
# what they have reported.


# sanitizer_options DIR: reports go to DIR/reports.  nginx under
# "master_process off" never frees its connections and events, and it forgets
# a context of PCRE2 each time it has read a configuration.  Test::Nginx
# appends the name of the block to log_path.
sanitizer_options()
{
    mkdir -p "$1/reports"
    printf 'leak:%s\n' ngx_event_process_init ngx_regex_malloc \
        > "$1/suppressions"

    export ASAN_OPTIONS=detect_odr_violation=0:log_path=$1/reports/asan
    export UBSAN_OPTIONS=print_stacktrace=1
    export LSAN_OPTIONS=suppressions=$1/suppressions:print_suppressions=0
}


# sanitizer_undefined DIR FILE: GCC's UBSan knows no log_path: it writes to
# the standard error, among the alerts in FILE, "FILE:LINE: runtime error: ..."
# and where that was called from.
sanitizer_undefined()
{
    grep -A 8 'runtime error:' "$2" > "$1/undefined" || true
    csplit -s -z -f "$1/reports/ubsan" "$1/undefined" \
        '/runtime error:/' '{*}'
}


sanitizer_reports()
{
    find "$1/reports" -type f -exec head -n 60 -q {} + | head -n 300
}
