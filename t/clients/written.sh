# shellcheck shell=bash
#
# Examples as they are written, each in a namespace of its own where the
# names, ports and paths are theirs and real registries answer: see
# as_written.sh.


client_written()
{
    local example

    written_packages

    for example in letsencrypt blob-cache json-log; do
        written_run "$example" || not_ok "examples/$example.conf as written"
    done
}


written_packages()
{
    packages_need certbot pebble util-linux mount iproute2
}


# Its own lines say what failed.
written_run()
{
    unshare --mount --net "$ROOT/t/clients/as_written.sh" "$MODULE" "$1" \
        "$(image_dir two amd64)" "$(image_dir two arm)"
}
