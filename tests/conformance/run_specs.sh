#!/usr/bin/env bash
# Runs a folder of bundled Jasmine specs, such as Microsoft's functional tests of its TypeScript client, in Node against
# our fixture, and fails when one fails or when fewer ran than there should have been.
#   tests/conformance/run_specs.sh FOLDER [AT_LEAST]     AT_LEAST is 1 by default; Microsoft's folder has 145
# The specs are told where the fixture is by SERVER_URL=";http://127.0.0.1:PORT". The fixture is $SIGNALR_CONFORMANCE,
# or the release build.
set -euo pipefail

if (($# < 1 || $# > 2)); then
  sed -n '2,6s/^# \{0,1\}//p' "$0"
  exit 2
fi
folder=$(realpath "$1")
at_least=${2:-1}
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
program=${SIGNALR_CONFORMANCE:-$root/build/release/signalr-conformance}

output=$(mktemp)
"$program" >"$output" &
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

SERVER_URL=";$url" node "$here/run_specs.mjs" "$folder" "$at_least"
