# shellcheck shell=bash
#
# mlist_push by=platform: clients push an image of each architecture under one
# name, without a suffix, and each architecture pulls its own; an index goes
# to all its sources, an artifact stays as it is.  At real registries:
#
#   tags      suffixed tags
#   names     a repository for each architecture
#   login     the same at a registry that wants tokens, which the front gets
#   through   suffixed tags there, for which the client gets tokens itself

PUSH_FRONTS=(tags names login through)
PUSH_CLIENTS=(docker podman buildah skopeo crane oras)


client_push()
{
    local file front client

    for file in docker containerd login_clients; do
        # shellcheck disable=SC1090
        . "$ROOT/t/clients/$file.sh"
    done

    if ! push_stage; then
        not_ok "push: the stage is set"
        return
    fi

    for front in "${PUSH_FRONTS[@]}"; do
        for client in "${PUSH_CLIENTS[@]}"; do
            push_client "$client" "$front"
        done
    done

    for front in tags names; do
        push_refused "$front"
        push_index "$front"
        push_artifact "$front"
    done

    proc_stop dockerd
    check_none "push: no alert in nginx's error log" \
        "$(nginx_alerts "$WORK/push/error.log")"
}


push_stage()
{
    local front

    packages_need docker.io podman buildah || return 1
    login_tools || return 1

    mkdir -p "$WORK/push/user" "$WORK/login"
    export LOGIN_DIR=$WORK/push/user

    for front in "${PUSH_FRONTS[@]}"; do
        port_new "PORT[push-$front]"
    done

    push_registries || return 1

    image_make "$(image_dir push riscv64)" prometheus riscv64 || return 1
    push_conf > "$WORK/push/nginx.conf"
    nginx_start push "${PORT[push-tags]}" && docker_start
}


push_registries()
{
    local name

    for name in push-registry push-bearer push-tokens; do
        port_new "PORT[$name]"
    done

    printf '%s\n' "$PASSWORD" > "$WORK/push/password"
    chmod 644 "$WORK/push/password"

    tokens_start push-tokens "${PORT[push-tokens]}" \
            "$USER_NAME:$PASSWORD:pull,push" \
        && registry_start push-bearer "${PORT[push-bearer]}" \
            "$(tokens_auth push-tokens "${PORT[push-tokens]}")" \
        && registry_start push-registry "${PORT[push-registry]}"
}


push_conf()
{
    local dir=$WORK/push

    front_preamble "$dir"
    cat << EOT
    ssl_certificate     $WORK/tls/private/server.crt;
    ssl_certificate_key $WORK/tls/private/server.key;
    client_max_body_size 0;
    upstream registry { server 127.0.0.1:${PORT[push-registry]}; keepalive 32; }
EOT
    local here="mlist_htpasswd $WORK/htpasswd;" bearer
    local tags=('tag=*-amd64 platform=linux/amd64'
        'tag=*-arm platform=linux/arm/v7')
    local names=('name=amd64/* platform=linux/amd64'
        'name=arm32v7/* platform=linux/arm/v7')

    bearer=http://127.0.0.1:${PORT[push-bearer]}

    push_server tags "$here" http://registry "${tags[@]}"
    push_server names "$here" http://registry "${names[@]}"
    push_server login "$here $(push_login)" "$bearer" "${names[@]}"
    push_server through "mlist_auth registry;" "$bearer" "${tags[@]}"
    echo "}"
}


push_login()
{
    cat << EOT
mlist_login http://127.0.0.1:${PORT[push-bearer]} $USER_NAME
                $WORK/push/password
                realm=$(tokens_realm "${PORT[push-tokens]}");
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate $WORK/tls/ca.crt;
EOT
}


# push_server FRONT DIRECTIVES REGISTRY SOURCE...
push_server()
{
    local registry=$3

    cat << EOT

    server {
        listen 127.0.0.1:${PORT[push-$1]} ssl http2;

        location /v2/ {
            $2
            mlist_store    $WORK/push/store;
            mlist_push     $registry by=platform;
EOT
    shift 3
    printf "            mlist_source   $registry %s;\n" "$@"
    cat << 'EOT'
            proxy_pass     $mlist_upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering off;
        }
    }
EOT
}


