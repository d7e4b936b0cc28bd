#!/usr/bin/env bash
# Measures our own readers and writers beside libraries. Installs what is missing; about a minute.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup.sh
install_packages "${build_packages[@]}"
# msgpack-c is headers alone. Its package asks for another Boost than ours, so it is unpacked and not installed.
folder=build/libraries/msgpack
if [[ ! -e $folder/usr/include/msgpack.hpp ]]; then
  mkdir -p "$folder"
  (cd "$folder" && apt-get download -q libmsgpack-cxx-dev && dpkg -x libmsgpack-cxx-dev_*.deb .)
fi
cmake -S tests/libraries -B build/libraries -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DMSGPACK_INCLUDE="$PWD/$folder/usr/include" >/dev/null
ninja -C build/libraries --quiet
build/libraries/library-comparison
