# shellcheck shell=bash
#
# The servers of the bench: each is an nginx with one worker, in a directory
# of its own, $WORK/NAME.  "front" has the module, "plain" is nginx as Debian
# ships it, "lua" does the module's job by a script, "source" stands for a
# registry (see source.lua).  It knows nothing of loads and rows.  Needs
# $MODULE, $NGINX_BINARY and $BENCH.
# shellcheck disable=SC2153

declare -A PORT

BENCH_CORES=$(taskset -cp $BASHPID | sed 's/.*: //')
BENCH_LUA='load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;'


# server_http NAME MODULES: what all have in common; the rest of http{}
# comes from standard input.
server_http()
{
    local dir=$WORK/$1 module=$2 name

    mkdir -p "$dir"
    {
        cat << EOT
$module
user root;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/error.log warn;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    client_max_body_size 0;
EOT
        for name in client_body proxy fastcgi uwsgi scgi; do
            echo "    ${name}_temp_path $dir/$name;"
        done
        cat
        echo "}"
    } > "$dir/nginx.conf"
}


# server_start NAME PORT: anew, if it runs.
server_start()
{
    proc_stop "$1"
    nginx_start "$1" "$2"
}


server_worker()
{
    local worker

    worker=$(nginx_workers "$1")
    printf '%s\n' "${worker%% *}"
}


# Starts each nginx but the source anew: where the memory of one lies makes it
# faster or slower by some per cent for as long as its master lives, and its
# workers have it from there.
server_renew()
{
    local name

    for name in "${!PORT[@]}"; do
        [ ! -f "$WORK/$name/nginx.conf" ] \
            || server_start "$name" "${PORT[$name]}" || return 1
    done
}


# server_cores one|all: where the load comes from, and all servers; those that
# are started meanwhile follow.  One core is steadier where one server has it
# with its load: two may be two threads of one core, or somebody else's, and
# what the other one does makes this one slower.
server_cores()
{
    local cores=$BENCH_CORES conf name pid

    [ "$1" = all ] || cores=${BENCH_CORES%%[,-]*}
    taskset -cp "$cores" $BASHPID > /dev/null

    for conf in "$WORK"/*/nginx.conf; do
        name=$(basename "${conf%/nginx.conf}")

        for pid in $(proc_pid "$name") $(nginx_workers "$name"); do
            taskset -cp "$cores" "$pid" > /dev/null
        done
    done
}


# server_memory PID VmRSS|VmHWM: in KB.
server_memory()
{
    sed -n "s/^$2:[^0-9]*\([0-9]*\).*/\1/p" "/proc/$1/status"
}


# server_source: registries at $PORT[amd64] and $PORT[arm]; those at
# $PORT[amd64-MS] and $PORT[arm-MS] wait MS milliseconds before each answer.
server_source()
{
    local arch ms port

    [ -z "${PORT[amd64]-}" ] || return 0

    for arch in amd64 arm; do
        for ms in '' 20 50 1000; do
            port_new "PORT[$arch${ms:+-$ms}]"
        done
    done

    {
        echo "    lua_package_path '$BENCH/?.lua;;';"
        echo "    init_by_lua_block { source = require 'source' }"
        for arch in amd64 arm; do
            for ms in '' 20 50 1000; do
                port=${PORT[$arch${ms:+-$ms}]}
                server_source_one "$port" "$arch" "${ms:-0}"
            done
        done
    } | server_http source "$BENCH_LUA"

    server_start source "${PORT[amd64]}"
}


server_source_one()
{
    cat << EOT
    server {
        listen 127.0.0.1:$1 backlog=4096;
        location /v2/ {
            content_by_lua_block { source.serve("$2", $3) }
        }
        location = /asked {
            content_by_lua_block { source.asked("$2") }
        }
        location /v2/big/blobs/ {
            rewrite ^ /big break;
            root $WORK;
        }
    }
EOT
}


