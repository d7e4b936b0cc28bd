#!/usr/bin/env bash
# previous_program.sh COMMIT   builds the service of an earlier commit and prints the program's path. The tests of
# upgrades run it beside the present one (PREVIOUS_PROGRAM).
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
commit=$(git rev-parse --verify --quiet "$1^{commit}") || { echo "previous_program.sh: there is no commit $1" >&2; exit 2; }
tree=$root/build/previous/$commit
program=$tree/build/release/message-service
if [[ ! -x $program ]]; then
  {
    git worktree prune
    [[ -e $tree/.git ]] || git worktree add --force --detach "$tree" "$commit"
    # The page is no part of what is tested.
    ln -sfn "$root/web/node_modules" "$tree/web/node_modules"
    [[ -e $tree/web/dist ]] || cp -r web/dist "$tree/web/dist"
    cd "$tree"
    export CCACHE_BASEDIR=$tree
    cmake --preset release
    cmake --build --preset release --target message-service
  } >&2
fi
echo "$program"
