#!/usr/bin/env bash
#
# Real clients against real registries, through nginx with the module, for
# both minimal configurations and for amd64 and arm.  Prints one line
# "ok - ..." or "not ok - ..." per check.
#
#   t/clients/run.sh MODULE [CLIENT...]
#
# MODULE is the .so that ci/build made.  Clients: docker containerd podman
# skopeo crane oras curl; each is a file beside this one that defines
# client_NAME, called once with everything running:
#
#   front_address FRONT        host:port of the front "two" or "suffixed"
#   pushed FRONT ARCH FACT     what was pushed: manifest, config, layer, diff
#   $NAME, $TAG                the repository and the tag that all have
#   $USER_NAME, $PASSWORD      a user of the fronts; $WORK/tls/ca.crt

set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
for lib in root work proc ports packages report tls registry image nginx front
do
    # shellcheck disable=SC1090
    . "$here/../../ci/lib/$lib.sh"
done

[ $# -gt 0 ] || { echo "usage: $0 MODULE [CLIENT...]" >&2; exit 2; }

export MODULE=$1 NGINX_BINARY=/usr/sbin/nginx
shift
NAME=common/prometheus
TAG=1.1.3
USER_NAME=puller
PASSWORD='correct horse'
CLIENTS=(skopeo podman crane oras containerd docker curl)
[ $# -eq 0 ] || CLIENTS=("$@")

declare -A PORT


front_address()
{
    printf '127.0.0.1:%s\n' "${PORT[$1]}"
}


image_dir()
{
    printf '%s/image-%s-%s\n' "$WORK" "$1" "$2"
}


pushed()
{
    image_fact "$(image_dir "$1" "$2")" "$3"
}


# The front "two" serves OCI images, "suffixed" Docker schema 2.
push_images()
{
    image_make "$(image_dir two amd64)" prometheus amd64
    image_make "$(image_dir two arm)" prometheus arm v7
    image_make "$(image_dir suffixed amd64)" prometheus amd64
    image_make "$(image_dir suffixed arm)" prometheus arm v7

    push_tag "$TAG"

    # Never asked for until its source has been killed.
    push_tag cold
    push_registry two amd64 "cold-amd64-only"
}


push_tag()
{
    push_registry two amd64 "$1"
    push_registry two arm "$1"
    push_registry suffixed amd64 "$1-amd64"
    push_registry suffixed arm "$1-arm"
}


# push_registry FRONT ARCH TAG
push_registry()
{
    local registry=$2 format=oci

    if [ "$1" = suffixed ]; then
        registry=both
        format=v2s2
    fi

    image_push "$(image_dir "$1" "$2")" \
        "127.0.0.1:${PORT[$registry]}/$NAME:$3" "$format"
}


start_registries()
{
    local name

    for name in amd64 arm both; do
        port_new "PORT[$name]"
        registry_start "$name" "${PORT[$name]}"
    done
}


start_fronts()
{
    local name

    tls_make "$WORK/tls"
    front_users "$WORK/htpasswd" "$USER_NAME" "$PASSWORD"

    port_new "PORT[two]"
    front_two two "${PORT[two]}" "${PORT[amd64]}" "${PORT[arm]}"
    port_new "PORT[suffixed]"
    front_suffixed suffixed "${PORT[suffixed]}" "${PORT[both]}"

    for name in two suffixed; do
        nginx_start "$name" "${PORT[$name]}"
    done
}


# for_each_pull FUNCTION: FUNCTION FRONT ARCH PLATFORM.
for_each_pull()
{
    local front

    for front in two suffixed; do
        "$1" "$front" amd64 linux/amd64
        "$1" "$front" arm linux/arm/v7
    done
}


# check_blobs WHAT FRONT ARCH DIR FACT...: DIR holds, under the names that
# their digests say, files of just these digests.
check_blobs()
{
    local what=$1 front=$2 arch=$3 dir=$4 fact digest

    shift 4

    for fact in "$@"; do
        digest=$(pushed "$front" "$arch" "$fact")
        check_equal "$what, $front, $arch: $fact" "$digest" \
            "$(image_digest "$dir/${digest#sha256:}" 2>&1)"
    done
}


# docker_config DIR: credentials as docker, crane and oras read them.
docker_config()
{
    local front auth='' basic

    basic=$(printf '%s:%s' "$USER_NAME" "$PASSWORD" | base64 -w 0)

    for front in two suffixed; do
        auth="$auth${auth:+,}\"$(front_address "$front")\":{\"auth\":\"$basic\"}"
    done

    mkdir -p "$1"
    printf '{"auths":{%s}}\n' "$auth" > "$1/config.json"
}


# curl_front FRONT PATH [OPTION...]: PATH below the repository.
curl_front()
{
    local front=$1 path=$2

    shift 2
    curl -sS --cacert "$WORK/tls/ca.crt" -u "$USER_NAME:$PASSWORD" \
        --max-time 60 "$@" "https://$(front_address "$front")/v2/$NAME/$path"
}


# curl_digest FRONT [TAG]: of the list, by HEAD.
curl_digest()
{
    curl_front "$1" "manifests/${2:-$TAG}" -I 2>&1 | tr -d '\r' \
        | sed -n 's/^docker-content-digest: //Ip'
}


run_client()
{
    # shellcheck disable=SC1090
    . "$here/$1.sh"
    "client_$1"
}


check_error_logs()
{
    local front

    for front in two suffixed; do
        check_none "$front: no alert in nginx's error log" \
            "$(nginx_alerts "$WORK/$front/error.log")"
    done
}


packages_need nginx docker-registry skopeo curl jq openssl apache2-utils \
    gcc libc6-dev gcc-arm-linux-gnueabihf libc6-dev-armhf-cross procps
work_begin clients
start_registries
push_images
start_fronts

for client in "${CLIENTS[@]}"; do
    run_client "$client"
done

check_error_logs
report_end
