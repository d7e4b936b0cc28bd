#!/usr/bin/env bash
# clang-tidy as .clang-tidy says, without warnings.
#   scripts/tidy.sh           the sources and examples: several minutes on two cores
#   scripts/tidy.sh FILE...   these alone
set -euo pipefail
cd "$(dirname "$0")/.."

# The tree has the compile commands. It compiles without precompiled headers, because clang-tidy cannot read GCC's.
configure() {
  cmake --preset release -B "build/$1" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD="$2" >/dev/null
}

if (($#)); then
  tree=tidy-files
  configure "$tree" OFF
  files=("$@")
  more_options=()
else
  # Eight sources at a time: reading the headers takes most of the time.
  tree=tidy
  configure "$tree" ON
  mapfile -t files < <(find build/tidy/{bench,libs,src,examples} -path '*/Unity/*.cxx' | sort)
  more_options=(--checks=-bugprone-suspicious-include)  # a unity file includes sources
fi
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p "build/$tree" "${more_options[@]}" \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-gnu-statement-expression \
    2> >(grep -v 'warnings\? generated' >&2)
