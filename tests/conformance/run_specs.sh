#!/usr/bin/env bash
# Runs a folder of bundled Jasmine specs, such as Microsoft's functional tests of its TypeScript client, against our
# fixture, in Node or in Chromium, and fails when one fails or when fewer ran than there should have been.
#   tests/conformance/run_specs.sh FOLDER [AT_LEAST]               AT_LEAST is 1 by default; Microsoft's are 147 in Node
#   tests/conformance/run_specs.sh --browser FOLDER [AT_LEAST]     and 263 in a browser
# In Node the specs are all .js, .cjs and .mjs below the folder, and are told where the fixture is by
# SERVER_URL=";http://127.0.0.1:PORT". In Chromium they are the .js right in the folder, are told by Karma's
# `__karma__.config.args`, and the fixture serves the scripts in the folder too, with those below it, for web workers.
# The fixture is $SIGNALR_CONFORMANCE, or the release build.
set -euo pipefail

runner=run_specs.mjs
if [[ ${1:-} == --browser ]]; then
  runner=run_specs_in_browser.mjs
  shift
fi
if (($# < 1 || $# > 2)); then
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  exit 2
fi
folder=$(realpath "$1")
at_least=${2:-1}
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
program=${SIGNALR_CONFORMANCE:-$root/build/release/signalr-conformance}
scripts=()
[[ $runner == run_specs.mjs ]] || scripts=("$folder")

output=$(mktemp)
"$program" "${scripts[@]}" >"$output" &
fixture=$!
trap 'kill "$fixture" 2>/dev/null || true; rm -f "$output"' EXIT

url=
for _ in $(seq 100); do
  url=$(sed -n 's/^Now listening on: //p' "$output")
  [[ -n $url ]] && break
  kill -0 "$fixture"
  sleep 0.05
done
[[ -n $url ]] || { echo "the fixture does not listen" >&2; exit 1; }

SERVER_URL=";$url" node "$here/$runner" "$folder" "$at_least"
