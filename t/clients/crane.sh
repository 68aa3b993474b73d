# shellcheck shell=bash
#
# crane: digest and manifest of each platform, and a pull into an OCI layout.
# It speaks HTTP/2 to the front.


client_crane()
{
    if ! CRANE=$(packages_tool crane/sid); then
        not_ok "crane is installed"
        return
    fi

    docker_config "$WORK/crane"
    for_each_pull crane_pull
}


crane_here()
{
    DOCKER_CONFIG=$WORK/crane SSL_CERT_FILE=$WORK/tls/ca.crt "$CRANE" "$@"
}


crane_pull()
{
    local front=$1 arch=$2 platform=$3 dir=$WORK/crane-$1-$2 image

    image=$(front_address "$front")/$NAME:$TAG

    check_equal "crane digest, $front, $arch" \
        "$(pushed "$front" "$arch" manifest)" \
        "$(crane_here digest --platform "$platform" "$image" 2>&1)"

    check "crane pull, $front, $arch" \
        crane_here pull --format oci --platform "$platform" "$image" "$dir"
    check_blobs "crane pull" "$front" "$arch" "$dir/blobs/sha256" \
        manifest config layer
}
