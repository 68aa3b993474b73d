# shellcheck shell=bash
#
# The two minimal configurations of README.md, as the demonstration and the
# client tests run them: TLS with a certificate of the run, users in an
# htpasswd file, registries on loopback ports.  Needs $MODULE (empty if it
# is built into nginx) and tls_make's files in $WORK/tls.


# front_users FILE USER PASSWORD: bcrypt, cost 10.
front_users()
{
    htpasswd -Bbn -C 10 "$2" "$3" > "$1"
    chmod 644 "$1"
}


# front_two NAME PORT AMD64_PORT ARM_PORT: two registries, one name.
front_two()
{
    front_write "$1" "$2" << EOT
    upstream amd64.registry { server 127.0.0.1:$3; keepalive 32; }
    upstream arm.registry   { server 127.0.0.1:$4; keepalive 32; }
EOT
    front_sources "$1" "http://amd64.registry" "http://arm.registry"
}


# front_suffixed NAME PORT REGISTRY_PORT: one registry, suffixed tags.
front_suffixed()
{
    front_write "$1" "$2" << EOT
    upstream registry { server 127.0.0.1:$3; keepalive 32; }
EOT
    front_sources "$1" "http://registry tag=*-amd64" \
        "http://registry tag=*-arm platform=linux/arm/v7"
}


# front_preamble DIR: what a configuration below DIR begins with, into http{}.
front_preamble()
{
    [ -z "$MODULE" ] || echo "load_module $MODULE;"
    cat << EOT
user www-data;
worker_processes 2;
pid $1/nginx.pid;
error_log $1/error.log info;
events { worker_connections 256; }
http {
    access_log $1/access.log;
    client_body_temp_path $1/body;
    proxy_temp_path $1/proxy;
    fastcgi_temp_path $1/fastcgi;
    uwsgi_temp_path $1/uwsgi;
    scgi_temp_path $1/scgi;
EOT
}


# front_write NAME PORT: the upstreams come from standard input.
front_write()
{
    local dir=$WORK/$1

    mkdir -p "$dir"
    {
        front_preamble "$dir"
        echo
        cat
        cat << EOT

    server {
        listen 127.0.0.1:$2 ssl http2;
        ssl_certificate     $WORK/tls/private/server.crt;
        ssl_certificate_key $WORK/tls/private/server.key;
        client_max_body_size 0;

        location /v2/ {
            mlist_htpasswd $WORK/htpasswd realm="Registry Realm";
            mlist_store    $dir/store;
EOT
    } > "$dir/nginx.conf"
}


# front_sources NAME SOURCE...: completes what front_write began.
front_sources()
{
    local file=$WORK/$1/nginx.conf

    shift
    {
        printf '            mlist_source   %s;\n' "$@"
        cat << 'EOT'
            proxy_pass     $mlist_upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
        }
    }
}
EOT
    } >> "$file"
}