# server_upstreams NAME...: an upstream{} for each port of that name.
server_upstreams()
{
    local name

    for name in "$@"; do
        echo "    upstream $name {"
        echo "        server 127.0.0.1:${PORT[$name]};"
        echo "        keepalive 64;"
        echo "    }"
    done
}


# server_front NAME DIRECTIVES SOURCE...: the module in front of the sources,
# as the README has it, at $PORT[NAME].  Each source is an upstream and the
# parameters of mlist_source.  Further lines for http{} in $FRONT_HTTP.
server_front()
{
    local name=$1 directives=$2 source
    local -A upstreams=()

    shift 2

    [ -n "${PORT[$name]-}" ] || port_new "PORT[$name]"

    for source in "$@"; do
        upstreams[${source%% *}]=1
    done

    {
        server_upstreams "${!upstreams[@]}"
        printf '%s\n' "${FRONT_HTTP-}"
        cat << EOT
    server {
        listen 127.0.0.1:${PORT[$name]} backlog=4096 ${FRONT_LISTEN-};
        location /v2/ {
            $directives
            mlist_store ${FRONT_STORE:-$WORK/$name/store};
EOT
        printf '            mlist_source http://%s;\n' "$@"
        echo "            proxy_pass \$mlist_upstream;"
        echo "        }"
        echo "    }"
    } | server_http "$name" "load_module $MODULE;"

    server_start "$name" "${PORT[$name]}"
}


# server_return NAME FILE TYPE DIGEST: nginx's own "return 200" of FILE's
# bytes with as many headers as the front's, at $PORT[NAME].
server_return()
{
    local name=$1 body

    body=$(sed "s/[\\\\']/\\\\&/g" "$2")
    [ -n "${PORT[$name]-}" ] || port_new "PORT[$name]"

    server_http "$name" '' << EOT
    server {
        listen 127.0.0.1:${PORT[$name]} backlog=4096;
        location /v2/ {
            default_type $3;
            add_header Vary Accept;
            add_header Docker-Distribution-Api-Version registry/2.0;
            add_header Docker-Content-Digest $4;
            add_header ETag '"$4"';
            return 200 '$body';
        }
    }
EOT

    server_start "$name" "${PORT[$name]}"
}


# server_lua NAME SOURCE...: the same job by lists.lua, at $PORT[NAME].
server_lua()
{
    local name=$1 valid=$2 source

    shift 2

    [ -n "${PORT[$name]-}" ] || port_new "PORT[$name]"

    {
        server_upstreams "$@"
        cat << EOT
    lua_package_path '$BENCH/?.lua;;';
    lua_shared_dict tags 16m;
    lua_shared_dict lists 16m;
    init_by_lua_block { lists = require 'lists' }
    server {
        listen 127.0.0.1:${PORT[$name]} backlog=4096;
        location /v2/ {
            content_by_lua_block { lists.serve({ '/source/$1', '/source/$2' },
                                               $valid) }
        }
EOT
        for source in "$@"; do
            cat << EOT
        location /source/$source/ {
            internal;
            proxy_pass_request_headers off;
            proxy_set_header Accept '$BENCH_ACCEPT';
            proxy_pass http://$source/;
        }
EOT
        done
        echo "    }"
    } | server_http "$name" "$BENCH_LUA"

    server_start "$name" "${PORT[$name]}"
}


# server_plain NAME SOURCE [ADDRESS]: nginx's proxy_pass to one source, whose
# address may be written with variables.
server_plain()
{
    local name=$1

    [ -n "${PORT[$name]-}" ] || port_new "PORT[$name]"

    {
        server_upstreams "$2"
        cat << EOT
    ${FRONT_HTTP-}
    server {
        listen 127.0.0.1:${PORT[$name]} backlog=4096 ${FRONT_LISTEN-};
        location /v2/ {
            proxy_pass ${3:-http://$2};
        }
    }
EOT
    } | server_http "$name" ''

    server_start "$name" "${PORT[$name]}"
}
