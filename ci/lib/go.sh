# shellcheck shell=bash
#
# A Go compiler for programs that only tests need: the machine's, if it is
# new enough, or else a later Debian release's, unpacked and not installed.
# What it downloads and builds stays in $BUILD_ROOT/go.  Needs packages.sh.

GO_NEEDED=1.24


# go_setup: afterwards go is on PATH.
go_setup()
{
    local dir=$BUILD_ROOT/tools/go name deb

    export GOTOOLCHAIN=local GOPATH=$BUILD_ROOT/go \
        GOCACHE=$BUILD_ROOT/go/cache

    ! go_new_enough || return 0

    if [ ! -x "$dir/usr/lib/go-$GO_NEEDED/bin/go" ]; then
        mkdir -p "$dir"
        for name in src go; do
            deb=$(packages_download "golang-$GO_NEEDED-$name/trixie") \
                || return 1
            dpkg -x "$deb" "$dir" || return 1
        done
    fi

    export GOROOT=$dir/usr/lib/go-$GO_NEEDED
    PATH=$GOROOT/bin:$PATH
}


go_new_enough()
{
    local version

    version=$(go env GOVERSION 2> /dev/null) || return 1
    printf 'go%s\n%s\n' "$GO_NEEDED" "$version" | sort -VC
}
