# shellcheck shell=bash
#
# Runs files of the Test::Nginx suite, two at a time or $SUITE_JOBS, each by a
# prove of its own, and shows what they reported.  Needs $ROOT, ports.sh,
# report.sh and nginx.sh.


suite_packages()
{
    packages_need nginx perl libipc-run-perl procps \
        libhttp-message-perl libwww-perl curl openssl strace \
        docker-registry
    packages_need_test_nginx
}


# suite_run BINARY MODULE DIR FILE...: MODULE is empty if it is built into
# BINARY.  DIR gets each file's report and, outside the tree, the directories
# in which nginx runs; it must not be there before.  $SUITE_TOOL, if set, is a
# command that runs nginx.
suite_run()
{
    local binary=$1 module=$2 dir=$3 file

    shift 3
    mkdir -p "$dir/tmp"
    suite_wrapper "$binary" "$dir/alerts" > "$dir/nginx"
    chmod 755 "$dir/nginx"

    check "nginx starts with the module" \
        suite_check "$dir/nginx" "$module" "$dir"

    export TEST_NGINX_BINARY=$dir/nginx TEST_NGINX_LOAD_MODULES=$module \
        SUITE_DIR=$dir TMPDIR=$dir/tmp
    export -f suite_file

    suite_ports "$@" \
        | (cd "$ROOT" && xargs -P "${SUITE_JOBS:-2}" -L 1 \
                             bash -c 'suite_file "$@"' suite_file) || true

    for file in "$@"; do
        suite_show "$file" "$dir/$(basename "$file" .t)"
    done

    check_none "no alert in nginx's error logs" "$(suite_alerts "$@")"
}


# Test::Nginx removes an error log with its server, and with it what nginx
# said while it ended: all alerts, and what a sanitizer says, also go to the
# standard error, and that to a file that stays.  An nginx that only tests,
# or refuses its configuration, ends without freeing anything: no leak.
suite_wrapper()
{
    cat << EOT
#!/bin/sh
asan=\$ASAN_OPTIONS
ASAN_OPTIONS=\$asan:detect_leaks=0

case " \$* " in
*" -t "* | *" -V "* | *" -v "*) exec $1 "\$@" ;;
esac

if [ -z "\$asan" ] || $1 "\$@" -t -q -e /dev/null 2> /dev/null; then
    ASAN_OPTIONS=\$asan
fi

exec ${SUITE_TOOL-} $1 "\$@" -g "error_log stderr alert;" 2>> $2
EOT
}


# An nginx that cannot start would cost 40 seconds a file.
suite_check()
{
    {
        [ -z "$2" ] || echo "load_module $2;"
        echo "pid $3/nginx.pid; error_log stderr; events {} http {}"
    } > "$3/check.conf"

    "$1" -t -q -e "$3/check.log" -c "$3/check.conf"
}


# Each FILE with a port.  Those that Test::Nginx would choose are also given
# to outgoing connections, and then nginx cannot listen there.
suite_ports()
{
    local file port

    for file in "$@"; do
        port_new port
        echo "$file $port"
    done
}


# suite_file FILE PORT
suite_file()
{
    local out status=0

    out=$SUITE_DIR/$(basename "$1" .t)
    export TEST_NGINX_PORT=$2 TEST_NGINX_SERVROOT=$out.root
    timeout -k 10 $((900 * ${MLIST_SLOW:-1})) prove -v "$1" \
        > "$out" 2>&1 < /dev/null || status=$?
    echo "$status" > "$out.status"
}


# suite_show FILE OUTPUT: the lines that count, with the file's name in them.
suite_show()
{
    local status passed failed reason

    status=$(cat "$2.status" 2> /dev/null || echo none)
    passed=$(grep -c '^ok' "$2") || true
    failed=$(grep -c '^not ok' "$2") || true

    echo "# $1: $passed passed, $failed failed"
    sed -n -E "s|^((not )?ok) [0-9]+( - )?|\1 - $1: |p; /^#/p" "$2"
    REPORT_FAILED=$((REPORT_FAILED + failed))

    if [ "$status" != 0 ] && [ "$failed" -eq 0 ]; then
        reason=$(sed -n 's/^FAILED--Further testing stopped: //p' "$2")
        not_ok "$1: ${reason:-exit status $status}" "$(tail -n 20 "$2")"
    fi
}


# What a block of a test file says is to be expected there, is.  A line
# "nginx: ..." is about a configuration that was refused.
suite_alerts()
{
    (cd "$ROOT" && sed -n -E '/^--- allowed_log *$/ { n; p }
                              s/^--- allowed_log: *//p' "$@") \
        | grep . > "$SUITE_DIR/allowed" || true
    nginx_alerts "$SUITE_DIR/alerts" | grep -v '^nginx: ' \
        | grep -vEf "$SUITE_DIR/allowed" \
        | head -n 20 || true
}
