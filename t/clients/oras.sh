# shellcheck shell=bash
#
# oras: the manifest, config and layer of each platform.


client_oras()
{
    if ! ORAS=$(packages_tool oras/trixie); then
        not_ok "oras is installed"
        return
    fi

    docker_config "$WORK/oras"
    for_each_pull oras_fetch
}


oras_here()
{
    DOCKER_CONFIG=$WORK/oras SSL_CERT_FILE=$WORK/tls/ca.crt "$ORAS" "$@"
}


# oras pull unpacks only files that carry a title, as images' layers do not:
# copying into an OCI layout brings everything.
oras_fetch()
{
    local front=$1 arch=$2 platform=$3 dir=$WORK/oras-$1-$2 image

    image=$(front_address "$front")/$NAME:$TAG

    check_equal "oras manifest fetch, $front, $arch" \
        "$(pushed "$front" "$arch" manifest)" \
        "$(oras_here manifest fetch --platform "$platform" "$image" \
               --output "$WORK/oras/manifest" 2>&1 \
               && image_digest "$WORK/oras/manifest")"

    check "oras cp, $front, $arch" \
        oras_here cp --no-tty --platform "$platform" "$image" \
            --to-oci-layout "$dir:$TAG"

    check_blobs "oras cp" "$front" "$arch" "$dir/blobs/sha256" \
        manifest config layer
}
