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


skopeo_copy()
{
    local front=$1 arch=$2 dir=$WORK/skopeo-$1-$2

    check "skopeo copy, $front, $arch" \
        pull_skopeo "$(front_address "$front")/$NAME:$TAG" "$arch" "$dir"

    check_equal "skopeo copy, $front, $arch: manifest" \
        "$(pushed "$front" "$arch" manifest)" \
        "$(image_digest "$dir/manifest.json" 2>&1)"
    check_blobs "skopeo copy" "$front" "$arch" "$dir" config layer
}


skopeo_raw()
{
    local front=$1 raw expected

    raw=$(pull_raw "$(front_address "$front")/$NAME:$TAG" 2>&1) || true
    expected=$(printf '%s\n' "linux/amd64 $(pushed "$front" amd64 manifest)" \
                   "linux/arm/v7 $(pushed "$front" arm manifest)")

    check_equal "skopeo inspect --raw, $front: the platforms pushed" \
        "$expected" "$(printf '%s\n' "$raw" | pull_platforms 2>&1)"
}
