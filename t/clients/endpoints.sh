# shellcheck shell=bash
#
# curl through every endpoint of the distribution specification 1.1 (end-1 to
# end-13) with what goes wrong there, at a bare docker-registry and through a
# front with one like it as its only source: status, error code, headers and
# body must be the same.  Where they are meant to differ, endpoint_meant says
# what the front answers, and why.

ENDPOINTS_NAME=endpoints/image
ENDPOINTS_HEADERS=(content-type content-length docker-content-digest etag
    docker-distribution-api-version location range content-range
    accept-ranges docker-upload-uuid oci-subject oci-filters-applied link
    allow www-authenticate warning retry-after)
ENDPOINTS_NONE=sha256:$(printf '%064d' 0)
OCI=application/vnd.oci.image

declare -A ENDPOINTS_LOCATION


client_endpoints()
{
    endpoints_start || return 0
    mkdir -p "$WORK/endpoints"
    cd "$WORK/endpoints" || return 0

    endpoints_ping
    endpoints_uploads
    endpoints_chunks
    endpoints_upload_errors
    endpoints_mounts
    endpoints_blobs
    endpoints_push
    endpoints_push_errors
    endpoints_manifests
    endpoints_tags
    endpoints_referrers
    endpoints_names
    endpoints_methods
    endpoints_delete

    cd / || return 0
    check_none "endpoints: no alert in nginx's error log" \
        "$(nginx_alerts "$WORK/endpoints-front/error.log")"
}


endpoints_start()
{
    local name

    for name in bare behind endpoints-front; do
        port_new "PORT[$name]"
    done

    registry_start bare "${PORT[bare]}" \
        "$(registry_basic "$WORK/htpasswd")" || return 1
    registry_start behind "${PORT[behind]}" || return 1

    front_write endpoints-front "${PORT[endpoints-front]}" < /dev/null
    front_sources endpoints-front "http://127.0.0.1:${PORT[behind]}"
    nginx_start endpoints-front "${PORT[endpoints-front]}"
}


# endpoints_origin SIDE
endpoints_origin()
{
    case $1 in
    bare) echo "http://127.0.0.1:${PORT[bare]}" ;;
    front) echo "https://127.0.0.1:${PORT[endpoints-front]}" ;;
    esac
}


# endpoints_ask SIDE METHOD PATH [OPTION...]: a PATH "@" is the Location of
# this side's last answer that had one, "@&QUERY" or "@?QUERY" with more query.
# What came is in the files SIDE.head and SIDE.body.
endpoints_ask()
{
    local side=$1 method=$2 path=$3 origin url options=()

    shift 3
    origin=$(endpoints_origin "$side")
    url=$origin$path

    if [ "${path:0:1}" = @ ]; then
        url=${ENDPOINTS_LOCATION[$side]-}
        [ "${url:0:1}" != / ] || url=$origin$url
        case ${path:1:1}$url in
        \&*\?*) url=$url${path:1} ;;
        \&*) url="$url?${path:2}" ;;
        esac
    fi

    if [ "$method" = HEAD ]; then
        options+=(-I)
    else
        options+=(-X "$method")
    fi

    : > "$side.body"
    curl -s --http1.1 --cacert "$WORK/tls/ca.crt" --max-time 60 --path-as-is \
        -g -u "$USER_NAME:$PASSWORD" -D "$side.head" -o "$side.body" \
        "${options[@]}" "$@" "$url" || echo "curl: $?" >> "$side.head"
    [ "$method" != HEAD ] || : > "$side.body"

    tr -d '\r' < "$side.head" \
        | awk '/^HTTP/ { seen = "" } { seen = seen $0 "\n" }
               END { printf "%s", seen }' > "$side.last"
    endpoints_remember "$side"
}


endpoints_remember()
{
    local location

    location=$(sed -n 's/^location: //Ip' "$1.last")
    [ -z "$location" ] || ENDPOINTS_LOCATION[$1]=$location
}


