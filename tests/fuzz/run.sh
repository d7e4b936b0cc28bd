#!/usr/bin/env bash
# Fuzzes what reads bytes of others: JSON, MessagePack and handshake of the hub, WebSocket frames and their compression,
# records of other programs, tokens and key sets, recorded histories, and rows, log frames and documents of the stores,
# each for some seconds.
#   tests/fuzz/run.sh SECONDS [json|messagepack|handshake|frames|inflating|extensions|requested|sent|dead|traceparent|token|key_set|history|rows|log_frames|documents…]
# What it finds interesting is kept in build/fuzz/found; what fails is left in build/fuzz/failed, and its name printed:
# put it into tests/fuzz/corpus, where an ordinary test replays it. `merge` instead of SECONDS adds to the corpus what
# reaches code that nothing in it reaches yet.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup.sh

if (($# == 0)); then
  sed -n '2,8s/^# \{0,1\}//p' "$0"
  exit 2
fi
mode=$1
shift
targets=("$@")
((${#targets[@]})) || targets=(json messagepack handshake frames inflating extensions requested sent dead traceparent token key_set history rows log_frames documents)

install_packages clang-16 libclang-rt-16-dev
cmake -S tests/fuzz -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++-16 >/dev/null
cmake --build build/fuzz -j "$(nproc)" -- "${targets[@]/#/fuzz-}" >&2

for target in "${targets[@]}"; do
  found=build/fuzz/found/$target
  corpus=tests/fuzz/corpus/$target
  mkdir -p "$found" build/fuzz/failed
  if [[ $mode == merge ]]; then
    "build/fuzz/fuzz-$target" -merge=1 -max_len=1024 "$corpus" "$found" 2>&1 | tail -n 1
  else
    "build/fuzz/fuzz-$target" -max_total_time="$mode" -max_len=8192 -timeout=5 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/failed/$target-" "$found" "$corpus" 2>&1 |
      grep -E "number_of_executed_units|ERROR|broken invariant|Test unit written|SUMMARY" | sed "s/^/$target: /"
  fi
done
