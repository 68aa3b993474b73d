# shellcheck shell=bash
#
# Pulls with the two clients that need no daemon, as the stage's user over
# the stage's TLS.


# The variant that the stage's image for ARCH has.
pull_variant()
{
    [ "$1" != arm ] || echo v7
}


# pull_skopeo IMAGE ARCH DIR: DIR then has manifest.json and, named by their
# digests, the blobs: bytes as they came.
pull_skopeo()
{
    local variant

    variant=$(pull_variant "$2")
    skopeo --override-os linux --override-arch "$2" \
        ${variant:+--override-variant "$variant"} copy --quiet \
        --insecure-policy --src-cert-dir "$WORK/tls" \
        --src-creds "$USER_NAME:$PASSWORD" "docker://$1" "dir:$3"
}


pull_raw()
{
    skopeo inspect --raw --cert-dir "$WORK/tls" \
        --creds "$USER_NAME:$PASSWORD" "docker://$1"
}


# The platforms of a list from standard input, each with its digest.
pull_platforms()
{
    jq -r '.manifests[] | "\(.platform.os)/\(.platform.architecture)"
           + (if .platform.variant then "/" + .platform.variant else "" end)
           + " " + .digest'
}


# pull_podman IMAGE ARCH: into a storage in $WORK.
pull_podman()
{
    local variant

    variant=$(pull_variant "$2")
    mkdir -p "$WORK/podman"
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' \
        > "$WORK/podman/policy.json"

    podman_here pull --quiet \
        --platform "linux/$2${variant:+/$variant}" \
        --signature-policy "$WORK/podman/policy.json" \
        --cert-dir "$WORK/tls" --creds "$USER_NAME:$PASSWORD" "$1"
}


# Nothing is taken from, or left in, the machine's own storage.
podman_here()
{
    local dir=$WORK/podman

    podman --root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/tmp" \
        --storage-driver vfs --events-backend none \
        --cgroup-manager cgroupfs "$@"
}
