# shellcheck shell=bash
#
# Rows of many: tags in the zone, sources in a location, bytes in the zone,
# passwords, and names in a list of tags.

MANY_TAGS=100000
MANY_NONE=1000000000
MANY_PATH=/v2/bench/app/manifests/tag%d
MANY_KEEP="mlist_auth nginx; mlist_valid 6h;"


# many_front NAME: without a store, whose syncs would take minutes.
many_front()
{
    FRONT_STORE=off FRONT_HTTP="mlist_zone 512m;" server_front "$1" \
        "$MANY_KEEP" "amd64 platform=linux/amd64" "arm platform=linux/arm/v7" \
        2> /dev/null
}


# many_script FILE FORMAT N STEP: wrk asks for N paths, made of FORMAT and a
# number, each before any comes again; a STEP that has no divisor in common
# with N gives an order that seems random.  $MANY_FROM is how many to leave
# out.
many_script()
{
    cat > "$1" << EOT
local n = (tonumber(os.getenv("MANY_FROM")) or 0) * $4 % $3

function request()
    n = (n + $4) % $3
    return wrk.format("GET", ("$2"):format(n))
end
EOT
}


# many_fill NAME SCRIPT N: until each was asked for; $MANY_DONE is how many
# requests that took.
many_fill()
{
    local from=0 done_now

    while [ "$from" -lt "$3" ]; do
        MANY_FROM=$from wrk -t1 -c32 -d"$BENCH_SECONDS" -s "$2" \
            -H "Accept: $BENCH_ACCEPT" "http://127.0.0.1:${PORT[$1]}/" \
            > "$WORK/wrk" 2>&1

        if grep -qE 'Non-2xx|Socket errors' "$WORK/wrk"; then
            cat "$WORK/wrk" >&2
            return 1
        fi

        # those under way at the end are asked for again
        done_now=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$WORK/wrk")
        from=$((from + done_now - 32))
    done

    MANY_DONE=$from
}


many_load()
{
    load_wrk "$(server_worker "$1")" "http://127.0.0.1:${PORT[$1]}/" \
        -s "$WORK/$2.lua"
}


many_all() { many_load many many; }
many_few() { many_load few few; }


row_tags_many()
{
    server_source
    many_front many
    many_front few
    many_script "$WORK/many.lua" "$MANY_PATH" "$MANY_TAGS" 48271
    many_script "$WORK/few.lua" "$MANY_PATH" 10 7
    many_fill many "$WORK/many.lua" "$MANY_TAGS"
    many_fill few "$WORK/few.lua" 10

    # a new worker would map the pages of 100,000 tags for all of its time

    BENCH_RENEW=0 compare_alone many_all many_few
    result tags-many "HIT, any of 100,000 tags" "any of 10 tags" \
        "requests/s" '>=' 0.90
}


sources_many() { load_wrk "$(server_worker sources)" \
    "http://127.0.0.1:${PORT[sources]}/v2/bench/app/manifests/$HIT_TAG"; }


# Of 32 sources two have the tag, so that the answers are the same.
row_sources_many()
{
    local i sources=("amd64 platform=linux/amd64" "arm platform=linux/arm/v7")

    hit_begin

    for ((i = 0; i < 30; i++)); do
        sources+=("amd64 tag=*.none$i platform=linux/mips label=none$i")
    done

    server_front sources "$MANY_KEEP" "${sources[@]}"
    compare_alone sources_many hit_by_tag
    result sources-many "HIT with 32 sources, two of which have the tag" \
        "with 2 sources" "requests/s" '>=' 0.90
}


passwd_get()
{
    load_wrk "$(server_worker "$1")" \
        "http://127.0.0.1:${PORT[$1]}/v2/bench/app/manifests/$HIT_TAG" \
        -H "Authorization: Basic $(printf 'puller:correct horse' | base64)" \
        --timeout 20s
}


passwd_module() { passwd_get passwd; }
passwd_basic()  { passwd_get passwd-basic; }


row_htpasswd()
{
    hit_begin
    htpasswd -Bbn -C 10 puller 'correct horse' > "$WORK/htpasswd"
    server_front passwd "mlist_htpasswd $WORK/htpasswd; mlist_valid 60s;" \
        amd64 arm
    server_front passwd-basic "mlist_auth nginx; mlist_valid 60s;
        auth_basic bench; auth_basic_user_file $WORK/htpasswd;" amd64 arm

    compare_alone passwd_module hit_by_tag
    result htpasswd "HIT with mlist_htpasswd, bcrypt cost 10" \
        "HIT for everyone" "requests/s" '>=' 0.85

    # what a first load leaves would keep the worker from the second one

    BENCH_ROUNDS=1 BENCH_SECONDS=5 BENCH_WARM=0 \
        compare passwd_basic hit_by_tag
    result auth-basic "HIT with auth_basic, the same file" \
        "HIT for everyone" "requests/s" '>=' -
}


# zone_front NAME: with a zone that is soon full.
zone_front()
{
    FRONT_STORE=off FRONT_HTTP="mlist_zone 4m;" server_front "$1" \
        "$MANY_KEEP add_header X-Status \$mlist_cache_status;" \
        "amd64 platform=linux/amd64" "arm platform=linux/arm/v7" 2> /dev/null
}


# The zone is filled with lists; those that can still be read by digest divide
# it, with all that is kept beside them.
row_zone_list()
{
    local n=5000 url known

    server_source
    zone_front zone-list
    url=http://127.0.0.1:${PORT[zone-list]}/v2/bench/app/manifests

    seq "$n" | zone_urls "$url/tag"
    curl -s -K "$WORK/urls" -D - | tr -d '\r' \
        | sed -n 's/^Docker-Content-Digest: //p' | tac > "$WORK/digests"
    zone_urls "$url/" < "$WORK/digests"
    known=$(curl -s -K "$WORK/urls" -w '%{http_code}\n' | grep -c '^200$')

    curl -sf -o "$WORK/list" "$url/tag1"
    result_value zone-list "zone of 4 MB per list, beside the list's bytes" \
        "bytes" '<=' 1024 $((4 * 1048576 / known - $(wc -c < "$WORK/list")))
}


# zone_urls PREFIX: for curl, of the lines of standard input.
zone_urls()
{
    sed "s|.*|url = $1&\noutput = /dev/null|" > "$WORK/urls"
}


# The same with routes: a blob whose owner is known costs no HEAD.
row_zone_route()
{
    local n=50000 known

    server_source
    zone_front zone-route
    many_script "$WORK/route.lua" /v2/bench/app/blobs/sha256:%064d \
        "$MANY_NONE" 1
    many_fill zone-route "$WORK/route.lua" "$n"

    known=$(zone_routes "$n")
    result_value zone-route "zone of 4 MB per route" "bytes" '<=' 128 \
        $((4 * 1048576 / known))
}


# How many of the last N are known, by the HEADs that the source sees; from
# the newest on, since what is learned anew pushes out the oldest.
zone_routes()
{
    local url=http://127.0.0.1:${PORT[zone-route]}/v2/bench/app/blobs/sha256:
    local before after

    seq "$MANY_DONE" -1 $((MANY_DONE - $1 + 1)) | xargs printf '%064d\n' \
        | zone_urls "$url"

    before=$(zone_heads)
    curl -s -K "$WORK/urls"
    after=$(zone_heads)
    echo $(($1 - (after - before)))
}


zone_heads()
{
    curl -sf "http://127.0.0.1:${PORT[amd64]}/asked?tag=HEAD"
}
