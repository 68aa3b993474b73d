# shellcheck shell=bash
#
# Starts and stops an nginx of its own directory, $WORK/NAME, where nginx.conf
# is; logs and temporary files stay there.  Needs
# $NGINX_BINARY (a variable NGINX means inherited sockets to nginx itself).


nginx_test()
{
    "$NGINX_BINARY" -t -q -p "$WORK/$1/" -c "$WORK/$1/nginx.conf" \
        -e "$WORK/$1/error.log"
}


# nginx_start NAME PORT: waits until PORT accepts connections.
nginx_start()
{
    nginx_test "$1" || return 1
    proc_start "$1" "$NGINX_BINARY" -p "$WORK/$1/" -c "$WORK/$1/nginx.conf" \
        -e "$WORK/$1/error.log" -g "daemon off;"
    proc_ready "$1" 20 port_taken "$2"
}


# nginx_reload NAME: waits until the old workers have gone.
nginx_reload()
{
    local old

    nginx_test "$1" || return 1
    old=$(nginx_workers "$1")
    kill -HUP "$(proc_pid "$1")"
    wait_for 20 nginx_workers_gone "$1" "$old"
}


nginx_workers()
{
    local pid

    pid=$(proc_pid "$1")
    cat "/proc/$pid/task/$pid/children"
}


nginx_workers_gone()
{
    local pid

    [ -n "$(nginx_workers "$1")" ] || return 1

    for pid in $2; do
        ! kill -0 "$pid" 2> /dev/null || return 1
    done
}


# nginx_alerts FILE...: the lines of error logs that no run should write.
# nginx's cache manager says "ignore long locked" of its own about entries
# whose worker was killed.
nginx_alerts()
{
    grep -hE '\[(alert|emerg)\]' "$@" 2> /dev/null \
        | grep -v 'ignore long locked inactive cache entry' || true
}
