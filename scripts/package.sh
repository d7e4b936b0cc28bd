#!/usr/bin/env bash
# Builds the Debian packages message-service and message-service-bench for the Debian that it runs on: 12 or 13.
#   scripts/package.sh [PRESET]   the packages lie in build/release/packages; ci where that tree is built already
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

install_packages "${build_packages[@]}" "${package_packages[@]}"
build_page
build "${1:-release}" package-files
rm -rf build/release/packages
say "Packing"
(umask 022 && cd build/release && cpack --config CPackConfig.cmake >packages.log) || { cat build/release/packages.log >&2; exit 1; }
rm -rf build/release/packages/_CPack_Packages
ls build/release/packages/*.deb