# endpoints_seen SIDE: what both sides must have in common.  The text of an
# error and the layout of a list are each one's own, and so are their lengths.
endpoints_seen()
{
    local side=$1 name status json=''

    status=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$side.last")
    echo "status: $status"

    if [ "$status" -ge 400 ] 2> /dev/null \
        || grep -qi '^content-type: application/json' "$side.last"
    then
        json=yes
    fi

    for name in "${ENDPOINTS_HEADERS[@]}"; do
        [ "$name$json" != content-lengthyes ] || continue
        sed -n "s/^$name: */$name: /Ip" "$side.last"
    done | endpoints_plain "$side"

    if [ ! -s "$side.body" ]; then
        return 0
    elif [ -n "$json" ] && jq -e .errors "$side.body" > /dev/null 2>&1; then
        jq -r '.errors[] | "code: \(.code)"' "$side.body"
    elif [ -n "$json" ] && jq . "$side.body" > /dev/null 2>&1; then
        jq -r 'to_entries[] | "\(.key): \(.value // [] | if type == "array"
               then (sort | join(",")) else . end)"' "$side.body"
    else
        echo "body: $(image_digest "$side.body")"
    fi
}


# Sessions have random names, and states that only their registry can read.
endpoints_plain()
{
    local hex='[0-9a-f]'

    sed -E "s|$(endpoints_origin "$1")||
            s/$hex{8}(-$hex{4}){3}-$hex{12}/SESSION/
            s/_state=[A-Za-z0-9_=%-]*/_state=STATE/"
}


# endpoint WHAT METHOD PATH [OPTION...]
endpoint()
{
    local what=$1

    shift
    endpoints_ask bare "$@"
    endpoints_ask front "$@"
    check_equal "$what" "$(endpoints_seen bare)" "$(endpoints_seen front)"
}


# endpoint_meant WHY EXPECTED WHAT METHOD PATH [OPTION...]: the bare registry
# answers otherwise; where it does not, this is no exception any more.
endpoint_meant()
{
    local why=$1 expected=$2 what=$3 bare

    shift 3
    endpoints_ask bare "$@"
    endpoints_ask front "$@"
    bare=$(endpoints_seen bare)
    check_equal "$what: $why" "$expected" "$(endpoints_short front)"
    check "$what: the bare registry answers otherwise" \
        [ "$bare" != "$(endpoints_seen front)" ]
}


# Status, and error code, names in a list, or else type.
endpoints_short()
{
    endpoints_seen "$1" \
        | awk '/^status: / { status = $2 }
               /^content-type: / { what = $2 }
               /^(code|tags|repositories):/ { what = $2 }
               END { print status (what == "" ? "" : " " what) }'
}


endpoints_ping()
{
    endpoint "end-1 GET" GET /v2/
    endpoint "end-1 HEAD" HEAD /v2/
    endpoint "end-1 GET, no credentials" GET /v2/ -u :
    endpoint "end-1 GET, a wrong password" GET /v2/ -u "$USER_NAME:wrong"
    endpoint "end-3 GET, no credentials" GET \
        "/v2/$ENDPOINTS_NAME/manifests/any" -u :
    endpoint "end-4a POST, no credentials" POST \
        "/v2/$ENDPOINTS_NAME/blobs/uploads/" -u :
}


# endpoints_upload FILE [NAME]
endpoints_upload()
{
    local digest name=${2:-$ENDPOINTS_NAME}

    digest=$(image_digest "$1")
    endpoint "end-4a POST, for $1" POST "/v2/$name/blobs/uploads/"
    endpoint "end-6 PUT, the whole of $1" PUT "@&digest=$digest" \
        -H 'Content-Type: application/octet-stream' --data-binary "@$1"
}


endpoints_uploads()
{
    printf '{"architecture":"amd64","os":"linux","rootfs":%s}' \
        '{"type":"layers","diff_ids":[]}' > config
    head -c 300000 /dev/zero | tr '\0' x > layer
    : > empty
    printf '{}' > note

    endpoints_upload config
    endpoints_upload layer
    endpoints_upload empty
    endpoints_upload note

    printf single > single
    endpoint "end-4b POST, in one request" POST \
        "/v2/$ENDPOINTS_NAME/blobs/uploads/?digest=$(image_digest single)" \
        -H 'Content-Type: application/octet-stream' --data-binary @single
    endpoint "end-6 PUT, what end-4b has left to be sent" PUT \
        "@&digest=$(image_digest single)" --data-binary @single
}


