# shellcheck shell=bash
#
# docker-registry behind TLS, each under a name of its own, and one of them
# asks for a certificate; nginx verifies them, and asks skopeo, podman and
# curl for a certificate, over HTTP/2 where they speak it.  A registry whose
# certificate is not to be trusted is an error and never a shorter list.


client_tls()
{
    local registry

    for registry in amd64 arm; do
        tls_sign "$WORK/tls" "$registry-tls" "DNS:$registry.registry.test"
    done

    tls_sign "$WORK/tls" front DNS:front.test
    tls_sign "$WORK/tls" client DNS:client.test
    port_new "PORT[tls]"
    port_new "PORT[pushes]"
    tls_registry amd64 amd64-tls
    tls_registry arm arm-tls "$WORK/tls/ca.crt"
    tls_front "$WORK/tls-front"
    nginx_start tls-front "${PORT[tls]}" || return 1
    tls_client

    tls_push
    tls_copy amd64
    tls_copy arm
    tls_podman
    tls_refused
    tls_strange

    check_none "tls: no alert in nginx's error log" \
        "$(nginx_alerts "$WORK/tls-front/error.log")"
}


# tls_registry NAME CERTIFICATE [AUTHORITY]: AUTHORITY is whose certificates
# clients of it have to show.
tls_registry()
{
    local registry=$1-tls dir=$WORK/registry-$1-tls private=$WORK/tls/private

    [ -n "${PORT[$registry]-}" ] || port_new "PORT[$registry]"
    mkdir -p "$dir/storage"
    {
        registry_config "$dir/storage" "${PORT[$registry]}" ''
        cat << EOT
  tls:
    certificate: $private/$2.crt
    key: $private/$2.key
EOT
        [ -z "${3-}" ] || printf '    clientcas: [%s]\n' "$3"
    } > "$dir/config.yml"

    proc_start "$registry" docker-registry serve "$dir/config.yml"
    proc_ready "$registry" 20 registry_answers "${PORT[$registry]}"
}


# Two servers: one for pulls from both registries, one that takes pushes.
tls_front()
{
    local private=$WORK/tls/private

    mkdir -p "$1"
    front_preamble "$1" > "$1/nginx.conf"
    cat >> "$1/nginx.conf" << EOT

    upstream amd64.registry.test { server 127.0.0.1:${PORT[amd64-tls]}; }
    upstream arm.registry.test   { server 127.0.0.1:${PORT[arm-tls]}; }

    map \$proxy_host \$shown {
        volatile;
        arm.registry.test $private/front;
        default           "";
    }
    map \$shown \$shown_crt { volatile; "" ""; default \$shown.crt; }
    map \$shown \$shown_key { volatile; "" ""; default \$shown.key; }

    ssl_certificate        $private/server.crt;
    ssl_certificate_key    $private/server.key;
    ssl_client_certificate $WORK/tls/ca.crt;
    ssl_verify_client      on;
    client_max_body_size   0;

    mlist_auth             nginx;
    mlist_use_stale        off;

    proxy_http_version     1.1;
    proxy_set_header       Connection "";
    proxy_request_buffering off;
    proxy_ssl_verify       on;
    proxy_ssl_server_name  on;
    proxy_ssl_trusted_certificate $WORK/tls/ca.crt;
    proxy_ssl_certificate         \$shown_crt;
    proxy_ssl_certificate_key     \$shown_key;

    server {
        listen 127.0.0.1:${PORT[tls]} ssl http2;

        location /v2/ {
            mlist_store  $1/store;
            mlist_source https://amd64.registry.test;
            mlist_source https://arm.registry.test;
            proxy_pass   \$mlist_upstream;
        }
    }

    server {
        listen 127.0.0.1:${PORT[pushes]} ssl http2;

        location /v2/ {
            mlist_store  $1/store;
            mlist_source https://arm.registry.test tag=*-amd64;
            mlist_source https://arm.registry.test tag=*-arm;
            proxy_pass   \$mlist_upstream;
        }
    }
}
EOT

    # the workers read what is shown, which may change from fetch to fetch
    chown -R www-data "$private/front.key" "$private/front.crt"
}


# The directories of certificates as skopeo and podman want them.
tls_client()
{
    local dir=$WORK/tls-client

    mkdir -p "$dir" "$WORK/tls-nobody"
    cp "$WORK/tls/ca.crt" "$dir"
    cp "$WORK/tls/ca.crt" "$WORK/tls-nobody"
    cp "$WORK/tls/private/client.crt" "$dir/client.cert"
    cp "$WORK/tls/private/client.key" "$dir"
}


tls_skopeo()
{
    skopeo --override-os linux --override-arch "$1" \
        ${2:+--override-variant "$2"} copy --quiet --insecure-policy "${@:3}"
}


