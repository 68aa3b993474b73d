# shellcheck shell=bash
#
# The crowd: wrk, ab, h2load and curl, one after the other, each for some
# seconds.  Counts what was answered, and keeps what was answered otherwise
# than with success in $WORK/wrong.  Needs soak/stage.sh.

LOAD_ACCEPT=application/vnd.docker.distribution.manifest.list.v2+json
LOAD_ACCEPT+=,application/vnd.oci.image.index.v1+json
LOAD_KINDS=(any head login http2 same bearer cut range)
LOAD_NEXT=0
LOAD_TOTAL=0


# load_round SECONDS: the next kind.
load_round()
{
    local kind=${LOAD_KINDS[$((LOAD_NEXT++ % ${#LOAD_KINDS[@]}))]}

    LOAD_SECONDS=$1
    "load_$kind" > "$WORK/load-$kind" 2>&1 || true
    load_count "$kind" "$WORK/load-$kind"
}


load_url()
{
    echo "http://127.0.0.1:${PORT[$1]}/v2/$NAME/manifests/${2-1.0}"
}


load_basic()
{
    echo "Authorization: Basic $(printf %s "$USER_NAME:$PASSWORD" \
                                     | base64 -w 0)"
}


# Tags that nobody has asked for yet, and some that somebody has.
load_any()
{
    cat > "$WORK/any.lua" << EOT
math.randomseed($RANDOM)
request = function()
    return wrk.format(nil, "/v2/$NAME/manifests/t" .. math.random(20000))
end
EOT

    wrk -t1 -c8 -d"${LOAD_SECONDS}s" -s "$WORK/any.lua" \
        -H "Accept: $LOAD_ACCEPT" "$(load_url any)"
}


load_head()
{
    ab -q -i -k -c 8 -t "$LOAD_SECONDS" -n 10000000 \
        -H "Accept: $LOAD_ACCEPT" -H "$(load_basic)" "$(load_url hot)"
}


load_login()
{
    wrk -t1 -c8 -d"${LOAD_SECONDS}s" -H "Accept: $LOAD_ACCEPT" \
        "$(load_url login)"
}


load_http2()
{
    h2load -D "$LOAD_SECONDS" -c 8 -m 10 -H "Accept: $LOAD_ACCEPT" \
        -H "$(load_basic)" "$(load_tls hot 1.0)"
}


# load_tls SERVER TAG
load_tls()
{
    echo "https://127.0.0.1:${PORT[$1-tls]}/v2/$NAME/manifests/$2"
}


# Unchanged for those who have it; wrk takes a 304 for an error.
load_same()
{
    local digest

    digest=$(curl -sSI -H "$(load_basic)" "$(load_url hot)" | tr -d '\r' \
                 | sed -n 's/^docker-content-digest: //Ip')
    h2load --h1 -D "$LOAD_SECONDS" -c 8 -H "Accept: $LOAD_ACCEPT" \
        -H "$(load_basic)" -H "If-None-Match: \"$digest\"" "$(load_url hot)"
}


# Clients who log in at the token service, as the registry's challenge says.
load_bearer()
{
    local end=$((SECONDS + LOAD_SECONDS)) token

    while [ "$SECONDS" -lt "$end" ]; do
        curl -s -o /dev/null -w 'bearer-none %{http_code}\n' \
            "$(load_url bearer)"
        token=$(load_token)
        curl -s -o "$WORK/bearer" -w 'bearer %{http_code}\n' \
            -H "Accept: $LOAD_ACCEPT" -H "Authorization: Bearer $token" \
            "$(load_url bearer)"
        curl -s -o /dev/null -w 'bearer %{http_code}\n' \
            -H "Authorization: Bearer $token" \
            "$(load_url bearer "$(image_digest "$WORK/bearer")")"
    done
}


load_token()
{
    curl -sS --cacert "$WORK/tls/ca.crt" -u "$USER_NAME:$PASSWORD" -G \
        --data-urlencode service=registry.test \
        --data-urlencode "scope=repository:$NAME:pull" \
        "$(tokens_realm "${PORT[tokens]}")" | jq -r .token
}


# All streams of HTTP/2 connections end while lists are being made for them;
# what these were answered with is not counted.
load_cut()
{
    local end=$((SECONDS + LOAD_SECONDS))

    while [ "$SECONDS" -lt "$end" ]; do
        for _ in 1 2 3 4; do
            load_tls any "c$RANDOM"
        done > "$WORK/cut"
        timeout -s KILL 0.0$((RANDOM % 90 + 10)) h2load -n 1000 -c 4 -m 10 \
            -H "Accept: $LOAD_ACCEPT" -i "$WORK/cut" || true
    done > /dev/null 2>&1
}


# The layer, in parts, as containerd reads it.
load_range()
{
    local layer

    layer=$(image_fact "$WORK/image-amd64" layer)
    h2load --h1 -D "$LOAD_SECONDS" -c 4 -H 'Range: bytes=1000-200000' \
        "http://127.0.0.1:${PORT[login]}/v2/$NAME/blobs/$layer"
}


# load_count KIND FILE: what a tool has said.
load_count()
{
    local n wrong

    n=$(awk '/ requests in /         { n = $1 }
             /^Complete requests/    { n = $3 }
             /^requests:/            { n = $8 }
             /^bearer/               { n++ }
             END                     { print n + 0 }' "$2")
    LOAD_TOTAL=$((LOAD_TOTAL + n))

    wrong=$(grep -E 'Non-2xx|^status codes:|^bearer' "$2" \
        | grep -vE '[ ,]0 4xx, 0 5xx|^bearer 200|^bearer-none 401') || true
    [ -z "$wrong" ] || echo "$SECONDS $1: $wrong" >> "$WORK/wrong"
}
