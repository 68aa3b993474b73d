# shellcheck shell=bash
#
# Starts docker-registry on a loopback port, each with a configuration and a
# storage of its own in $WORK.  SOURCE_HOST is another loopback address than
# 127.0.0.1, and with SOURCE_LOG=on its log has a line for each request.


# registry_start NAME PORT [MORE]: waits until it answers; the storage of an
# earlier start of the same NAME is there again.  MORE is what registry_basic,
# registry_bearer and registry_events print.
registry_start()
{
    local dir=$WORK/registry-$1 port=$2

    mkdir -p "$dir/storage"
    registry_config "$dir/storage" "$port" "${3-}" > "$dir/config.yml"
    proc_start "$1" docker-registry serve "$dir/config.yml"
    proc_ready "$1" 20 registry_answers "$port"
}


registry_config()
{
    cat << EOT
version: 0.1
log:
  level: warn
  accesslog:
    disabled: $([ -n "${SOURCE_LOG-}" ] && echo false || echo true)
storage:
  filesystem:
    rootdirectory: $1
  delete:
    enabled: true
http:
  addr: ${SOURCE_HOST:-127.0.0.1}:$2
  secret: one-run
EOT

    printf '%s\n' "${3-}"
}


# registry_basic HTPASSWD
registry_basic()
{
    cat << EOT
auth:
  htpasswd:
    realm: Registry Realm
    path: $1
EOT
}


# registry_bearer REALM CERTIFICATE: tokens of the service behind REALM, by
# whom the CERTIFICATE is.
registry_bearer()
{
    cat << EOT
auth:
  token:
    realm: $1
    service: registry.test
    issuer: tokens.test
    rootcertbundle: $2
EOT
}


# registry_events URL: pushes and deletions of manifests are posted there.
registry_events()
{
    cat << EOT
notifications:
  endpoints:
    - name: front
      url: $1
      timeout: 1s
      threshold: 5
      backoff: 1s
      ignore:
        actions: [pull]
        mediatypes: [application/octet-stream]
EOT
}


# A 401 is an answer, too.
registry_answers()
{
    curl -s -o /dev/null "http://${SOURCE_HOST:-127.0.0.1}:$1/v2/"
}