# push_take ARCH: what the clients' functions push from now on.
push_take()
{
    LOGIN_IMAGE=$(image_dir two "$1")
    rm -f "$WORK/login/image.tar"
    skopeo copy --quiet --insecure-policy "oci:$LOGIN_IMAGE" \
        "docker-archive:$WORK/login/image.tar:mlist/login:1"
}


# push_client CLIENT FRONT: both architectures, the second one last, so that
# it would have replaced the first.
push_client()
{
    local client=$1 front=$2 what="$1, $2" host arch image

    host=$(front_address "push-$front")
    image=$host/$client/app:1

    check "push, $what: login" \
        "login_$client" "$host" "$USER_NAME" "$PASSWORD"

    for arch in amd64 arm; do
        push_take "$arch"
        check "push, $what: $arch" "login_push_$client" "$image"
    done

    check_equal "push, $what: the list" "linux/amd64 linux/arm/v7" \
        "$(push_platforms "$image")"

    for arch in amd64 arm; do
        check_equal "push, $what: $arch pulls its own" \
            "$(pushed two "$arch" config)" "$(push_pull "$image" "$arch")"
    done

    [ "$client" != docker ] || push_pull_docker "$what" "$image"
}


push_platforms()
{
    pull_raw "$1" 2>&1 | pull_platforms 2>&1 | cut -d ' ' -f 1 | paste -sd ' '
}


# push_pull IMAGE ARCH: the digest of the config that comes.
push_pull()
{
    rm -rf "$WORK/push/pulled"
    pull_skopeo "$1" "$2" "$WORK/push/pulled" 2>&1 \
        && jq -r '.config.digest' "$WORK/push/pulled/manifest.json" 2>&1
}


# push_pull_docker WHAT IMAGE: as the daemons of both would.
push_pull_docker()
{
    local what=$1 image=$2 pair

    for pair in amd64=linux/amd64 arm=linux/arm/v7; do
        check "push, $what: docker pull, ${pair%=*}" \
            docker_as pull --quiet --platform "${pair#*=}" "$image"
        check_equal "push, $what: docker pull, ${pair%=*}: config" \
            "$(pushed two "${pair%=*}" config)" \
            "$(docker_as image inspect --format '{{.Id}}' "$image" 2>&1)"
        docker_as rmi "$image" > /dev/null 2>&1 || true
    done
}


# What no source is for; the client shows what it is told.
push_refused()
{
    local front=$1 image seen

    image=$(front_address "push-$front")/refused/app:1
    LOGIN_IMAGE=$(image_dir push riscv64)

    if seen=$(login_push_skopeo "$image" 2>&1); then
        not_ok "push, $front: another platform is refused" "it succeeds"
    elif ! grep -q 'expected one of linux/amd64 (.*linux/arm/v7 (' \
        <<< "$seen"
    then
        not_ok "push, $front: a refusal names what there is" "$seen"
    else
        ok "push, $front: another platform is refused, and why"
    fi
}


# push_index FRONT: as buildx makes it, with an attestation for each image.
push_index()
{
    local front=$1 image dir=$WORK/push/index-$1 arch

    image=$(front_address "push-$front")/index/app:1
    push_layout "$dir"

    check "push, $front: skopeo copy --all of an index" \
        skopeo copy --all --quiet --insecure-policy \
            --dest-authfile "$LOGIN_DIR/config.json" \
            --dest-cert-dir "$WORK/tls" "oci:$dir" "docker://$image"
    check_equal "push, $front: the index that is served" \
        "linux/amd64 unknown/unknown linux/arm/v7 unknown/unknown" \
        "$(push_platforms "$image")"

    for arch in amd64 arm; do
        check_equal "push, $front: the index, $arch pulls its own" \
            "$(pushed two "$arch" config)" "$(push_pull "$image" "$arch")"
        check_equal "push, $front: the index as it stands, $arch" \
            "$(jq -r '.manifests[0].digest' "$dir/index.json")" \
            "$(push_at_registry "$front" "$arch")"
    done
}