endpoints_chunks()
{
    local stream=(-H 'Content-Type: application/octet-stream')

    head -c 100000 /dev/zero | tr '\0' y > one
    head -c 50000 /dev/zero | tr '\0' z > two
    cat one two > both

    endpoint "end-4a POST, for chunks" POST "/v2/$ENDPOINTS_NAME/blobs/uploads/"
    endpoint "end-13 GET, nothing sent yet" GET @
    endpoint "end-5 PATCH, the first chunk" PATCH @ "${stream[@]}" \
        -H 'Content-Range: 0-99999' --data-binary @one
    endpoint "end-13 GET, after a chunk" GET @
    endpoint "end-5 PATCH, the second chunk" PATCH @ "${stream[@]}" \
        -H 'Content-Range: 100000-149999' --data-binary @two
    endpoint "end-6 PUT, without a body" PUT "@&digest=$(image_digest both)"
    endpoint "end-2 GET, what came in chunks" GET \
        "/v2/$ENDPOINTS_NAME/blobs/$(image_digest both)"

    endpoint "end-4a POST, for a stream" POST \
        "/v2/$ENDPOINTS_NAME/blobs/uploads/"
    endpoint "end-5 PATCH, streamed" PATCH @ "${stream[@]}" \
        -H 'Transfer-Encoding: chunked' --data-binary @one
    endpoint "end-6 PUT, with the last of it" PUT \
        "@&digest=$(image_digest both)" "${stream[@]}" --data-binary @two

    endpoint "end-4a POST, to be cancelled" POST \
        "/v2/$ENDPOINTS_NAME/blobs/uploads/"
    endpoint "end-5 PATCH, to be cancelled" PATCH @ "${stream[@]}" \
        --data-binary @one
    endpoint "DELETE of a session" DELETE @
    endpoint "end-13 GET, cancelled" GET @
    endpoint "end-5 PATCH, cancelled" PATCH @ "${stream[@]}" --data-binary @one
    endpoint "end-6 PUT, cancelled" PUT "@&digest=$(image_digest one)"
}


endpoints_upload_errors()
{
    local session=/v2/$ENDPOINTS_NAME/blobs/uploads

    endpoint "end-4a POST, for errors" POST "$session/"
    endpoint "end-6 PUT, another digest" PUT "@&digest=$ENDPOINTS_NONE" \
        --data-binary @one
    endpoint "end-4a POST, for no digest" POST "$session/"
    endpoint "end-6 PUT, no digest" PUT @ --data-binary @one
    endpoint "end-4a POST, for a malformed digest" POST "$session/"
    endpoint "end-6 PUT, a malformed digest" PUT "@&digest=sha256:xyz" \
        --data-binary @one
    endpoint "end-13 GET, a session that never was" GET \
        "$session/01234567-89ab-cdef-0123-456789abcdef"
    endpoint "end-5 PATCH, a session that never was" PATCH \
        "$session/01234567-89ab-cdef-0123-456789abcdef" --data-binary @one
    endpoint "end-4b POST, a malformed digest" POST \
        "$session/?digest=sha256:xyz" --data-binary @one
}


endpoints_mounts()
{
    local to=/v2/endpoints/other/blobs

    endpoint "end-11 POST, mounted" POST \
        "$to/uploads/?mount=$(image_digest layer)&from=$ENDPOINTS_NAME"
    endpoint "end-2 HEAD, mounted" HEAD "$to/$(image_digest layer)"
    endpoint "end-11 POST, from a repository that is not there" POST \
        "$to/uploads/?mount=$(image_digest layer)&from=endpoints/none"
    endpoint "end-11 POST, a blob that is not there" POST \
        "$to/uploads/?mount=$ENDPOINTS_NONE&from=$ENDPOINTS_NAME"
    endpoint "end-11 POST, without from" POST \
        "$to/uploads/?mount=$(image_digest layer)"
    endpoint "end-11 POST, a malformed digest" POST \
        "$to/uploads/?mount=sha256:xyz&from=$ENDPOINTS_NAME"
    endpoint "end-11 POST, from a malformed name" POST \
        "$to/uploads/?mount=$(image_digest layer)&from=Not/A/Name"
}


