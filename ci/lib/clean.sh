# shellcheck shell=bash
#
# A Debian system of its own, as fresh as debootstrap makes it, in a
# directory that ends with the run.  What debootstrap made, and the packages
# that were fetched into such systems, stay in $BUILD_ROOT/clean.  Needs
# root.sh, work.sh and packages.sh.


# clean_make DIR: below $WORK; what is written there goes with $WORK.
clean_make()
{
    local dir=$1 base=$BUILD_ROOT/clean/base

    clean_base "$base" || return 1

    mkdir -p "$BUILD_ROOT/clean/archives"
    clean_over "$base" "$dir" "$dir.upper" || return 1
    mount --bind "$BUILD_ROOT/clean/archives" "$dir/var/cache/apt/archives" \
        || return 1

    cp -L /etc/resolv.conf "$dir/etc/resolv.conf"
    clean_services "$dir" 101 || return 1
    echo 'Binary::apt-get::APT::Keep-Downloaded-Packages "true";' \
        > "$dir/etc/apt/apt.conf.d/keep"
    rm -f "$dir/etc/apt/apt.conf.d/docker-clean"
}


# clean_services DIR 0|101: packages may start services of theirs, or not.
clean_services()
{
    printf '#!/bin/sh\nexit %s\n' "$2" > "$1/usr/sbin/policy-rc.d"
    chmod 755 "$1/usr/sbin/policy-rc.d"
}


# clean_over LOWER DIR UPPER: DIR is what is in LOWER, directories with colons
# between them, and what is written there goes to UPPER.
clean_over()
{
    mkdir -p "$2" "$3" "$3.work"
    mount -t overlay overlay "$2" -o "lowerdir=$1,upperdir=$3,workdir=$3.work"
}


# clean_base BASE [RELEASE]: only what debootstrap has finished has the name
# of the base.
clean_base()
{
    local base=$1 release=${2-} mirror

    [ ! -d "$base" ] || return 0

    packages_need debootstrap || return 1
    mirror=$(packages_mirror) || return 1
    [ -n "$release" ] || release=$(packages_release)

    echo "clean: debootstrap of $release" >&2
    rm -rf --one-file-system "$base.new"
    mkdir -p "$base.new"

    if ! debootstrap --variant=minbase "$release" "$base.new" "$mirror" \
             > "$base.log" 2>&1
    then
        tail -n 20 "$base.log" >&2
        return 1
    fi

    mv "$base.new" "$base"
}


# clean_run DIR COMMAND...: as its root.
clean_run()
{
    local dir=$1

    shift
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive chroot "$dir" "$@"
}