# Through the front to the registry that asks for a certificate, and, for
# what is pulled from two, to the registries themselves.
tls_push()
{
    local arch front=127.0.0.1:${PORT[pushes]}

    for arch in amd64 arm; do
        image_make "$(image_dir tls "$arch")" tls "$arch" \
            "$(pull_variant "$arch")"
        check "tls: skopeo pushes for $arch" skopeo copy --quiet \
            --insecure-policy --dest-cert-dir "$WORK/tls-client" \
            "oci:$(image_dir tls "$arch")" \
            "docker://$front/$NAME:$TAG-$arch"
        check "tls: what was pushed for $arch is pulled" tls_skopeo "$arch" \
            "$(pull_variant "$arch")" --src-cert-dir "$WORK/tls-client" \
            "docker://$front/$NAME:$TAG" "dir:$WORK/tls-pushed-$arch"
        check_equal "tls: its manifest, $arch" \
            "$(pushed tls "$arch" manifest)" \
            "$(image_digest "$WORK/tls-pushed-$arch/manifest.json" 2>&1)"
    done

    skopeo copy --quiet --insecure-policy --dest-tls-verify=false \
        "oci:$(image_dir tls amd64)" \
        "docker://127.0.0.1:${PORT[amd64-tls]}/$NAME:$TAG"
    check "tls: for arm, as the other registry holds it" \
        tls_at_registry "$TAG-arm" "$TAG"
}


# tls_at_registry FROM TO: a tag of the registry for arm.
tls_at_registry()
{
    local type=application/vnd.oci.image.manifest.v1+json

    tls_curl_registry "$1" -H "Accept: $type" -o "$WORK/tls-manifest" \
        && tls_curl_registry "$2" -H "Content-Type: $type" -X PUT \
            --data-binary "@$WORK/tls-manifest"
}


tls_curl_registry()
{
    curl -sSf --cacert "$WORK/tls/ca.crt" \
        --cert "$WORK/tls/private/front.crt" \
        --key "$WORK/tls/private/front.key" \
        --resolve "arm.registry.test:${PORT[arm-tls]}:127.0.0.1" "${@:2}" \
        "https://arm.registry.test:${PORT[arm-tls]}/v2/$NAME/manifests/$1"
}


tls_copy()
{
    local arch=$1 dir=$WORK/tls-copy-$1

    check "skopeo copy, tls, $arch" tls_skopeo "$arch" \
        "$(pull_variant "$arch")" --src-cert-dir "$WORK/tls-client" \
        "docker://$(front_address tls)/$NAME:$TAG" "dir:$dir"
    check_equal "skopeo copy, tls, $arch: manifest" \
        "$(pushed tls "$arch" manifest)" \
        "$(image_digest "$dir/manifest.json" 2>&1)"
    check_blobs "skopeo copy" tls "$arch" "$dir" config layer
}


tls_podman()
{
    local image

    if ! packages_need podman; then
        not_ok "podman is installed"
        return
    fi

    image=$(front_address tls)/$NAME:$TAG
    mkdir -p "$WORK/podman"
    echo '{"default":[{"type":"insecureAcceptAnything"}]}' \
        > "$WORK/podman/policy.json"
    check "podman pull, tls, arm" podman_here pull --quiet \
        --platform linux/arm/v7 --cert-dir "$WORK/tls-client" \
        --signature-policy "$WORK/podman/policy.json" "$image"
    podman_here rmi "$image" > /dev/null 2>&1 || true
}


tls_refused()
{
    check_equal "skopeo without a certificate is refused" refused \
        "$(skopeo inspect --raw --cert-dir "$WORK/tls-nobody" \
            "docker://$(front_address tls)/$NAME:$TAG" > /dev/null 2>&1 \
            || echo refused)"
}


# The registry for arm comes back with a certificate of another name.
tls_strange()
{
    proc_stop arm-tls
    tls_registry arm amd64-tls "$WORK/tls/ca.crt"
    check_equal "tls: a registry of another name is an error" '2 502' \
        "$(tls_curl "manifests/$TAG")"
    check_equal "tls: nor are its tags left out" '2 502' "$(tls_curl tags/list)"

    proc_stop arm-tls
    tls_registry arm arm-tls "$WORK/tls/ca.crt"
    check_equal "tls: it is itself again" '2 200' "$(tls_curl "manifests/$TAG")"
}


# tls_curl PATH: the version of HTTP and the status.
tls_curl()
{
    curl -s -o /dev/null -w '%{http_version} %{http_code}' \
        --cacert "$WORK/tls/ca.crt" --cert "$WORK/tls/private/client.crt" \
        --key "$WORK/tls/private/client.key" \
        "https://$(front_address tls)/v2/$NAME/$1"
}
