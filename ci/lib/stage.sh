# shellcheck shell=bash
#
# The stage on which the demonstration and the client tests play: three
# registries (one holds amd64, one arm, one both under suffixed tags), an
# image of each architecture, and two fronts, each nginx with one of the
# minimal configurations: "two" (two registries, one name; OCI images) and
# "suffixed" (one registry, suffixed tags; Docker schema 2).

NAME=common/prometheus
TAG=1.1.3
USER_NAME=puller
PASSWORD='correct horse'

declare -A PORT


# host:port of the front "two" or "suffixed".
front_address()
{
    printf '127.0.0.1:%s\n' "${PORT[$1]}"
}


image_dir()
{
    printf '%s/image-%s-%s\n' "$WORK" "$1" "$2"
}


# pushed FRONT ARCH manifest|config|layer|diff: the digest.
pushed()
{
    image_fact "$(image_dir "$1" "$2")" "$3"
}


stage_registries()
{
    local name

    for name in amd64 arm both; do
        port_new "PORT[$name]"
        registry_start "$name" "${PORT[$name]}"
    done
}


# Makes the images and pushes them as $TAG.
stage_images()
{
    local front

    for front in two suffixed; do
        image_make "$(image_dir "$front" amd64)" prometheus amd64
        image_make "$(image_dir "$front" arm)" prometheus arm v7
    done

    stage_push_all "$TAG"
}


# stage_push_all TAG: to all the registries, suffixed where they want it.
stage_push_all()
{
    stage_push two amd64 "$1"
    stage_push two arm "$1"
    stage_push suffixed amd64 "$1-amd64"
    stage_push suffixed arm "$1-arm"
}


# stage_push FRONT ARCH TAG
stage_push()
{
    local registry=$2 format=oci

    if [ "$1" = suffixed ]; then
        registry=both
        format=v2s2
    fi

    image_push "$(image_dir "$1" "$2")" \
        "127.0.0.1:${PORT[$registry]}/$NAME:$3" "$format"
}


stage_fronts()
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


# Everything on the stage, and what makes it.
stage_packages()
{
    packages_need nginx docker-registry skopeo curl jq openssl \
        apache2-utils gcc libc6-dev gcc-arm-linux-gnueabihf \
        libc6-dev-armhf-cross procps
}
