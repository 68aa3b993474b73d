# shellcheck shell=bash
#
# Rows of blobs, which nginx's proxy module streams, beside nginx's own
# proxy_pass with the same settings.

BLOB_SIZE=$((256 * 1024 * 1024))


blob_begin()
{
    [ -z "${PORT[blob]-}" ] || return 0

    server_source
    head -c "$BLOB_SIZE" /dev/zero > "$WORK/big"
    BLOB_PATH=/v2/big/blobs/sha256:$(sha256sum "$WORK/big" | cut -d ' ' -f 1)

    server_front blob "mlist_auth nginx;" amd64 arm
    server_plain blob-plain amd64

    blob_certificate
    FRONT_LISTEN=ssl FRONT_HTTP=$BLOB_TLS \
        server_front blob-tls "mlist_auth nginx;" amd64 arm
    FRONT_LISTEN=ssl FRONT_HTTP=$BLOB_TLS \
        server_plain blob-tls-plain amd64
}


blob_certificate()
{
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=bench -days 2 \
        -keyout "$WORK/bench.key" -out "$WORK/bench.crt" 2> /dev/null
    BLOB_TLS="ssl_certificate $WORK/bench.crt;
        ssl_certificate_key $WORK/bench.key;"
}


# blob_load SERVER SCHEME [CURL OPTION...]: megabytes per second of the
# worker's CPU time, and by the clock.
blob_load()
{
    local name=$1 scheme=$2 pid before after

    shift 2
    pid=$(server_worker "$name")
    before=$(load_cpu "$pid")

    for _ in 1 2 3 4 5 6; do
        curl -s -f -k -o /dev/null -w '%{size_download} %{time_total}\n' \
            "$@" "$scheme://127.0.0.1:${PORT[$name]}$BLOB_PATH"
    done > "$WORK/curl"

    after=$(load_cpu "$pid")

    awk -v us="$((after - before))" '
        { n += $1 / 1048576; t += $2 }
        END { printf "%.2f %.1f\n", n * 1e6 / (us ? us : 1), n / t }
    ' "$WORK/curl"
}


blob_front()      { blob_load blob http; }
blob_proxy()      { blob_load blob-plain http; }
blob_tls_front()  { blob_load blob-tls https; }
blob_tls_proxy()  { blob_load blob-tls-plain https; }
blob_range()      { blob_load blob http -r 1000000-200000000; }
blob_range_proxy() { blob_load blob-plain http -r 1000000-200000000; }


row_blob()
{
    blob_begin
    compare blob_front blob_proxy
    result blob "blob of 256 MB" "proxy_pass" "MB/s" '>=' 0.98
}


row_blob_tls()
{
    blob_begin
    compare blob_tls_front blob_tls_proxy
    result blob-tls "blob of 256 MB, TLS" "proxy_pass" "MB/s" '>=' 0.98
}


row_blob_range()
{
    blob_begin
    compare blob_range blob_range_proxy
    result blob-range "Range of 199 MB of a blob" "proxy_pass" "MB/s" \
        '>=' 0.98
}


# blob_peak SERVER SCHEME: by how many KB a worker's memory peaks over what it
# has at rest, once it has served one.
blob_peak()
{
    local pid before

    pid=$(server_worker "$1")
    blob_load "$1" "$2" > /dev/null
    echo 5 > "/proc/$pid/clear_refs"
    before=$(server_memory "$pid" VmRSS)
    blob_load "$1" "$2" > /dev/null
    echo $(($(server_memory "$pid" VmHWM) - before))
}


# blob_memory SERVER SCHEME: that of the front over that of proxy_pass.
blob_memory()
{
    local this reference

    this=$(blob_peak "$1" "$2")
    reference=$(blob_peak "$1-plain" "$2")
    echo $((this - reference))
}


row_blob_memory()
{
    local this

    blob_begin
    this=$(blob_memory blob http)
    result_value blob-memory \
        "peak memory of a blob of 256 MB, over that of proxy_pass" KB \
        '<=' 256 "$this"

    this=$(blob_memory blob-tls https)
    result_value blob-tls-memory "the same, TLS" KB '<=' 256 "$this"
}


blob_small()
{
    load_wrk "$(server_worker blob)" \
        "http://127.0.0.1:${PORT[blob]}$BLOB_SMALL"
}


blob_small_proxy()
{
    load_wrk "$(server_worker blob-plain)" \
        "http://127.0.0.1:${PORT[blob-plain]}$BLOB_SMALL"
}


blob_small_variable()
{
    load_wrk "$(server_worker blob-variable)" \
        "http://127.0.0.1:${PORT[blob-variable]}$BLOB_SMALL"
}


# One core has all who take part.  On two it is chance how many requests
# a worker finds waiting, which made proxy_pass 25,000 or 40,000 requests/s.
# The row "blob-variable" tells what the module costs beside what nginx pays
# for an address with variables.
row_blob_small()
{
    blob_begin
    server_plain blob-variable amd64 "http://amd64\$request_uri"
    BLOB_SMALL=/v2/bench/app/blobs/sha256:$(head -c 1024 /dev/zero \
        | tr '\0' x | sha256sum | cut -d ' ' -f 1)

    compare_alone blob_small blob_small_proxy
    result blob-small "blob of 1 KB, owner known" "proxy_pass" "requests/s" \
        '>=' 0.95
    compare_alone blob_small blob_small_variable
    result blob-variable "blob of 1 KB, owner known" \
        "proxy_pass, its address in a variable" "requests/s" '>=' -
}
