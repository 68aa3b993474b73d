# shellcheck shell=bash
#
# Lets what is run in a mount and network namespace of its own (unshare
# --mount --net) use the system's own paths and ports, as a user would:
# nothing of it is there afterwards.


# Changes made in here go to memory and end with the namespace.
cover_system()
{
    local dir

    mkdir -p "$WORK/cover"
    mount -t tmpfs tmpfs "$WORK/cover"

    for dir in etc var usr/lib; do
        mkdir -p "$WORK/cover/$dir/upper" "$WORK/cover/$dir/work"
        mount -t overlay overlay "/$dir" -o \
"lowerdir=/$dir,upperdir=$WORK/cover/$dir/upper,workdir=$WORK/cover/$dir/work"
    done

    mount -t tmpfs tmpfs /run
    ip link set lo up
}


# cover_module FILE: to where "load_module modules/..." finds it.
cover_module()
{
    mkdir -p /usr/lib/nginx/modules
    cp "$1" /usr/lib/nginx/modules/ngx_http_mlist_module.so
}
