#!/usr/bin/env bash
# clang-tidy as .clang-tidy says, without warnings.
#   scripts/tidy.sh [FILE...]   the sources and examples by default: half an hour on two cores
set -euo pipefail
cd "$(dirname "$0")/.."

files=("$@")
((${#files[@]})) || mapfile -t files < <(git ls-files 'bench/*.cc' 'libs/*.cc' 'src/*.cc' 'examples/*.cc' | grep -v '_test\.cc$')

# It reads no precompiled headers of GCC's, and knows not all of its options. It wants the command of each file, so the
# tree compiles each file alone.
cmake --preset release -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD=OFF >/dev/null
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p build/tidy --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-Wno-gnu-statement-expression \
    2> >(grep -v 'warnings\? generated' >&2)
