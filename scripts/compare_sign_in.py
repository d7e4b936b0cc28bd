#!/usr/bin/env python3
"""Measures what sign-in and limits cost: one program without and with them, in alternating runs on this machine.

    scripts/compare_sign_in.py PROGRAM [--pairs 10] [--bench PATH]

64 connections, server CPU a message that is accepted, at a fixed rate. Prints each pair's ratio and the median. Servers
listen on free ports of the loopback, in folders that are removed.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

from compare_programs import ACCEPT_RATE, ACCEPT_SECONDS, bench, start, stop

# So high that nobody is refused, and every message is counted all the same.
RATES = [f"--RateLimits:{name}:{what}=1000000" for name in ("Sends", "Conversations") for what in ("PerSecond", "Burst")]


def token(program, key, *more):
    made = subprocess.run([program, "token", "create", "--key", key, "--ttl", "1h", *more], check=True,
                          capture_output=True, text=True)
    return made.stdout.strip()


def accept_us(program, bench_program, signed_in):
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as keys:
        settings, tokens = [], []
        if signed_in:
            key = str(pathlib.Path(keys) / "key.json")
            subprocess.run([program, "keys", "create", "--out", key], check=True, stdout=subprocess.DEVNULL)
            settings = ["--Auth:Mode=Jwt", f"--Auth:DevelopmentKeyFile={key}", *RATES]
            tokens = ["--token", token(program, key, "--sub", "bench-sender", "--type", "Teacher"), "--operator-token",
                      token(program, key, "--sub", "bench", "--scope", "conversations:manage operator")]
        server, url = start(program, folder, *settings)
        try:
            result = bench([bench_program, "http", "--url", url, "--connections", "64", "--rate", str(ACCEPT_RATE),
                            "--duration", str(ACCEPT_SECONDS), "--warmup", "1", *tokens])
        finally:
            stop(server)
    if result["errors_total"]:
        sys.exit(f"{result['errors_total']} requests failed")
    return result["server_cpu_us_per_message"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--bench")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    bench_program = options.bench or str(pathlib.Path(program).with_name("message-service-bench"))
    ratios = []
    for pair in range(options.pairs):
        order = (False, True) if pair % 2 == 0 else (True, False)
        cost = {signed_in: accept_us(program, bench_program, signed_in) for signed_in in order}
        ratios.append(cost[True] / cost[False])
        print(f"pair {pair + 1}: {cost[False]:.1f} us without, {cost[True]:.1f} us with: {ratios[-1]:.3f}", flush=True)
    print(f"median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}")


if __name__ == "__main__":
    main()
