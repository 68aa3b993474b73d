# shellcheck shell=bash
#
# The files of examples/ that clients read, each where its comment says that
# it belongs, read by these clients: containerd's hosts.toml, podman's
# registries.conf, a Swarm stack.  They pull by the examples' names from the
# front of examples/two-registries.conf.  In the namespace and on the covered
# /etc of ci/examples.

examples_clients()
{
    trial_names "$WORK/hosts" {limited,failing,named,plain}.example.com
    trial_registries
    trial_files /etc
    clients_front || { not_ok "the front starts"; return; }

    check "compose.yaml is as docker-compose takes it" clients_compose \
        compose/compose.yaml
    check "stack.yaml is as docker-compose takes it" clients_compose \
        swarm/stack.yaml
    clients_containerd
    clients_podman
    clients_swarm
}


clients_front()
{
    mkdir -p "$WORK/front"
    {
        front_preamble "$WORK/front"
        trial_conf "$ROOT/examples/two-registries.conf"
        echo "}"
    } > "$WORK/front/nginx.conf"
    nginx_start front 443
}


clients_compose()
{
    docker-compose -f "$ROOT/examples/$1" config -q
}


clients_platform()
{
    printf 'linux/%s\n' "$1$(pull_variant "$1" | sed 's|^|/|')"
}


clients_containerd()
{
    # shellcheck disable=SC2153
    local dir=/etc/containerd/certs.d image=$TRIAL_HOST/$NAME:$TAG
    local arch content

    mkdir -p "$dir/$TRIAL_HOST"
    cp "$WORK/tls/ca.crt" "$ROOT/examples/kubernetes/hosts.toml" \
        "$dir/$TRIAL_HOST/"
    containerd_start || { not_ok "containerd starts"; return; }

    for arch in amd64 arm; do
        check "hosts.toml: ctr pulls, $arch" clients_quiet \
            ctr_here -n "$arch" images pull --snapshotter native \
                --platform "$(clients_platform "$arch")" \
                --user "$USER_NAME:$PASSWORD" \
                --hosts-dir "$dir" "$image"
        content=$(ctr_here -n "$arch" content ls -q 2>&1) || true
        check "hosts.toml: what came, $arch" grep -qx \
            "$(image_fact "$WORK/image-$arch" config)" <<< "$content"
    done

}


# clients_quiet COMMAND...: containerd reports what it does not read, and goes
# on without it.
clients_quiet()
{
    "$@" > "$WORK/said" 2>&1 || { cat "$WORK/said"; return 1; }
    ! grep 'level=error' "$WORK/said"
}


# A name without a registry, and one of the registry that it was at.
clients_podman()
{
    local name

    mkdir -p "$WORK/podman" /etc/containers/registries.conf.d \
        "/etc/containers/certs.d/$TRIAL_HOST"
    cp "$ROOT/examples/podman/registries.conf" \
        /etc/containers/registries.conf.d/front.conf
    cp "$WORK/tls/ca.crt" "/etc/containers/certs.d/$TRIAL_HOST/"
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' \
        > /etc/containers/policy.json
    check "podman login" clients_podman_as_user login -u "$USER_NAME" \
        -p "$PASSWORD" "$TRIAL_HOST"

    for name in "$NAME:$TAG" "amd64.registry:5000/$NAME:$TAG" \
        "arm.registry:5000/$NAME:$TAG"
    do
        clients_podman_pull "$name" amd64
        clients_podman_pull "$name" arm
    done
}


clients_podman_as_user()
{
    REGISTRY_AUTH_FILE=$WORK/podman/auth.json podman_here "$@"
}


clients_podman_pull()
{
    local name=$1 arch=$2

    check "registries.conf: podman pulls $name, $arch" \
        clients_podman_as_user pull --quiet \
            --platform "$(clients_platform "$arch")" "$name"
    check_equal "registries.conf: what came of $name, $arch" \
        "$(image_fact "$WORK/image-$arch" config)" \
        "sha256:$(podman_here images --quiet --no-trunc 2>&1 \
                      | sed 's/^sha256://')"
    podman_here rmi --all > /dev/null 2>&1 || true
}


# What Swarm makes of a tag: the digest of the list, and the platforms that
# it says.  The tasks themselves do not run: there is no network for them.
clients_swarm()
{
    cp "$ROOT"/examples/swarm/* "$WORK/"
    cp "$WORK/tls/private/server.crt" "$WORK/fullchain.pem"
    cp "$WORK/tls/private/server.key" "$WORK/privkey.pem"
    front_users "$WORK/htpasswd" "$USER_NAME" "$PASSWORD"

    docker_start || { not_ok "dockerd starts"; return; }
    check "docker login" docker_here login -u "$USER_NAME" -p "$PASSWORD" \
        "$TRIAL_HOST"
    check "a swarm begins" docker_here swarm init --advertise-addr 127.0.0.1
    check "docker stack deploy" docker_here stack deploy --with-registry-auth \
        -c "$WORK/stack.yaml" common

    check_equal "stack.yaml: the tag is pinned as the list" \
        "$TRIAL_HOST/$NAME:$TAG@$(clients_list_digest)" \
        "$(clients_service .ContainerSpec.Image)"
    check_equal "stack.yaml: the list says which nodes are for it" \
        'amd64/linux /linux ' \
        "$(clients_service 'range .Placement.Platforms' \
            '{{.Architecture}}/{{.OS}} {{end}}')"
}


# clients_service FIELD [TEXT]: of the service's template of tasks.  Docker
# leaves the architecture of ARM open, since nodes name it in several ways.
clients_service()
{
    docker_here service inspect common_prometheus --format \
        "{{with .Spec.TaskTemplate}}{{$1}}${2-}{{end}}" 2>&1
}


clients_list_digest()
{
    pull_raw "$TRIAL_HOST/$NAME:$TAG" > "$WORK/list" \
        && image_digest "$WORK/list"
}
