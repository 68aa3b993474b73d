# shellcheck shell=bash
#
# containerd, driven by ctr: pull as each architecture; list, manifest,
# config and layer must then be in its content store.


client_containerd()
{
    if ! packages_need containerd; then
        not_ok "containerd is installed"
        return
    fi

    if ! containerd_start; then
        not_ok "containerd starts"
        return
    fi

    containerd_host "$(front_address two)"
    containerd_host "$(front_address suffixed)"
    for_each_pull containerd_pull
    proc_stop containerd
}


# The CRI plugin would want a network configuration.
containerd_start()
{
    local dir=$WORK/containerd

    mkdir -p "$dir"
    cat > "$dir/config.toml" << EOT
version = 2
root = "$dir/root"
state = "$dir/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$dir/socket"
[ttrpc]
  address = "$dir/ttrpc"
EOT

    proc_start containerd containerd --config "$dir/config.toml"
    proc_ready containerd 30 ctr_here version
}


# containerd_host HOST:PORT: without it, ctr takes a loopback address for a
# plain HTTP registry.
containerd_host()
{
    local host=$1 dir=$WORK/containerd/hosts/$1

    mkdir -p "$dir"
    cat > "$dir/hosts.toml" << EOT
server = "https://$host"
[host."https://$host"]
  ca = "$WORK/tls/ca.crt"
EOT
}


ctr_here()
{
    ctr --address "$WORK/containerd/socket" "$@"
}


# A namespace for each pull, so that nothing of an earlier one is found.
containerd_pull()
{
    local front=$1 arch=$2 platform=$3 space=$1-$2 image fact content

    image=$(front_address "$front")/$NAME:$TAG

    check "ctr images pull, $front, $arch" \
        ctr_here -n "$space" images pull --snapshotter native \
            --platform "$platform" --user "$USER_NAME:$PASSWORD" \
            --hosts-dir "$WORK/containerd/hosts" "$image"

    content=$(ctr_here -n "$space" content ls -q 2>&1) || true
    for fact in manifest config layer; do
        check "ctr images pull, $front, $arch: $fact" \
            grep -qx "$(pushed "$front" "$arch" "$fact")" <<< "$content"
    done

    check_equal "ctr images ls, $front, $arch: the list's digest" \
        "$(curl_digest "$front")" \
        "$(ctr_here -n "$space" images ls 2>&1 \
               | awk -v image="$image" '$1 == image { print $3 }')"
}
