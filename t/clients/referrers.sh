# shellcheck shell=bash
#
# What refers to an image: attached and signed through a front that can be
# pushed to, or at a registry behind one that cannot, and found through it.
# The registries have no referrers API, so it lies under tags.

REFERRERS_TYPE=application/vnd.example.note


client_referrers()
{
    if ! ORAS=$(packages_tool oras/trixie) \
        || ! COSIGN=$(packages_tool cosign/sid)
    then
        not_ok "oras and cosign are installed"
        return
    fi

    docker_config "$WORK/referrers"
    SUFFIXED=$(front_address suffixed)/$NAME
    LIST=$(curl_digest suffixed)

    referrers_attach list "$LIST"
    referrers_attach child "$(pushed suffixed arm manifest)"
    referrers_behind
    referrers_none

    referrers_keys
    CHILD=$(pushed suffixed amd64 manifest)
    referrers_sign legacy "@$LIST" list
    referrers_sign oci-1-1 "@$LIST" list
    referrers_sign legacy "@$CHILD" child
    referrers_sign oci-1-1 "@$CHILD" child
    referrers_unsigned
    referrers_restart
}


referrers_run()
{
    DOCKER_CONFIG=$WORK/referrers SSL_CERT_FILE=$WORK/tls/ca.crt "$@"
}


# referrers_note TEXT IMAGE [OPTION...]: prints the digest of what it attached.
referrers_note()
{
    local text=$1 image=$2

    shift 2
    echo "$text" > "$WORK/referrers/$text"
    (cd "$WORK/referrers" && referrers_run "$ORAS" attach --no-tty "$@" \
        --artifact-type "$REFERRERS_TYPE" --format json "$image" "$text") \
        2>&1 | jq -r '.digest' 2>&1
}


# referrers_found IMAGE [OPTION...]: the digests that oras finds, sorted.
referrers_found()
{
    referrers_run "$ORAS" discover --format json "$@" 2>&1 \
        | jq -r '.manifests[].digest' 2>&1 | sort
}


# Two, since the second client must not hide what the first one attached.
referrers_attach()
{
    local what=$1 image=$SUFFIXED@$2 one two

    one=$(referrers_note "$what-one" "$image")
    two=$(referrers_note "$what-two" "$image")

    check_equal "oras discover: what oras attach attached to a $what" \
        "$(printf '%s\n' "$one" "$two" | sort)" "$(referrers_found "$image")"
    check_equal "oras discover: of its type, $what" \
        "$(printf '%s\n' "$one" "$two" | sort)" \
        "$(referrers_found "$image" --artifact-type "$REFERRERS_TYPE")"
    check_equal "oras discover: of another type, $what" "" \
        "$(referrers_found "$image" --artifact-type application/x-other)"
    check "oras pull of what is attached, $what" referrers_run "$ORAS" pull \
        --no-tty --output "$WORK/referrers/pulled" "$SUFFIXED@$two"
    check_equal "oras pull: its file, $what" "$what-two" \
        "$(cat "$WORK/referrers/pulled/$what-two" 2>&1)"
}


# The front "two" takes no pushes; what each of its registries has is merged.
referrers_behind()
{
    local digest image one

    digest=$(pushed two arm manifest)
    one=$(referrers_note behind "127.0.0.1:${PORT[arm]}/$NAME@$digest" \
              --plain-http)
    image=$(front_address two)/$NAME@$digest

    check_equal "oras discover: what was attached at a registry" "$one" \
        "$(referrers_found "$image")"
    check_equal "referrers: the front's own answer" "$one" \
        "$(curl_front two "referrers/$digest" 2>&1 \
            | jq -r '.manifests[].digest' 2>&1)"
}


referrers_none()
{
    local image

    image=$(front_address two)/$NAME@$(pushed two amd64 manifest)
    check_equal "oras discover: nothing" "" "$(referrers_found "$image")"
}


# referrers_cosign COMMAND [ARGUMENT...]
referrers_cosign()
{
    local command=$1

    shift
    COSIGN_EXPERIMENTAL=1 COSIGN_PASSWORD='' referrers_run timeout 60 \
        "$COSIGN" "$command" --new-bundle-format=false "$@"
}


# A key for each mode: no signature of one is taken for another's.
referrers_keys()
{
    local mode

    for mode in legacy oci-1-1; do
        COSIGN_PASSWORD='' referrers_run "$COSIGN" generate-key-pair \
            --output-key-prefix "$WORK/referrers/$mode" > /dev/null 2>&1
    done
}


# referrers_sign MODE REFERENCE WHAT
referrers_sign()
{
    check "cosign sign, $1, a $3" referrers_cosign sign --yes \
        --key "$WORK/referrers/$1.key" --tlog-upload=false \
        --use-signing-config=false --registry-referrers-mode "$1" \
        "$SUFFIXED$2"
    check "cosign verify, $1, a $3" referrers_verify "$1" "$2"
}


# referrers_verify MODE REFERENCE
referrers_verify()
{
    local options=()

    [ "$1" = legacy ] || options=(--experimental-oci11)
    referrers_cosign verify --key "$WORK/referrers/$1.pub" \
        --insecure-ignore-tlog=true "${options[@]}" "$SUFFIXED$2"
}


# Whoever verifies everything verifies nothing.
referrers_unsigned()
{
    local digest mode

    digest=$(pushed suffixed arm manifest)

    for mode in legacy oci-1-1; do
        check "cosign verify, $mode: what nobody has signed" \
            referrers_refused "$mode" "@$digest"
    done
}


referrers_refused()
{
    local seen

    if seen=$(referrers_verify "$@" 2>&1); then
        return 1
    fi

    grep -q 'no signatures found' <<< "$seen" || { echo "$seen"; return 1; }
}


referrers_restart()
{
    local mode

    proc_stop suffixed
    nginx_start suffixed "${PORT[suffixed]}" || return 1

    check_equal "referrers: the list after a restart" "$LIST" \
        "$(curl_digest suffixed)"
    for mode in legacy oci-1-1; do
        check "cosign verify, $mode, after a restart: the tag" \
            referrers_verify "$mode" ":$TAG"
        check "cosign verify, $mode, after a restart: the list" \
            referrers_verify "$mode" "@$LIST"
        check "cosign verify, $mode, after a restart: a child" \
            referrers_verify "$mode" "@$CHILD"
    done
}
