#!/usr/bin/env bash
# Whether all C++ is formatted as clang-format would. Exits with 77 (skipped) where this machine has another version than
# the code is formatted with: each formats some lines in its own way.
set -euo pipefail
cd "$(dirname "$0")/.."
version=14  # Debian 12's

has=$(clang-format --version | grep -oE '[0-9]+' | head -1)
if [[ $has != "$version" ]]; then
  echo "clang-format is version $has here, and the code is formatted with version $version"
  exit 77
fi
git ls-files 'bench/*.h' 'bench/*.cc' 'libs/*.h' 'libs/*.cc' 'src/*.h' 'src/*.cc' 'tests/*.h' 'tests/*.cc' 'examples/*.cc' | xargs clang-format --dry-run -Werror
