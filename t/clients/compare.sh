# shellcheck shell=bash
#
# What people pushed as a third step, before nginx made it: crane and docker
# put a list together, and it has the entries of the one that is served, in
# the words of README.md's page about that.


client_compare()
{
    # shellcheck disable=SC1091
    . "$ROOT/t/clients/docker.sh"

    if ! CRANE=$(packages_tool crane/sid) || ! packages_need docker.io jq; then
        not_ok "crane and docker are installed"
        return
    fi

    docker_config "$WORK/crane"
    compare_appended suffixed appended \
        "both/$NAME:$TAG-amd64" "both/$NAME:$TAG-arm"
    compare_appended two spanned "amd64/$NAME:$TAG" "arm/$NAME:$TAG"
    compare_docker
}


# compare_at REGISTRY/REST: REGISTRY's address in its place.
compare_at()
{
    printf '127.0.0.1:%s/%s\n' "${PORT[${1%%/*}]}" "${1#*/}"
}


compare_crane()
{
    DOCKER_CONFIG=$WORK/crane SSL_CERT_FILE=$WORK/tls/ca.crt "$CRANE" "$@"
}


compare_entries()
{
    compare_crane manifest "$1" 2>&1 | jq -S .manifests 2>&1
}


# compare_appended FRONT TAG IMAGE...
compare_appended()
{
    local front=$1 target image options=()

    target=$(compare_at "both/$NAME:$2")
    shift 2

    for image in "$@"; do
        options+=(-m "$(compare_at "$image")")
    done

    check "compare, $front: crane index append" \
        compare_crane index append "${options[@]}" -t "$target"
    compare_same "crane index append" "$front" "$target"
}


compare_docker()
{
    local target

    target=$(compare_at "both/$NAME:listed")

    check "compare, suffixed: docker manifest create" compare_manifest \
        create --insecure "$target" "$(compare_at "both/$NAME:$TAG-amd64")" \
        "$(compare_at "both/$NAME:$TAG-arm")"
    check "compare, suffixed: docker manifest push" compare_manifest \
        push --insecure "$target"
    compare_same "docker manifest push" suffixed "$target"
}


compare_manifest()
{
    DOCKER_CLI_EXPERIMENTAL=enabled "$DOCKER" --config "$WORK/crane" \
        manifest "$@"
}


# compare_same WHAT FRONT IMAGE
compare_same()
{
    check_equal "compare, $2: there are two entries" 2 \
        "$(compare_entries "$3" | jq length 2>&1)"
    check_equal "compare, $2: the entries that $1 made" \
        "$(compare_entries "$3")" \
        "$(compare_entries "$(front_address "$2")/$NAME:$TAG")"
}
