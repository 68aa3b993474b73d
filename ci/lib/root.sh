# shellcheck shell=bash
#
# Where things are.  ROOT is the project; BUILD_ROOT holds everything that
# is built or downloaded and can be thrown away.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD_ROOT=${MLIST_BUILD:-$ROOT/.build}
mkdir -p "$BUILD_ROOT"
BUILD_ROOT=$(cd "$BUILD_ROOT" && pwd)