# The digest of the index in the place of an architecture.
push_at_registry()
{
    local place

    case $1-$2 in
    tags-*)    place=index/app/manifests/1-$2 ;;
    *-amd64)   place=amd64/index/app/manifests/1 ;;
    *)         place=arm32v7/index/app/manifests/1 ;;
    esac

    curl -sS -I -H 'Accept: application/vnd.oci.image.index.v1+json' \
        "http://127.0.0.1:${PORT[push-registry]}/v2/$place" 2>&1 \
        | tr -d '\r' | sed -n 's/^docker-content-digest: //Ip'
}


# push_layout DIR: an OCI layout of an index of both images.
push_layout()
{
    local dir=$1 arch blob index platform entries='' note

    mkdir -p "$dir/blobs/sha256" "$dir/tmp"

    for arch in amd64 arm; do
        cp -r "$(image_dir two "$arch")/blobs" "$dir/"
        platform="{\"os\":\"linux\",\"architecture\":\"$arch\""
        [ "$arch" != arm ] || platform=$platform,\"variant\":\"v7\"
        blob=$(image_fact "$(image_dir two "$arch")" manifest)
        note=$(push_attestation "$dir" "$blob")

        entries=$entries${entries:+,}$(image_descriptor "$dir" "$blob" \
            manifest.v1+json | jq -c ".platform = $platform}")
        entries=$entries,$(image_descriptor "$dir" "$note" manifest.v1+json \
            | jq -c --arg of "$blob" '
                .platform = {os: "unknown", architecture: "unknown"}
                | .annotations = {
                    "vnd.docker.reference.type": "attestation-manifest",
                    "vnd.docker.reference.digest": $of }')
    done

    printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' \
        application/vnd.oci.image.index.v1+json "$entries" > "$dir/tmp/index"
    index=$(image_blob "$dir" "$dir/tmp/index")

    echo '{"imageLayoutVersion":"1.0.0"}' > "$dir/oci-layout"
    printf '{"schemaVersion":2,"manifests":[%s]}' \
        "$(image_descriptor "$dir" "$index" index.v1+json)" \
        > "$dir/index.json"
}


# push_attestation DIR DIGEST: prints the digest of its manifest.
push_attestation()
{
    local dir=$1 config layer

    printf '{"architecture":"unknown","os":"unknown","rootfs":{}}' \
        > "$dir/tmp/config"
    printf '{"subject":"%s"}' "$2" > "$dir/tmp/layer"
    config=$(image_blob "$dir" "$dir/tmp/config")
    layer=$(image_blob "$dir" "$dir/tmp/layer")

    image_manifest "$dir" "$config" "$layer" \
        | jq -c '.layers[0].mediaType = "application/vnd.in-toto+json"' \
        > "$dir/tmp/manifest"
    image_blob "$dir" "$dir/tmp/manifest"
}


push_artifact()
{
    local front=$1 image

    image=$(front_address "push-$front")/artifact/app:note
    echo "a note" > "$WORK/push/note.txt"

    check "push, $front: oras push of an artifact" push_oras push --no-tty \
        --artifact-type application/vnd.example.note "$image" note.txt
    rm "$WORK/push/note.txt"
    check "push, $front: oras pull of it" push_oras pull --no-tty "$image"
    check_equal "push, $front: the file" "a note" \
        "$(cat "$WORK/push/note.txt" 2>&1)"
    check_equal "push, $front: its type" application/vnd.example.note \
        "$(push_oras manifest fetch "$image" 2>&1 | jq -r '.artifactType' \
            2>&1)"
}


push_oras()
{
    (cd "$WORK/push" && login_run "$ORAS" "$@")
}
