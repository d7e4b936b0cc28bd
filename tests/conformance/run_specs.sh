#!/usr/bin/env bash
# Runs a folder of bundled Jasmine specs, such as Microsoft's functional tests of its TypeScript client, against our
# fixture, in Node or in Chromium, and fails when one fails or when fewer ran than there should have been.
#   tests/conformance/run_specs.sh FOLDER [AT_LEAST]               AT_LEAST is 1 by default; Microsoft's are 147 in Node
#   tests/conformance/run_specs.sh --browser FOLDER [AT_LEAST]     and 263 in a browser
# With --https first, the fixture listens with https too, and the specs are told both: Microsoft's then run on both.
# In Node the specs are all .js, .cjs and .mjs below the folder, and are told where the fixture is by
# SERVER_URL=";http://127.0.0.1:PORT". In Chromium they are the .js right in the folder, are told by Karma's
# `__karma__.config.args`, and the fixture serves the scripts in the folder too, with those below it, for web workers.
# The fixture is $SIGNALR_CONFORMANCE, or the release build.
set -euo pipefail

https=
if [[ ${1:-} == --https ]]; then
  https=1
  shift
fi
runner=run_specs.mjs
if [[ ${1:-} == --browser ]]; then
  runner=run_specs_in_browser.mjs
  shift
fi
if (($# < 1 || $# > 2)); then
  sed -n '2,10s/^# \{0,1\}//p' "$0"
  exit 2
fi
folder=$(realpath "$1")
at_least=${2:-1}
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
program=${SIGNALR_CONFORMANCE:-$root/build/release/signalr-conformance}
arguments=()
made=$(mktemp -d)
output=$made/output
fixture=
trap '[[ -z $fixture ]] || kill "$fixture" 2>/dev/null || true; rm -rf "$made"' EXIT
if [[ $https ]]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$made/key" -out "$made/certificate" 2>"$made/openssl"
  cat "$made/key" "$made/certificate" >"$made/pem"
  arguments+=(--certificate "$made/pem")
  export NODE_EXTRA_CA_CERTS=$made/certificate BELIEVE_ANY_CERTIFICATE=1
fi
[[ $runner == run_specs.mjs ]] || arguments+=("$folder")

"$program" "${arguments[@]}" >"$output" &
fixture=$!

url=
for _ in $(seq 100); do
  url=$(sed -n 's/^Now listening on: \(http:\)/\1/p' "$output")
  secure_url=$(sed -n 's/^Now listening on: \(https:\)/\1/p' "$output")
  [[ -n $url && (-z $https || -n $secure_url) ]] && break
  kill -0 "$fixture"
  sleep 0.05
done
[[ -n $url ]] || { echo "the fixture does not listen" >&2; exit 1; }

SERVER_URL="$secure_url;$url" node "$here/$runner" "$folder" "$at_least"
