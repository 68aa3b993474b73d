# shellcheck shell=bash
#
# docker: a daemon of its own, started by hand without a network; pull as
# each architecture.

# A newer command line elsewhere on PATH is not the packaged one.
DOCKER=/usr/bin/docker


client_docker()
{
    if ! packages_need docker.io; then
        not_ok "docker is installed"
        return
    fi

    docker_config "$WORK/docker"

    if ! docker_start; then
        not_ok "dockerd starts"
        return
    fi

    for_each_pull docker_pull
    docker_pull_list two
    proc_stop dockerd
}


docker_start()
{
    local dir=$WORK/dockerd

    mkdir -p "$dir"
    echo '{}' > "$dir/daemon.json"
    proc_start dockerd env "SSL_CERT_FILE=$WORK/tls/ca.crt" dockerd \
        --config-file "$dir/daemon.json" --data-root "$dir/data" \
        --exec-root "$dir/exec" --pidfile "$dir/pid" -H "unix://$dir/socket" \
        --iptables=false --ip6tables=false --ip-masq=false --bridge=none \
        --storage-driver=vfs --insecure-registry 127.0.0.0/8
    proc_ready dockerd 60 docker_here version
}


docker_here()
{
    "$DOCKER" --config "$WORK/docker" -H "unix://$WORK/dockerd/socket" "$@"
}


# The image is removed again: the next pull must fetch all.
docker_pull()
{
    local front=$1 arch=$2 platform=$3 image

    image=$(front_address "$front")/$NAME:$TAG

    check "docker pull, $front, $arch" \
        docker_here pull --quiet --platform "$platform" "$image"

    check_equal "docker pull, $front, $arch: config" \
        "$(pushed "$front" "$arch" config)" \
        "$(docker_inspect "$image" .Id)"
    check_equal "docker pull, $front, $arch: layer" \
        "[$(pushed "$front" "$arch" diff)]" \
        "$(docker_inspect "$image" .RootFS.Layers)"
    check_equal "docker pull, $front, $arch: architecture" "$arch" \
        "$(docker_inspect "$image" .Architecture)"
    check_equal "docker pull, $front, $arch: the list's digest" \
        "[${image%:*}@$(curl_digest "$front")]" \
        "$(docker_inspect "$image" .RepoDigests)"

    docker_here rmi "$image" > /dev/null 2>&1 || true
}


# docker_pull_list FRONT: by the digest of the list, as a pin does.
docker_pull_list()
{
    local front=$1

    check "docker pull by the list's digest, $front" \
        docker_here pull --quiet --platform linux/arm/v7 \
            "$(front_address "$front")/$NAME@$(curl_digest "$front")"
}


docker_inspect()
{
    docker_here image inspect --format "{{$2}}" "$1" 2>&1 || true
}
