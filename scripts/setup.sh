# Shared by run and test: installs what is missing and builds. Sourced from the repository's root.

# Packages by purpose, under the names of Debian 12 and 13 and Ubuntu 24.04. "a|b" stands for the first of them that the
# machine has or can install.
build_packages=(g++ cmake ninja-build ccache "libboost1.81-dev|libboost1.83-dev|libboost1.88-dev"
  "libboost-json1.81-dev|libboost-json1.83-dev|libboost-json1.88-dev"
  "libboost-url1.81-dev|libboost-url1.83-dev|libboost-url1.88-dev" librocksdb-dev
  libxxhash-dev librdkafka-dev libmongoc-dev libspdlog-dev prometheus-cpp-dev libcli11-dev libssl-dev zlib1g-dev
  libjemalloc-dev libgtest-dev ca-certificates curl python3)
# For ./run --cluster and the tests against real servers.
cluster_packages=(default-jre-headless maven python3-pip python3-venv kcat)
# For the clients in other languages that tests drive.
client_packages=(default-jdk-headless maven python3-pip python3-venv)
# For scripts/package.sh, and for the tests of what it makes.
package_packages=(dpkg-dev file gzip)
package_test_packages=(debootstrap lintian)
test_packages=("chromium|chromium-browser" strace nginx haproxy prometheus prometheus-alertmanager valgrind clang-format clang-tidy)

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

is_installed() { [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == "install ok installed" ]]; }

# The sources may name a package that they do not have: then there is no candidate.
can_be_installed() { [[ $(LC_ALL=C apt-cache policy "$1") =~ Candidate:\ [^\(] ]]; }

# first_that CONDITION NAME|NAME...   prints the first name for which the condition holds
first_that() {
  local condition=$1 names name
  IFS='|' read -ra names <<<"$2"
  for name in "${names[@]}"; do
    if "$condition" "$name"; then
      printf '%s\n' "$name"
      return
    fi
  done
  return 1
}

install_packages() {
  local absent=() missing=() entry
  for entry in "$@"; do
    first_that is_installed "$entry" >/dev/null || absent+=("$entry")
  done
  if ((${#absent[@]})); then
    as_root apt-get update -q
    for entry in "${absent[@]}"; do
      missing+=("$(first_that can_be_installed "$entry")") || {
        say "This machine's package sources have none of: ${entry//|/, }. README.md names the systems that were tried."
        return 1
      }
    done
    say "Installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
  fi
}

# Node 18 or later, from wherever it is; Debian's own where there is none.
install_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null ||
    (($(node -p 'process.versions.node.split(".")[0]') < 18)); then
    install_packages nodejs npm
  fi
}

# install_node_packages FOLDER
install_node_packages() {
  install_node
  local stamp=$1/node_modules/.installed
  if [[ ! -e $stamp || $1/package-lock.json -nt $stamp ]]; then
    say "Fetching the packages of $1"
    (cd "$1" && npm ci --no-audit --no-fund --loglevel=error)
    touch "$stamp"
  fi
}

# The pages go into the binary, so they are built first.
build_page() {
  install_node_packages web
  if [[ ! -e web/dist/index.html || -n $(find web/src web/vite web/*.html web/*.ts web/*.json -newer web/dist/index.html -print -quit) ]]; then
    say "Building the pages"
    (cd web && npm run --silent build)
  fi
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  # Precompiled headers need these to be cached; the folder is left out so that a second checkout shares the cache.
  # What a file depends on is what the compiler says, so nothing is preprocessed twice.
  export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=$PWD
  export CCACHE_DEPEND=1
  say "Building ($preset)"
  cmake --preset "$preset" >"build-$preset.log" 2>&1 || { cat "build-$preset.log" >&2; return 1; }
  rm -f "build-$preset.log"
  cmake --build --preset "$preset" -j "$(nproc)" ${1:+--target "$@"} >&2
}

build_release() {
  install_packages "${build_packages[@]}"
  build_page
  build release message-service
}
