# shellcheck shell=bash
#
# skopeo: copy, as each architecture, into an OCI layout or a directory; and
# inspect --raw, whose list must be exactly what was pushed.


client_skopeo()
{
    for_each_pull skopeo_copy
    skopeo_raw two
    skopeo_raw suffixed
}


# A "dir:" copy keeps the bytes as they came.
skopeo_copy()
{
    local front=$1 arch=$2 dir=$WORK/skopeo-$1-$2 variant=''

    [ "$arch" = amd64 ] || variant=v7

    check "skopeo copy, $front, $arch" \
        skopeo --override-os linux --override-arch "$arch" \
            ${variant:+--override-variant "$variant"} copy --quiet \
            --insecure-policy --src-cert-dir "$WORK/tls" \
            --src-creds "$USER_NAME:$PASSWORD" \
            "docker://$(front_address "$front")/$NAME:$TAG" "dir:$dir"

    check_equal "skopeo copy, $front, $arch: manifest" \
        "$(pushed "$front" "$arch" manifest)" \
        "$(image_digest "$dir/manifest.json" 2>&1)"
    check_blobs "skopeo copy" "$front" "$arch" "$dir" config layer
}


skopeo_raw()
{
    local front=$1 raw expected

    raw=$(skopeo inspect --raw --cert-dir "$WORK/tls" \
              --creds "$USER_NAME:$PASSWORD" \
              "docker://$(front_address "$front")/$NAME:$TAG" 2>&1) || true
    expected=$(printf '%s\n' "linux/amd64 $(pushed "$front" amd64 manifest)" \
                   "linux/arm/v7 $(pushed "$front" arm manifest)")

    check_equal "skopeo inspect --raw, $front: the platforms pushed" \
        "$expected" "$(printf '%s\n' "$raw" | skopeo_platforms 2>&1)"
}


skopeo_platforms()
{
    jq -r '.manifests[] | "\(.platform.os)/\(.platform.architecture)"
           + (if .platform.variant then "/" + .platform.variant else "" end)
           + " " + .digest'
}
