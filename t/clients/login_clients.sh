# shellcheck shell=bash
#
# How each client logs in, pushes, pulls, and tries a wrong password:
#
#   login_CLIENT HOST USER PASSWORD
#   login_push_CLIENT IMAGE            the stage's image, as IMAGE
#   login_pull_CLIENT IMAGE            as linux/amd64; the last line that it
#                                      prints is the config's digest
#   login_refused_CLIENT HOST IMAGE USER PASSWORD
#
# What a client keeps, it keeps in $LOGIN_DIR.


# Those that this release does not have.
login_tools()
{
    CRANE=$(packages_tool crane/sid) || return 1
    ORAS=$(packages_tool oras/trixie) || return 1
    COSIGN=$(packages_tool cosign/sid)
}


# The digest of the config in an OCI layout, of a list's first image.
layout_config()
{
    local file=$1/index.json digest

    while digest=$(jq -er '.manifests[0].digest' "$file"); do
        file=$1/blobs/sha256/${digest#sha256:}
    done

    jq -r '.config.digest' "$file"
}


# As all do that are written in Go: their own authority, their own directory.
login_run()
{
    DOCKER_CONFIG=$LOGIN_DIR SSL_CERT_FILE=$WORK/tls/ca.crt timeout 60 "$@"
}


docker_as()
{
    login_run "$DOCKER" --config "$LOGIN_DIR" \
        -H "unix://$WORK/dockerd/socket" "$@"
}


login_docker()
{
    docker_as login --username "$2" --password-stdin "$1" <<< "$3"
}


login_refused_docker()
{
    login_docker "$1" "$3" "$4"
}


# Nothing stays at the daemon that a pull would otherwise bring.
login_push_docker()
{
    docker_as load --quiet --input "$WORK/login/image.tar" \
        && docker_as tag mlist/login:1 "$1" \
        && docker_as push "$1" \
        && docker_as rmi "$1" mlist/login:1
}


login_pull_docker()
{
    docker_as pull --quiet --platform linux/amd64 "$1" \
        && docker_as image inspect --format '{{.Id}}' "$1" \
        && docker_as rmi "$1" > /dev/null
}


# storage_as COMMAND...: podman or buildah, on a storage of this run.
storage_as()
{
    local client=$1

    shift
    login_run "$client" --root "$WORK/login/$client/root" \
        --runroot "$WORK/login/$client/run" --storage-driver vfs "$@"
}


# The options of what goes over the wire, for all that share a library.
login_options()
{
    printf '%s\n' --authfile "$LOGIN_DIR/config.json" --cert-dir "$WORK/tls"
}


login_storage()
{
    local options

    mapfile -t options < <(login_options)
    login_run "$1" login "${options[@]}" --username "$3" --password-stdin \
        "$2" <<< "$4"
}


login_push_storage()
{
    local client=$1 image=$2 id options

    mapfile -t options < <(login_options)
    id=$(storage_as "$client" pull --quiet \
             "docker-archive:$WORK/login/image.tar") \
        && storage_as "$client" push "${options[@]}" "$id" \
            "docker://$image" \
        && storage_as "$client" rmi "$id"
}


login_pull_storage()
{
    local client=$1 image=$2 id options

    mapfile -t options < <(login_options)
    id=$(storage_as "$client" pull --quiet "${options[@]}" "$image") \
        && storage_as "$client" rmi "$id" > /dev/null \
        && echo "sha256:$id"
}


login_podman()
{
    login_storage podman "$@"
}


login_refused_podman()
{
    login_podman "$1" "$3" "$4"
}


login_push_podman()
{
    login_push_storage podman "$@"
}


login_pull_podman()
{
    login_pull_storage podman "$@"
}


login_buildah()
{
    login_storage buildah "$@"
}


login_refused_buildah()
{
    login_buildah "$1" "$3" "$4"
}


login_push_buildah()
{
    login_push_storage buildah "$@"
}


login_pull_buildah()
{
    login_pull_storage buildah "$@"
}


login_skopeo()
{
    login_storage skopeo "$@"
}


login_refused_skopeo()
{
    login_skopeo "$1" "$3" "$4"
}


login_push_skopeo()
{
    skopeo copy --quiet --insecure-policy \
        --dest-authfile "$LOGIN_DIR/config.json" --dest-cert-dir "$WORK/tls" \
        "oci:$LOGIN_IMAGE" "docker://$1"
}


login_pull_skopeo()
{
    rm -rf "$LOGIN_DIR/pulled"
    skopeo --override-os linux --override-arch amd64 copy --quiet \
        --insecure-policy --src-authfile "$LOGIN_DIR/config.json" \
        --src-cert-dir "$WORK/tls" "docker://$1" \
        "oci:$LOGIN_DIR/pulled" && layout_config "$LOGIN_DIR/pulled"
}


# It writes the password down, and no more.
login_crane()
{
    login_run "$CRANE" auth login --username "$2" --password-stdin "$1" \
        <<< "$3"
}


login_refused_crane()
{
    login_crane "$1" "$3" "$4" && login_pull_crane "$2"
}


login_push_crane()
{
    login_run "$CRANE" push "$LOGIN_IMAGE" "$1"
}


login_pull_crane()
{
    rm -rf "$LOGIN_DIR/pulled"
    login_run "$CRANE" pull --format oci --platform linux/amd64 "$1" \
        "$LOGIN_DIR/pulled" && layout_config "$LOGIN_DIR/pulled"
}


login_oras()
{
    login_run "$ORAS" login --username "$2" --password-stdin "$1" <<< "$3"
}


login_refused_oras()
{
    login_oras "$1" "$3" "$4"
}


login_push_oras()
{
    login_run "$ORAS" cp --no-tty --from-oci-layout \
        "$LOGIN_IMAGE@$(image_fact "$LOGIN_IMAGE" manifest)" "$1"
}


login_pull_oras()
{
    rm -rf "$LOGIN_DIR/pulled"
    login_run "$ORAS" cp --no-tty --platform linux/amd64 "$1" \
        --to-oci-layout "$LOGIN_DIR/pulled:1" \
        && layout_config "$LOGIN_DIR/pulled"
}


# It writes the password down, and no more.
login_cosign()
{
    login_run "$COSIGN" login --username "$2" --password-stdin "$1" <<< "$3"
}


login_refused_cosign()
{
    login_cosign "$1" "$3" "$4" && login_pull_cosign "$2"
}


login_push_cosign()
{
    login_run "$COSIGN" load --dir "$WORK/login/layout" "$1"
}


login_pull_cosign()
{
    rm -rf "$LOGIN_DIR/pulled"
    login_run "$COSIGN" save --dir "$LOGIN_DIR/pulled" "$1" \
        && layout_config "$LOGIN_DIR/pulled"
}


# login_cosign_sign IMAGE MODE: with a key for each mode.
login_cosign_sign()
{
    export COSIGN_PASSWORD='' COSIGN_EXPERIMENTAL=1

    login_run "$COSIGN" generate-key-pair --output-key-prefix "$LOGIN_DIR/$2" \
        && login_run "$COSIGN" sign --yes --key "$LOGIN_DIR/$2.key" \
            --new-bundle-format=false --tlog-upload=false \
            --use-signing-config=false --registry-referrers-mode "$2" "$1"
}


login_cosign_verify()
{
    local options=()

    [ "$2" = legacy ] || options=(--experimental-oci11)
    COSIGN_EXPERIMENTAL=1 login_run "$COSIGN" verify \
        --key "$LOGIN_DIR/$2.pub" --new-bundle-format=false \
        --insecure-ignore-tlog=true "${options[@]}" "$1"
}


# ctr has no login: it is told with each command.
login_containerd()
{
    containerd_host "$1"
    printf '%s:%s' "$2" "$3" > "$LOGIN_DIR/user"
}


login_refused_containerd()
{
    login_containerd "$1" "$3" "$4" && login_pull_containerd "$2"
}


containerd_as()
{
    local command=$1

    shift
    login_run ctr --address "$WORK/containerd/socket" \
        --namespace "${LOGIN_DIR##*/}" images "$command" \
        --user "$(cat "$LOGIN_DIR/user")" \
        --hosts-dir "$WORK/containerd/hosts" "$@"
}


login_push_containerd()
{
    ctr_here --namespace "${LOGIN_DIR##*/}" images import --no-unpack \
            "$WORK/login/layout.tar" \
        && containerd_as push "$1" mlist.test/login:1 \
        && ctr_here --namespace "${LOGIN_DIR##*/}" images rm --sync \
            mlist.test/login:1
}


login_pull_containerd()
{
    containerd_as pull --snapshotter native --platform linux/amd64 "$1" \
        && ctr_here --namespace "${LOGIN_DIR##*/}" content ls -q \
            | grep -x "$LOGIN_CONFIG"
}
