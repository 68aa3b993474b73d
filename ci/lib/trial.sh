# shellcheck shell=bash
#
# Examples tried as they are: with names as they say them, two registries
# that hold an image of an architecture each, and skopeo that pulls both.
# Needs a mount and a network namespace of its own, tls.sh, registry.sh,
# image.sh, front.sh, ports.sh and pull.sh.  The front's address is none of
# 127.0.0.0/8, from which docker takes anything.

NAME=common/prometheus
TAG=1.1.3
TRIAL_HOST=registry.example.com
TRIAL_ADDRESS=192.0.2.10
USER_NAME=puller
PASSWORD='correct horse'


# trial_names FILE [NAME...]: is /etc/hosts from now on, with NAMEs of the
# front beside its own.  Who runs already may look into it only seconds later.
trial_names()
{
    ip link set lo up
    ip address add "$TRIAL_ADDRESS/32" dev lo
    {
        printf "$TRIAL_ADDRESS %s\n" "$TRIAL_HOST" "${@:2}"
        printf '127.0.0.1 %s\n' localhost amd64.registry arm.registry \
            amd64-registry arm-registry list-registry
    } > "$1"
    mount --bind "$1" /etc/hosts
}


trial_registries()
{
    local arch

    declare -gA PORT

    for arch in amd64 arm; do
        port_new "PORT[$arch]"
        registry_start "$arch" "${PORT[$arch]}" || return 1
        image_make "$WORK/image-$arch" prometheus "$arch" \
            "$(pull_variant "$arch")" || return 1
        image_push "$WORK/image-$arch" "127.0.0.1:${PORT[$arch]}/$NAME:$TAG" \
            || return 1
    done
}


# trial_files DIR: the files that the example's paths name, DIR being /etc.
trial_files()
{
    local live=$1/letsencrypt/live/example

    tls_make "$WORK/tls" || return 1
    tls_sign "$WORK/tls" server "DNS:*.${TRIAL_HOST#*.}" || return 1

    mkdir -p "$live" "$1/nginx"
    cp "$WORK/tls/private/server.crt" "$live/fullchain.pem"
    cp "$WORK/tls/private/server.key" "$live/privkey.pem"
    front_users "$1/nginx/htpasswd" "$USER_NAME" "$PASSWORD"
}


# trial_conf EXAMPLE: what stands in its http{}, for a conf.d/, with the
# ports of trial_registries.
trial_conf()
{
    sed -n '/^http {/,/^}/p' "$1" | sed -e '1d; $d; /access_log/d' | trial_ports
}


# From standard input, in the place of 5000.
trial_ports()
{
    sed -e "s/\(amd64.registry\):5000/\1:${PORT[amd64]}/" \
        -e "s/\(arm.registry\):5000/\1:${PORT[arm]}/" \
        -e "s/\(list.registry\):5000/\1:${PORT[list]-none}/"
}


# trial_pulls WHAT [HOST:PORT]: both architectures, and what came is what was
# pushed.
trial_pulls()
{
    local arch config

    for arch in amd64 arm; do
        rm -rf "$WORK/pulled"
        check "$1: skopeo pulls $NAME:$TAG, $arch" \
            pull_skopeo "${2:-$TRIAL_HOST}/$NAME:$TAG" "$arch" \
                "$WORK/pulled"
        config=$(jq -r .config.digest "$WORK/pulled/manifest.json" 2>&1) || true
        check_equal "$1: what came, $arch" \
            "$(image_fact "$WORK/image-$arch" config)" "$config"
    done
}


trial_packages()
{
    packages_need docker-registry skopeo jq openssl apache2-utils gcc \
        libc6-dev gcc-arm-linux-gnueabihf libc6-dev-armhf-cross iproute2 \
        curl util-linux
}
