#!/usr/bin/env bash
#
# Real clients against real registries, through nginx with the module, for
# both minimal configurations and for amd64 and arm.  Prints one line
# "ok - ..." or "not ok - ..." per check.
#
#   t/clients/run.sh MODULE [CLIENT...]
#
# MODULE is the .so that ci/build made.  Clients: docker containerd podman
# skopeo crane oras store curl tags notify referrers login push patterns tls
# endpoints written browser compare; each is a file beside this one that
# defines client_NAME, called once with all of ci/lib/stage.sh up and running.

set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
for lib in root work proc ports packages report tls registry image nginx front \
    stage pull tokens
do
    # shellcheck disable=SC1090
    . "$here/../../ci/lib/$lib.sh"
done

[ $# -gt 0 ] || { echo "usage: $0 MODULE [CLIENT...]" >&2; exit 2; }

export MODULE=$1 NGINX_BINARY=/usr/sbin/nginx
shift
CLIENTS=(skopeo podman crane oras containerd docker store curl tags
    notify referrers login push patterns tls endpoints written browser
    compare)
[ $# -eq 0 ] || CLIENTS=("$@")

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


# docker_config DIR [FRONT...]: credentials as docker, crane and oras read
# them, for the stage's fronts or those that are named.
docker_config()
{
    local dir=$1 front auth='' basic entry

    shift
    [ $# -gt 0 ] || set -- two suffixed

    basic=$(printf '%s:%s' "$USER_NAME" "$PASSWORD" | base64 -w 0)

    for front in "$@"; do
        entry="\"$(front_address "$front")\":{\"auth\":\"$basic\"}"
        auth=$auth${auth:+,}$entry
    done

    mkdir -p "$dir"
    printf '{"auths":{%s}}\n' "$auth" > "$dir/config.json"
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


stage_packages
work_begin clients
stage_registries
stage_images

# Never asked for until a source of theirs has been killed.
stage_push_all cold
stage_push two amd64 cold-amd64-only

stage_fronts

for client in "${CLIENTS[@]}"; do
    run_client "$client"
done

check_error_logs
report_end
