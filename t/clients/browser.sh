# shellcheck shell=bash
#
# The status pages in headless Chromium: what is read from them is what was
# pushed; the script runs under the policy, and without it all is there too.
# $BROWSER_TAGS (200, at most 1998) is how many tags are on the page; where
# $BROWSER_SHOTS names a directory, pictures of the pages are put there to be
# looked at.

BROWSER_TAGS=${BROWSER_TAGS:-200}


client_browser()
{
    if ! packages_need chromium prometheus; then
        not_ok "chromium and promtool are installed"
        return
    fi

    browser_front || { not_ok "a front with mlist_status"; return; }

    curl -sS "$(browser_url "v2/$NAME/manifests/$TAG")" > "$WORK/list"
    curl -sS -o /dev/null "$(browser_url "v2/$NAME/manifests/cold-amd64-only")"

    browser_all
    browser_tag
    browser_at_url
    browser_refresh
    browser_plain
    browser_many
    browser_metrics
    browser_shots

    check_none "browser: no alert in nginx's error log" \
        "$(nginx_alerts "$WORK/browser/error.log")"
}


# Plain HTTP on loopback; the status is for who is on this machine.
browser_front()
{
    local dir=$WORK/browser

    port_new "PORT[browser]"
    mkdir -p "$dir"
    {
        front_preamble "$dir"
        cat << EOT
    upstream amd64.registry { server 127.0.0.1:${PORT[amd64]}; }
    upstream arm.registry   { server 127.0.0.1:${PORT[arm]}; }
    server {
        listen 127.0.0.1:${PORT[browser]};
        location = /status { mlist_status; allow 127.0.0.1; deny all; }
        location /v2/ {
            mlist_auth nginx;
            mlist_valid 1h;
            mlist_source http://amd64.registry;
            mlist_source http://arm.registry platform=linux/arm/v7;
            proxy_pass \$mlist_upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
EOT
    } > "$dir/nginx.conf"

    nginx_start browser "${PORT[browser]}" 2> /dev/null
}


browser_url()
{
    echo "http://127.0.0.1:${PORT[browser]}/$1"
}


# browser_open URL [OPTION...]: with a profile of its own each time.
browser_open()
{
    local url=$1

    shift
    rm -rf "$WORK/chromium"
    HOME=$WORK timeout 120 chromium --headless --no-sandbox --disable-gpu \
        --user-data-dir="$WORK/chromium" --no-first-run --hide-scrollbars \
        --disable-background-networking --disable-dev-shm-usage "$@" "$url"
}


# browser_dom FILE URL [OPTION...]: the page as it is once its script has run,
# in $WORK/FILE.html; what the browser complains of in $WORK/FILE.console.
browser_dom()
{
    local file=$1 url=$2

    shift 2
    browser_open "$url" --dump-dom --enable-logging=stderr "$@" \
        > "$WORK/$file.html" 2> "$WORK/$file.log"
    grep CONSOLE "$WORK/$file.log" > "$WORK/$file.console" || true
}


# browser_row FILE PATTERN: the text of the row of a page that has it.
browser_row()
{
    tr '\n' ' ' < "$WORK/$1.html" | sed 's/<tr/\n<tr/g' \
        | sed -E 's/<[^>]*>/ /g; s/ +/ /g; s/^ //; s/ $//' \
        | grep -E -m 1 -- "$2"
}


# browser_child FILE PLATFORM: the digest beside a platform.
browser_child()
{
    browser_row "$1" "^$2 .*sha256:[0-9a-f]{64}" \
        | grep -oE -m 1 'sha256:[0-9a-f]{64}'
}


browser_all()
{
    browser_dom all "$(browser_url status)"

    check_equal "browser: the platforms of the tag" \
        "$NAME:$TAG linux/amd64 linux/arm/v7" \
        "$(browser_row all "^$NAME:$TAG " | cut -d' ' -f1-3)"
    check_equal "browser: what lacks, and why" \
        "$NAME:cold-amd64-only linux/amd64 no linux/arm/v7: not found" \
        "$(browser_row all "^$NAME:cold-amd64-only " | cut -d' ' -f1-6)"
    check_equal "browser: a source that is up" "amd64.registry up" \
        "$(browser_row all '^amd64.registry' | cut -d' ' -f1,3)"
    check "browser: the digest of the list" \
        grep -q "title=\"$(image_digest "$WORK/list")\"" "$WORK/all.html"
    check_none "browser: the filter is there, since the script has run" \
        "$(grep -E '<form [^>]*hidden' "$WORK/all.html")"
    check_none "browser: nothing is complained of" \
        "$(cat "$WORK/all.console")"
}


browser_tag()
{
    browser_dom tag "$(browser_url "status?name=$NAME&tag=$TAG")"
    browser_children tag "a tag's page"
}


# As the address of a tag is typed in.
browser_at_url()
{
    browser_dom url "$(browser_url "v2/$NAME/manifests/$TAG")"
    browser_children url "a tag's URL"
    check_equal "skopeo is given the list there" \
        "$(image_digest "$WORK/list")" \
        "$(skopeo inspect --raw --tls-verify=false \
            "docker://127.0.0.1:${PORT[browser]}/$NAME:$TAG" \
            > "$WORK/list.skopeo" && image_digest "$WORK/list.skopeo")"
}


browser_children()
{
    check_equal "browser, $2: the digest of the list" \
        "$(image_digest "$WORK/list")" \
        "$(grep -oE 'id="digest">sha256:[0-9a-f]{64}' "$WORK/$1.html" \
            | cut -d'>' -f2)"
    check_equal "browser, $2: the image for amd64" \
        "$(pushed two amd64 manifest)" "$(browser_child "$1" linux/amd64)"
    check_equal "browser, $2: the image for arm" \
        "$(pushed two arm manifest)" "$(browser_child "$1" linux/arm/v7)"
    check_none "browser, $2: nothing is complained of" \
        "$(cat "$WORK/$1.console")"
}


# It asks again by itself, and for nothing but itself.
browser_refresh()
{
    local log=$WORK/browser/access.log before asked

    before=$(wc -l < "$log")
    browser_dom again "$(browser_url status)" --virtual-time-budget=20000
    asked=$(tail -n +$((before + 1)) "$log" | cut -d'"' -f2 | sort -u)

    check_equal "browser: the page asks for itself alone" \
        "GET /status HTTP/1.1" "$asked"
    check "browser: and does so again" \
        test "$(wc -l < "$log")" -ge $((before + 2))
    check_equal "browser: what came then is shown" \
        "$NAME:$TAG linux/amd64 linux/arm/v7" \
        "$(browser_row again "^$NAME:$TAG " | cut -d' ' -f1-3)"
}


# The page as it comes, with the script taken out.
browser_plain()
{
    curl -sS -H 'Accept: text/html' "$(browser_url status)" \
        | sed 's/<script.*<.script>//' > "$WORK/scriptless.html"
    browser_dom plain "file://$WORK/scriptless.html"

    check_equal "browser, no scripts: the platforms of the tag" \
        "$NAME:$TAG linux/amd64 linux/arm/v7" \
        "$(browser_row plain "^$NAME:$TAG " | cut -d' ' -f1-3)"
    check "browser, no scripts: the page is asked for again" \
        grep -q '<noscript><meta http-equiv="refresh"' "$WORK/plain.html"
}


# One image under many tags, and the filter.
browser_many()
{
    local i manifest registry=http://127.0.0.1:${PORT[amd64]}

    manifest=$(image_dir two amd64)/blobs/sha256/$(pushed two amd64 manifest \
        | cut -d: -f2)

    for ((i = 1; i <= BROWSER_TAGS; i++)); do
        printf 'url = %s/v2/%s/manifests/many-%04d\n' "$registry" "$NAME" "$i"
        printf 'output = /dev/null\n'
    done > "$WORK/put"
    sed "s|$registry|$(browser_url '' | sed 's|/$||')|" "$WORK/put" \
        > "$WORK/get"

    curl -sS -K "$WORK/put" -X PUT --data-binary "@$manifest" \
        -H 'Content-Type: application/vnd.oci.image.manifest.v1+json'
    curl -sS -K "$WORK/get"

    browser_dom many "$(browser_url 'status#many- arm')"
    check_equal "browser: $BROWSER_TAGS tags, and two that do not fit" \
        "$BROWSER_TAGS of $((BROWSER_TAGS + 2)) shown" \
        "$(grep -oE '[0-9]+ of [0-9]+ shown' "$WORK/many.html")"
    browser_dom one "$(browser_url 'status#many-0007')"
    check_equal "browser: one of them" \
        "1 of $((BROWSER_TAGS + 2)) shown" \
        "$(grep -oE '[0-9]+ of [0-9]+ shown' "$WORK/one.html")"
}


browser_metrics()
{
    check "browser's front: promtool check metrics" \
        browser_promtool "$(browser_url 'status?format=prometheus')"
}


browser_promtool()
{
    curl -sS "$1" | promtool check metrics
}


browser_shots()
{
    local dir=${BROWSER_SHOTS-}

    [ -n "$dir" ] || return 0
    mkdir -p "$dir"
    browser_shot wide 1440,2000 status '--hide-scrollbars'
    browser_shot narrow 500,2400 status '--hide-scrollbars'
    browser_shot dark 1440,2000 status \
        --blink-settings=preferredColorScheme=0
    browser_shot tag 1440,1100 "status?name=$NAME&tag=$TAG" \
        --blink-settings=preferredColorScheme=0
    browser_shot tag-narrow 500,1600 "v2/$NAME/manifests/cold-amd64-only" \
        '--hide-scrollbars'
}


# browser_shot FILE SIZE PATH OPTION
browser_shot()
{
    browser_open "$(browser_url "$3")" --window-size="$2" \
        --screenshot="$BROWSER_SHOTS/$1.png" "$4" > /dev/null 2>&1
}
