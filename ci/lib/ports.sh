# shellcheck shell=bash
#
# Chooses loopback ports that nobody listens on, below the range from which
# the kernel takes ports for outgoing connections, so that none of those can
# take one between the choice and the use.  Runs side by side start at
# different places; MLIST_PORTS names the first port instead.

PORTS_NEXT=${MLIST_PORTS:-$((10000 + RANDOM % 20000))}


# port_new VARIABLE: sets VARIABLE.  Not for $( ), which would forget.
port_new()
{
    while port_taken "$PORTS_NEXT"; do
        PORTS_NEXT=$((PORTS_NEXT + 1))
    done

    printf -v "$1" %s "$PORTS_NEXT"
    PORTS_NEXT=$((PORTS_NEXT + 1))
}


port_taken()
{
    (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null
}
