# shellcheck shell=bash
#
# podman: pull as each architecture.


client_podman()
{
    if ! packages_need podman; then
        not_ok "podman is installed"
        return
    fi

    mkdir -p "$WORK/podman"
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' \
        > "$WORK/podman/policy.json"

    for_each_pull podman_pull
}


# Storage in $WORK, and nothing taken from the machine's configuration.
podman_here()
{
    local dir=$WORK/podman

    podman --root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/tmp" \
        --storage-driver vfs --events-backend none --cgroup-manager cgroupfs \
        "$@"
}


# The image is removed again: the next pull must fetch all.
podman_pull()
{
    local front=$1 arch=$2 platform=$3 image

    image=$(front_address "$front")/$NAME:$TAG

    check "podman pull, $front, $arch" \
        podman_here pull --quiet --platform "$platform" \
            --signature-policy "$WORK/podman/policy.json" \
            --cert-dir "$WORK/tls" --creds "$USER_NAME:$PASSWORD" "$image"

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