endpoints_blobs()
{
    local blobs=/v2/$ENDPOINTS_NAME/blobs digest

    digest=$(image_digest layer)
    endpoint "end-2 GET" GET "$blobs/$digest"
    endpoint "end-2 HEAD" HEAD "$blobs/$digest"
    endpoint "end-2 GET, an empty blob" GET "$blobs/$(image_digest empty)"
    endpoint "end-2 GET, Range" GET "$blobs/$digest" -r 1000-1999
    endpoint "end-2 GET, Range to the end" GET "$blobs/$digest" -r 299000-
    endpoint "end-2 GET, Range from the end" GET "$blobs/$digest" -r -500
    endpoint "end-2 GET, Range beyond the end" GET "$blobs/$digest" \
        -r 300000-300001
    endpoint "end-2 HEAD, Range" HEAD "$blobs/$digest" -r 1000-1999
    endpoint "end-2 GET, If-None-Match" GET "$blobs/$digest" \
        -H "If-None-Match: \"$digest\""
    endpoint "end-2 GET, no such blob" GET "$blobs/$ENDPOINTS_NONE"
    endpoint "end-2 HEAD, no such blob" HEAD "$blobs/$ENDPOINTS_NONE"
    endpoint "end-2 GET, no such repository" GET \
        "/v2/endpoints/none/blobs/$digest"
    endpoint "end-2 GET, a malformed digest" GET "$blobs/sha256:xyz"
    endpoint_meant "it has no such path" "400 DIGEST_INVALID" \
        "end-2 GET, no digest" GET "$blobs/latest"
}


# endpoints_descriptor TYPE FILE [MORE]
endpoints_descriptor()
{
    printf '{"mediaType":"%s","digest":"%s","size":%s%s}' "$1" \
        "$(image_digest "$2")" "$(stat -c %s "$2")" "${3-}"
}


# Prints an image manifest of CONFIG's type with one layer.
endpoints_manifest()
{
    printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]%s}' \
        "$OCI.manifest.v1+json" "$(endpoints_descriptor "$1" "$2")" \
        "$(endpoints_descriptor "$OCI.layer.v1.tar" layer)" "${3-}"
}


# endpoints_put WHAT REFERENCE FILE [TYPE]
endpoints_put()
{
    endpoint "end-7 PUT, $1" PUT "/v2/$ENDPOINTS_NAME/manifests/$2" \
        -H "Content-Type: $OCI.${4:-manifest}.v1+json" --data-binary "@$3"
}


endpoints_push()
{
    endpoints_manifest $OCI.config.v1+json config > image
    endpoints_manifest application/vnd.example.note note > artifact
    endpoints_manifest application/vnd.example.note note ",\"subject\":$(
        endpoints_descriptor $OCI.manifest.v1+json image)" > attached
    printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' \
        "$OCI.index.v1+json" "$(endpoints_descriptor \
            $OCI.manifest.v1+json image \
            ',"platform":{"architecture":"amd64","os":"linux"}')" > index

    endpoints_put "an image, by tag" image image
    endpoints_put "again" image image
    endpoints_put "an image, by digest" "$(image_digest image)" image
    endpoints_put "an artifact" artifact artifact
    endpoints_put "with a subject" "$(image_digest attached)" attached
    endpoints_put "an index" index index index
    endpoints_put "an index, by digest" "$(image_digest index)" index index
}


endpoints_push_errors()
{
    sed "s/$(image_digest layer)/$ENDPOINTS_NONE/" image > unknown-layer
    sed "s/$(image_digest image)/$ENDPOINTS_NONE/" index > unknown-child
    echo nonsense > nonsense
    head -c 5000000 /dev/zero | tr '\0' ' ' > large

    endpoints_put "another digest" "$ENDPOINTS_NONE" image
    endpoints_put "no JSON" nonsense nonsense
    endpoints_put "an unknown layer" unknown-layer unknown-layer
    endpoints_put "an unknown child" unknown-child unknown-child index
    endpoints_put "5 MB" large large
    endpoint_meant "it fails" "400 DIGEST_INVALID" \
        "end-7 PUT, a malformed digest" PUT \
        "/v2/$ENDPOINTS_NAME/manifests/sha256:xyz" \
        -H "Content-Type: $OCI.manifest.v1+json" --data-binary @image
    endpoint "end-7 PUT, an unknown type" PUT \
        "/v2/$ENDPOINTS_NAME/manifests/type" \
        -H "Content-Type: application/x-other" --data-binary @image
    endpoint "end-7 PUT, no body" PUT "/v2/$ENDPOINTS_NAME/manifests/none" \
        -H "Content-Type: $OCI.manifest.v1+json"
    endpoint_meant "it has no such path" "400 TAG_INVALID" \
        "end-7 PUT, a malformed tag" PUT "/v2/$ENDPOINTS_NAME/manifests/.x" \
        -H "Content-Type: $OCI.manifest.v1+json" --data-binary @image
}


