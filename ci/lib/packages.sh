# shellcheck shell=bash
#
# Installs what is missing, from the machine's own Debian sources, and
# fetches the few packages that this Debian release does not have with a
# private apt configuration that never touches the machine's.  Needs
# $BUILD_ROOT, where the latter is kept.

APT_QUIET=(-qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)


# packages_need PACKAGE...: installs those that are not there.
packages_need()
{
    local name missing=()

    for name in "$@"; do
        packages_has "$name" || missing+=("$name")
    done

    [ "${#missing[@]}" -gt 0 ] || return 0

    echo "installing: ${missing[*]}" >&2
    packages_update && packages_install "${missing[@]}"
}


packages_version()
{
    dpkg-query -W -f '${Version}' "$1"
}


packages_has()
{
    dpkg-query -W -f '${Status}\n' "$1" 2> /dev/null \
        | grep -qx 'install ok installed'
}


# Once for all the scripts of one run: they inherit the variable.
packages_update()
{
    [ -z "${PACKAGES_UPDATED-}" ] || return 0

    apt-get "${APT_QUIET[@]}" update >&2 \
        || packages_fail "apt-get update failed"
    export PACKAGES_UPDATED=1
}


# Packages of servers would start them; a policy-rc.d that was not there
# before keeps them from that and goes again.
packages_install()
{
    local policy=/usr/sbin/policy-rc.d own='' status=0

    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod 755 "$policy"
        own=1
    fi

    DEBIAN_FRONTEND=noninteractive apt-get "${APT_QUIET[@]}" -y \
        --no-install-recommends install "$@" \
        > "$BUILD_ROOT/apt-install.log" 2>&1 < /dev/null || status=$?

    [ -z "$own" ] || rm -f "$policy"

    if [ "$status" -ne 0 ]; then
        tail -n 20 "$BUILD_ROOT/apt-install.log" >&2
        packages_fail "could not install: $*"
    fi
}


packages_fail()
{
    echo "packages: $1" >&2
    return 1
}


# Debian's name of this system's release.  What comes after testing has its
# name too, in os-release.
packages_release()
{
    if [ -n "${MLIST_RELEASE-}" ]; then
        printf '%s\n' "$MLIST_RELEASE"
    else
        sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
    fi
}


# The mirror of the release's main archive that this machine uses.
packages_mirror()
{
    local format release uri

    release=$(packages_release)

    # shellcheck disable=SC2016
    format='$(CREATED_BY) $(RELEASE) $(CODENAME) $(COMPONENT) $(REPO_URI)'
    uri=$(apt-get indextargets --format "$format" \
              | awk -v r="$release" '$1 == "Packages" && $4 == "main" \
                     && ($2 == r || $3 == r) { print $5; exit }')

    [ -n "$uri" ] \
        || packages_fail "this machine's apt has no source for $release"
    printf '%s\n' "$uri"
}


# packages_apt COMMAND...: apt-get with the private configuration, which
# knows newer releases, and this one's sources.
packages_apt()
{
    local dir=$BUILD_ROOT/apt options

    [ -s "$dir/sources" ] || packages_apt_setup "$dir" || return 1
    mapfile -t options < <(packages_apt_options "$dir")

    apt-get "${APT_QUIET[@]}" "${options[@]}" "$@"
}


packages_apt_options()
{
    printf -- '-o\n%s\n' \
        "Dir::Etc::sourcelist=$1/sources" "Dir::Etc::sourceparts=$1/none" \
        "Dir::State::lists=$1/lists" "Dir::Cache::archives=$1/archives" \
        "Dir::Cache::pkgcache=" "Dir::Cache::srcpkgcache=" \
        "APT::Sandbox::User=root" "Acquire::Languages=none"
}


# The file of sources stays only where the lists have come.
packages_apt_setup()
{
    local dir=$1 mirror key option='' options release

    packages_need debian-archive-keyring dpkg-dev || return 1
    mirror=$(packages_mirror) || return 1
    release=$(packages_release)
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    [ ! -f "$key" ] || option="[signed-by=$key] "

    mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/none"
    {
        echo "deb $option$mirror sid main"
        echo "deb $option$mirror trixie main"
        echo "deb-src $option$mirror $release main"
    } > "$dir/sources"

    mapfile -t options < <(packages_apt_options "$dir")
    if ! apt-get "${APT_QUIET[@]}" "${options[@]}" update >&2; then
        rm -f "$dir/sources"
        packages_fail "no lists for sid and trixie from $mirror"
        return 1
    fi
}


# packages_download PACKAGE[/RELEASE]: prints the .deb's path.  A list that
# is out of date names packages that are gone: it is fetched again once.
packages_download()
{
    local dir=$BUILD_ROOT/deb name=${1%%/*} file

    mkdir -p "$dir"

    if ! packages_downloaded "$name" > /dev/null; then
        (cd "$dir" && packages_apt download "$1" >&2) \
            || (rm -f "$BUILD_ROOT/apt/sources" \
                && cd "$dir" && packages_apt download "$1" >&2) \
            || { packages_fail "no package $1"; return 1; }
    fi

    file=$(packages_downloaded "$name") || return 1
    printf '%s\n' "$file"
}


packages_downloaded()
{
    local file

    for file in "$BUILD_ROOT/deb/$1"_*.deb; do
        [ -f "$file" ] || return 1
        printf '%s\n' "$file"
        return 0
    done
}


# packages_tool NAME/RELEASE: unpacks one program of a newer release, which
# runs here but is not installed; prints the path of its program NAME.
packages_tool()
{
    local name=${1%%/*} deb dir

    dir=$BUILD_ROOT/tools/$name

    if [ ! -x "$dir/usr/bin/$name" ]; then
        deb=$(packages_download "$1") || return 1
        mkdir -p "$dir"
        dpkg -x "$deb" "$dir" || return 1
    fi

    printf '%s\n' "$dir/usr/bin/$name"
}


# Test::Nginx is all Perl: sid's package installs here, with dependencies
# from this release.
packages_need_test_nginx()
{
    local deb

    ! packages_has libtest-nginx-perl || return 0

    deb=$(packages_download libtest-nginx-perl/sid) || return 1
    echo "installing: libtest-nginx-perl" >&2
    packages_update && packages_install "$deb"
}
