# shellcheck shell=bash
#
# Starts docker-registry on a loopback port, each with a configuration and a
# storage of its own in $WORK.


# registry_start NAME PORT [HTPASSWD]: waits until it answers; the storage
# of an earlier start of the same NAME is there again.
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
    disabled: true
storage:
  filesystem:
    rootdirectory: $1
  delete:
    enabled: true
http:
  addr: 127.0.0.1:$2
  secret: one-run
EOT

    [ -z "$3" ] || cat << EOT
auth:
  htpasswd:
    realm: Registry Realm
    path: $3
EOT
}


# A 401 is an answer, too.
registry_answers()
{
    curl -s -o /dev/null "http://127.0.0.1:$1/v2/"
}