endpoints_manifests()
{
    local method

    for method in GET HEAD; do
        endpoints_read "$method"
        endpoints_read_otherwise "$method"
    done
}


# endpoints_read METHOD
endpoints_read()
{
    local method=$1 reference manifests=/v2/$ENDPOINTS_NAME/manifests
    local accept=(-H "Accept: $OCI.manifest.v1+json, $OCI.index.v1+json")

    for reference in "$(image_digest image)" "$(image_digest index)" \
        "$(image_digest artifact)" artifact index none "$ENDPOINTS_NONE"
    do
        endpoint "end-3 $method, ${reference:0:14}" "$method" \
            "$manifests/$reference" "${accept[@]}"
    done

    endpoint "end-3 $method, no such repository" "$method" \
        /v2/endpoints/none/manifests/none "${accept[@]}"
    endpoint "end-3 $method, a blob's digest" "$method" \
        "$manifests/$(image_digest layer)" "${accept[@]}"
    endpoint "end-3 $method, an image for who accepts no index" "$method" \
        "$manifests/image" -H "Accept: $OCI.manifest.v1+json"
}


# endpoints_read_otherwise METHOD
endpoints_read_otherwise()
{
    local method=$1 manifests=/v2/$ENDPOINTS_NAME/manifests
    local accept=(-H "Accept: $OCI.manifest.v1+json, $OCI.index.v1+json")
    local index=$OCI.index.v1+json
    local unknown=MANIFEST_UNKNOWN invalid=DIGEST_INVALID

    if [ "$method" = HEAD ]; then
        unknown='application/json;'
        invalid='application/json;'
    fi

    endpoint_meant "a tag is answered with a list" "200 $index" \
        "end-3 $method, an image by tag" \
        "$method" "$manifests/image" "${accept[@]}"
    endpoint_meant "a list is for clients of unknown wishes, too" \
        "200 $index" "end-3 $method, without Accept" \
        "$method" "$manifests/index"
    endpoint_meant "a known list, whatever the Accept" "200 $index" \
        "end-3 $method, without Accept, by digest" \
        "$method" "$manifests/$(image_digest index)"
    endpoint_meant "with ETag and digest" "304" \
        "end-3 $method, If-None-Match" "$method" "$manifests/index" \
        "${accept[@]}" -H "If-None-Match: \"$(image_digest index)\""
    endpoint_meant "an error as all others" "404 $unknown" \
        "end-3 $method, a malformed tag" "$method" "$manifests/.x"
    endpoint_meant "it fails" "400 $invalid" \
        "end-3 $method, a malformed digest" "$method" "$manifests/sha256:xyz"
}


endpoints_tags()
{
    local tags=/v2/$ENDPOINTS_NAME/tags/list query expected

    endpoint "end-8a GET" GET "$tags"
    endpoint_meant "as GET" "200 application/json;" "end-8a HEAD" HEAD "$tags"
    endpoint "end-8a GET, no such repository" GET /v2/endpoints/none/tags/list
    endpoint "end-8a GET, a repository of blobs only" GET \
        /v2/endpoints/other/tags/list
    endpoint "end-8b GET, n=99999" GET "$tags?n=99999"

    while read -r query expected; do
        endpoint_meant "it has no pages" "$expected" "end-8b GET, $query" \
            GET "$tags?$query"
    done << 'EOT'
n=0 200
n=1 200 artifact
n=2 200 artifact,image
n=1&last=artifact 200 image
last=image 200 index
last=zzz 200
n=1&last=b 200 image
n=x 400 PAGINATION_NUMBER_INVALID
n=-1 400 PAGINATION_NUMBER_INVALID
EOT

    for query in '' '?n=100' '?n=1&last=endpoints/image' '?n=0'; do
        endpoint "GET of _catalog$query" GET "/v2/_catalog$query"
    done

    endpoint_meant "Link needs no escaped slash" "200 endpoints/image" \
        "GET of _catalog?n=1" GET "/v2/_catalog?n=1"

    for query in x -1; do
        endpoint_meant "it takes it for none" "400 PAGINATION_NUMBER_INVALID" \
            "GET of _catalog?n=$query" GET "/v2/_catalog?n=$query"
    done
}


