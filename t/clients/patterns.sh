# shellcheck shell=bash
#
# One namespace for each architecture, amd64/app and arm32v7/app, is "app" to
# skopeo, podman, oras and curl; what else the registry has is not there.


client_patterns()
{
    # the name that pull.sh and others take
    local NAME=app

    patterns_push
    port_new "PORT[patterns]"
    front_write patterns "${PORT[patterns]}" << EOT
    upstream registry { server 127.0.0.1:${PORT[both]}; keepalive 32; }
EOT
    front_sources patterns "http://registry name=amd64/*" \
        "http://registry name=arm32v7/* platform=linux/arm/v7"
    nginx_start patterns "${PORT[patterns]}" || return 1
    PATTERNS=$(front_address patterns)/$NAME

    patterns_copy amd64
    patterns_copy arm
    patterns_podman
    patterns_pin
    patterns_names
    patterns_referrers

    check_none "patterns: no alert in nginx's error log" \
        "$(nginx_alerts "$WORK/patterns/error.log")"
}


# library/app is an image, too, but no pattern spells it.
patterns_push()
{
    local registry=127.0.0.1:${PORT[both]} arch name

    for arch in amd64 arm; do
        image_make "$(image_dir patterns "$arch")" patterns "$arch" \
            "$(pull_variant "$arch")"
    done

    for name in library/app amd64/app amd64/only; do
        image_push "$(image_dir patterns amd64)" "$registry/$name:$TAG"
    done

    image_push "$(image_dir patterns arm)" "$registry/arm32v7/app:$TAG"
    image_push "$(image_dir patterns arm)" "$registry/arm32v7/app:arm-only"
}


patterns_copy()
{
    local arch=$1 dir=$WORK/patterns-$1

    check "skopeo copy, patterns, $arch" \
        pull_skopeo "$PATTERNS:$TAG" "$arch" "$dir"
    check_equal "skopeo copy, patterns, $arch: manifest" \
        "$(pushed patterns "$arch" manifest)" \
        "$(image_digest "$dir/manifest.json" 2>&1)"
    check_blobs "skopeo copy" patterns "$arch" "$dir" config layer
}


patterns_podman()
{
    if ! packages_need podman; then
        not_ok "podman is installed"
        return
    fi

    check "podman pull, patterns, arm" pull_podman "$PATTERNS:$TAG" arm
    check_equal "podman pull, patterns, arm: config" \
        "$(pushed patterns arm config)" \
        "sha256:$(podman_here image inspect --format '{{.Id}}' \
            "$PATTERNS:$TAG" 2>&1)"
    podman_here rmi "$PATTERNS:$TAG" > /dev/null 2>&1 || true
}


patterns_pin()
{
    local pin

    pin=$(curl_digest patterns)
    check_equal "skopeo inspect by the list's digest, patterns" \
        "$(printf '%s\n' "linux/amd64 $(pushed patterns amd64 manifest)" \
            "linux/arm/v7 $(pushed patterns arm manifest)")" \
        "$(pull_raw "$PATTERNS@$pin" 2>&1 | pull_platforms 2>&1)"
}


patterns_names()
{
    check_equal "skopeo list-tags, patterns: of both repositories" \
        "$TAG arm-only" \
        "$(skopeo list-tags --cert-dir "$WORK/tls" \
            --creds "$USER_NAME:$PASSWORD" "docker://$PATTERNS" 2>&1 \
            | jq -r '.Tags | sort | join(" ")' 2>&1)"
    check_equal "patterns: the catalog has the clients' names" "app only" \
        "$(curl_front patterns ../_catalog 2>&1 \
            | jq -r '.repositories | join(" ")' 2>&1)"
    check_equal "patterns: the registry's own name is none here" 404 \
        "$(curl_front patterns "../library/app/manifests/$TAG" \
            -o /dev/null -w '%{http_code}' 2>&1)"
}


# Attached at the registry to the image for arm, under its name there.
patterns_referrers()
{
    local oras digest attached

    if ! oras=$(packages_tool oras/trixie); then
        not_ok "oras is installed"
        return
    fi

    digest=$(pushed patterns arm manifest)
    docker_config "$WORK/patterns-oras" patterns
    echo note > "$WORK/patterns-oras/note"
    attached=$(cd "$WORK/patterns-oras" && "$oras" attach --no-tty \
        --plain-http --artifact-type application/vnd.example.note \
        --format json "127.0.0.1:${PORT[both]}/arm32v7/app@$digest" note \
        2>&1 | jq -r '.digest' 2>&1)

    check_equal "oras discover, patterns: what is attached at the registry" \
        "$attached" \
        "$(DOCKER_CONFIG=$WORK/patterns-oras SSL_CERT_FILE=$WORK/tls/ca.crt \
            "$oras" discover --format json "$PATTERNS@$digest" 2>&1 \
            | jq -r '.manifests[].digest' 2>&1)"
}
