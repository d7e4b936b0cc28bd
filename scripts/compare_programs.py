#!/usr/bin/env python3
"""Measures two builds of message-service against each other, in alternating runs on this machine.

    scripts/compare_programs.py OLD NEW [--pairs 10] [--bench PATH]

OLD and NEW are programs. Accept: 64 connections, server CPU a message that is stored, at a fixed rate. Fan-out: 2,000
hub clients, server CPU a delivery. Drain: server CPU a message of a log that is full at the start, on the embedded store.
Idle: the memory of a server that has served nothing. Prints each pair's ratio and the median of all. Servers listen on free ports of the loopback, in folders that are removed.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
ACCEPT_RATE = 12_000  # a second: about a third of what two cores take
ACCEPT_SECONDS = 4
DRAIN_SECONDS = 6  # of messages that are accepted and not stored
FANOUT_CLIENTS = 2_000
FANOUT_SECONDS = 4


def start(program, folder, *settings):
    server = subprocess.Popen(
        [program, "serve", "--Urls=http://127.0.0.1:0", f"--Providers:DataDirectory={folder}", *settings],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    for line in server.stdout:
        found = re.search(r"Now listening on: (https?://\S+)", line)
        if found:
            return server, found[1]
    raise SystemExit(f"{program} did not start")


def stop(server):
    server.terminate()
    server.wait(30)
    server.stdout.close()


def idle_kib(program):
    with tempfile.TemporaryDirectory() as folder:
        server, _ = start(program, folder)
        time.sleep(2)
        status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
        stop(server)
    return float(re.search(r"VmRSS:\s+(\d+)", status)[1])


def bench(arguments):
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        subprocess.run(arguments + ["--quiet", "--json", result.name], check=True, stdout=subprocess.DEVNULL)
        return json.load(open(result.name, encoding="utf-8"))["result"]


def accept_us(program, load):
    with tempfile.TemporaryDirectory() as folder:
        server, url = start(program, folder)
        try:
            result = bench([load, "http", "--url", url, "--connections", "64", "--rate", str(ACCEPT_RATE),
                            "--duration", str(ACCEPT_SECONDS), "--warmup", "1"])
        finally:
            stop(server)
    if result["errors_total"]:
        sys.exit(f"{program}: {result['errors_total']} requests failed")
    return result["server_cpu_us_per_message"]


def metric(url, name):
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        found = re.search(rf"^message_service_{re.escape(name)} (\S+)", answer.read().decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fill(program, load, folder):
    """Leaves a log of messages that nobody has stored, as a crash does. Returns how many."""
    server, url = start(program, folder, "--MessagePersistence:FlushWhenIdle=false", "--MessagePersistence:BatchSize=100000",
                        "--MessagePersistence:MaxBatchSize=100000", "--MessagePersistence:FlushIntervalMs=600000")
    bench([load, "http", "--url", url, "--connections", "64", "--rate", str(ACCEPT_RATE), "--duration", str(DRAIN_SECONDS)])
    count = metric(url, 'publish_total{outcome="ok"}')
    server.kill()
    server.wait()
    server.stdout.close()
    return count


def drain_us(program, filled, count):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(filled, folder, dirs_exist_ok=True)
        server, url = start(program, folder)
        try:
            deadline = time.monotonic() + 120
            while metric(url, "store_writes_total") < count:
                if time.monotonic() > deadline:
                    sys.exit(f"{program}: the log is not drained")
                time.sleep(0.05)
            used = cpu_seconds(server.pid)
        finally:
            stop(server)
    return used * 1e6 / count


def fanout_us(program, load):
    result = bench([load, "fanout", "--clients", str(FANOUT_CLIENTS), "--rate", "15", "--duration", str(FANOUT_SECONDS),
                    "--server-program", program])["hub"][0]
    if result["missing"] or result["doubled"]:
        sys.exit(f"{program}: deliveries are missing or doubled")
    return result["server_cpu_us_per_delivery"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--bench", default=str(ROOT / "build/release/message-service-bench"))
    given = parser.parse_args()
    old, new = (str(pathlib.Path(program).resolve()) for program in (given.old, given.new))
    filled = tempfile.TemporaryDirectory()
    count = fill(old, given.bench, filled.name)
    measures = {
        "accept, server CPU a message, us": lambda program: accept_us(program, given.bench),
        "drain, server CPU a message, us": lambda program: drain_us(program, filled.name, count),
        "fan-out, server CPU a delivery, us": lambda program: fanout_us(program, given.bench),
        "idle memory, KiB": idle_kib,
    }
    for name, measure in measures.items():
        olds, news, ratios = [], [], []
        for pair in range(given.pairs):
            first, second = (old, new) if pair % 2 == 0 else (new, old)
            values = {first: measure(first)}
            values[second] = measure(second)
            olds.append(values[old])
            news.append(values[new])
            ratios.append(values[new] / values[old])
            print(f"{name}: pair {pair + 1}: {values[old]:.2f} -> {values[new]:.2f}, {ratios[-1]:.3f}", flush=True)
        print(f"== {name}: median {statistics.median(olds):.2f} -> {statistics.median(news):.2f}, "
              f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")
    sizes = [pathlib.Path(program).stat().st_size for program in (old, new)]
    print(f"== program, bytes: {sizes[0]} -> {sizes[1]}, ratio {sizes[1] / sizes[0]:.3f}")


if __name__ == "__main__":
    main()