# Neither has them, since the registry has not; only the errors differ.
endpoints_referrers()
{
    local query referrers=/v2/$ENDPOINTS_NAME/referrers

    for query in '' '?artifactType=application/x-other'; do
        endpoint_meant "an error as all others" "404 UNSUPPORTED" \
            "end-12 GET$query" GET \
            "$referrers/$(image_digest image)$query"
    done

    endpoint_meant "it has no such path" "400 DIGEST_INVALID" \
        "end-12a GET, a malformed digest" GET "$referrers/sha256:xyz"
}


endpoints_names()
{
    local name

    for name in Upper a..b a/ -a a___b "$(printf 'a%.0s' {1..256})"; do
        endpoint_meant "an error as all others" "400 NAME_INVALID" \
            "GET of a malformed name, ${name:0:10}" GET \
            "/v2/$name/manifests/1"
    done

    endpoint_meant "an error as all others" "400 NAME_INVALID" \
        "POST to a malformed name" POST /v2/Upper/blobs/uploads/
    endpoint_meant "an error as all others" "404 MANIFEST_UNKNOWN" \
        "GET of what is no endpoint" GET "/v2/$ENDPOINTS_NAME/none"
    endpoint_meant "nginx's page" "301 text/html" "GET of /v2" GET /v2
}


# The bare registry says the same without JSON, or takes the method for GET.
endpoints_methods()
{
    local method path

    for method in POST PUT DELETE PATCH; do
        for path in "" _catalog "$ENDPOINTS_NAME/tags/list" \
            "$ENDPOINTS_NAME/blobs/$ENDPOINTS_NONE" \
            "$ENDPOINTS_NAME/manifests/none"
        do
            case "$method $path" in
            DELETE\ */blobs/* | DELETE\ */manifests/* | PUT\ */manifests/*) ;;
            *)
                endpoint_meant "an error as all others" "405 UNSUPPORTED" \
                    "$method of /v2/${path:0:32}" "$method" "/v2/$path"
                ;;
            esac
        done
    done

    for method in GET PUT PATCH DELETE; do
        endpoint_meant "it takes it for a session" "405 UNSUPPORTED" \
            "$method of uploads/" "$method" \
            "/v2/$ENDPOINTS_NAME/blobs/uploads/"
    done
}


endpoints_delete()
{
    local manifests=/v2/$ENDPOINTS_NAME/manifests what
    local blobs=/v2/$ENDPOINTS_NAME/blobs layer
    local accept=(-H "Accept: $OCI.manifest.v1+json, $OCI.index.v1+json")

    layer=$(image_digest layer)
    endpoint "end-9 DELETE, a tag" DELETE "$manifests/artifact"
    endpoint "end-9 DELETE, a tag that is not there" DELETE "$manifests/none"
    endpoint_meant "it has no such path" "400 TAG_INVALID" \
        "end-9 DELETE, a malformed tag" DELETE "$manifests/.x"

    for what in artifact index image; do
        endpoint "end-9 DELETE, $what" DELETE "$manifests/$(image_digest $what)"
        endpoint "end-3 HEAD, deleted, $what" HEAD \
            "$manifests/$(image_digest $what)" "${accept[@]}"
        endpoint "end-3 GET, deleted, $what by tag" GET "$manifests/$what" \
            "${accept[@]}"
        endpoint "end-9 DELETE, deleted before, $what" DELETE \
            "$manifests/$(image_digest $what)"
    done

    endpoint "end-9 DELETE, not there" DELETE "$manifests/$ENDPOINTS_NONE"
    endpoint "end-9 DELETE, a malformed digest" DELETE "$manifests/sha256:xyz"
    endpoint "end-8a GET, all tags deleted" GET "/v2/$ENDPOINTS_NAME/tags/list"

    endpoint "end-10 DELETE" DELETE "$blobs/$layer"
    endpoint "end-2 HEAD, deleted" HEAD "$blobs/$layer"
    endpoint "end-10 DELETE, deleted before" DELETE "$blobs/$layer"
    endpoint "end-10 DELETE, not there" DELETE "$blobs/$ENDPOINTS_NONE"
    endpoint "end-10 DELETE, a malformed digest" DELETE "$blobs/sha256:xyz"
}
