# shellcheck shell=bash
#
# Makes tiny images on the spot: an OCI layout with one gzip layer that holds
# one static program, /hello, which says its name and architecture.  Two
# makes of the same image give the same bytes.


# image_make DIR TEXT ARCH [VARIANT]: ARCH is amd64 or arm.  Beside the
# layout, DIR/digests says "manifest", "config", "layer" and "diff", each
# with its digest, one a line.
image_make()
{
    local dir=$1 text=$2 arch=$3 variant=${4-} layer config manifest diff

    mkdir -p "$dir/blobs/sha256" "$dir/tmp/root"
    image_program "$dir/tmp/root/hello" "$text" "$arch${variant:+/$variant}"

    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
        -C "$dir/tmp/root" -cf "$dir/tmp/layer.tar" .
    diff=$(image_digest "$dir/tmp/layer.tar")
    gzip -n "$dir/tmp/layer.tar"
    layer=$(image_blob "$dir" "$dir/tmp/layer.tar.gz")

    image_config "$arch" "$variant" "$diff" > "$dir/tmp/config"
    config=$(image_blob "$dir" "$dir/tmp/config")

    image_manifest "$dir" "$config" "$layer" > "$dir/tmp/manifest"
    manifest=$(image_blob "$dir" "$dir/tmp/manifest")

    echo '{"imageLayoutVersion":"1.0.0"}' > "$dir/oci-layout"
    image_index "$dir" "$manifest" > "$dir/index.json"
    rm -r "$dir/tmp"

    printf '%s %s\n' manifest "$manifest" config "$config" \
        layer "$layer" diff "$diff" > "$dir/digests"
}


# image_program FILE TEXT PLATFORM
image_program()
{
    local cc=gcc

    case $3 in
    arm*) cc=arm-linux-gnueabihf-gcc ;;
    esac

    printf '#include <stdio.h>\nint main(void) { return puts("%s") < 0; }\n' \
        "$2, built for linux/$3" \
        | $cc -static -s -O1 -o "$1" -x c -
}


image_config()
{
    printf '{"architecture":"%s",' "$1"
    [ -z "$2" ] || printf '"variant":"%s",' "$2"
    printf '"os":"linux","config":{"Entrypoint":["/hello"]},'
    printf '"rootfs":{"type":"layers","diff_ids":["%s"]},' "$3"
    printf '"history":[{"created":"1970-01-01T00:00:00Z"}]}'
}


image_manifest()
{
    local type=application/vnd.oci.image

    printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json",' "$type"
    printf '"config":%s,' "$(image_descriptor "$1" "$2" config.v1+json)"
    printf '"layers":[%s]}' "$(image_descriptor "$1" "$3" layer.v1.tar+gzip)"
}


image_index()
{
    printf '{"schemaVersion":2,"manifests":[%s]}' \
        "$(image_descriptor "$1" "$2" manifest.v1+json)"
}


image_descriptor()
{
    printf '{"mediaType":"application/vnd.oci.image.%s",' "$3"
    printf '"digest":"%s","size":%s}' \
        "$2" "$(stat -c %s "$1/blobs/sha256/${2#sha256:}")"
}


# image_blob DIR FILE: moves FILE to where its digest says; prints that.
image_blob()
{
    local digest

    digest=$(image_digest "$2")
    mv "$2" "$1/blobs/sha256/${digest#sha256:}"
    printf '%s\n' "$digest"
}


image_digest()
{
    printf 'sha256:%s\n' "$(sha256sum "$1" | cut -d ' ' -f 1)"
}


# image_push DIR HOST:PORT/NAME:TAG [oci|v2s2] [CREDENTIALS]: to a plain
# HTTP registry; the manifest's digest there, which differs from the
# layout's for v2s2 (Docker schema 2), is put into DIR/digests as "manifest".
image_push()
{
    local dir=$1 digest

    skopeo copy --quiet --insecure-policy --dest-tls-verify=false \
        --format "${3:-oci}" ${4:+--dest-creds "$4"} \
        --digestfile "$dir/pushed" "oci:$dir" "docker://$2" || return 1

    digest=$(cat "$dir/pushed")
    sed -i "s/^manifest .*/manifest $digest/" "$dir/digests"
}


# image_fact DIR manifest|config|layer|diff
image_fact()
{
    sed -n "s/^$2 //p" "$1/digests"
}
