# shellcheck shell=bash
#
# podman: pull as each architecture.


client_podman()
{
    if ! packages_need podman; then
        not_ok "podman is installed"
        return
    fi

    for_each_pull podman_pull
}


# The image is removed again: the next pull must fetch all.
podman_pull()
{
    local front=$1 arch=$2 image

    image=$(front_address "$front")/$NAME:$TAG

    check "podman pull, $front, $arch" pull_podman "$image" "$arch"

    check_equal "podman pull, $front, $arch: config" \
        "$(pushed "$front" "$arch" config)" \
        "sha256:$(podman_inspect "$image" .Id)"
    check_equal "podman pull, $front, $arch: layer" \
        "[$(pushed "$front" "$arch" diff)]" \
        "$(podman_inspect "$image" .RootFS.Layers)"
    check_equal "podman pull, $front, $arch: architecture" "$arch" \
        "$(podman_inspect "$image" .Architecture)"

    podman_here rmi "$image" > /dev/null 2>&1 || true
}


podman_inspect()
{
    podman_here image inspect --format "{{$2}}" "$1" 2>&1 || true
}
