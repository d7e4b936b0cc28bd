#!/usr/bin/env python3
"""Measures what a backup costs those who post: the p99 of posts without and with a backup under way, in turn.

    scripts/backup_latency.py [--program PATH] [--bench PATH] [--pairs 5] [--rate 5000] [--seconds 8] [--store-mib 300]

One service on this machine, whose store is filled first. While a backup is measured, one follows the other, each into an
empty folder, so that all of it is copied. Prints each pair and the median of the ratios.
"""
import argparse
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

from compare_programs import ROOT, bench, start, stop

FILL_BYTES = 8_000  # of a message


def load(program, url, rate, seconds, *more):
    return bench([program, "http", "--url", url, "--connections", "64", "--rate", str(rate), "--duration", str(seconds), *more])


def size_mib(folder):
    return sum(file.stat().st_size for file in pathlib.Path(folder).rglob("*") if file.is_file()) / 2**20


def fill(program, url, folder, mib):
    while size_mib(folder) < mib:
        load(program, url, 3_000, 5, "--content-bytes", str(FILL_BYTES))


class Backups:
    """One after the other, until the end of the with block."""

    def __init__(self, program, url, data, into):
        self.command = [program, "backup", "create", f"--Providers:DataDirectory={data}", "--url", url]
        self.into, self.made, self.busy = pathlib.Path(into), 0, 0.0

    def work(self):
        while not self.ending.is_set():
            folder = self.into / "backup"
            began = time.monotonic()
            subprocess.run([*self.command, str(folder)], check=True, stdout=subprocess.DEVNULL)
            self.busy += time.monotonic() - began
            self.made += 1
            shutil.rmtree(folder)

    def __enter__(self):
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.work)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/message-service"))
    parser.add_argument("--bench", default=str(ROOT / "build/release/message-service-bench"))
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rate", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--store-mib", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as into:
        server, url = start(given.program, data)
        threading.Thread(target=lambda: [None for _ in server.stdout], daemon=True).start()
        try:
            fill(given.bench, url, data, given.store_mib)
            time.sleep(5)
            ratios = []
            for pair in range(given.pairs):
                p99 = {}
                for with_backup in ((False, True), (True, False))[pair % 2]:
                    if with_backup:
                        with Backups(given.program, url, data, into) as backups:
                            result = load(given.bench, url, given.rate, given.seconds, "--warmup", "1")
                    else:
                        result = load(given.bench, url, given.rate, given.seconds, "--warmup", "1")
                    if result["errors_total"]:
                        raise SystemExit(f"{result['errors_total']} requests failed")
                    p99[with_backup] = result["latency"]["p99_ms"]
                    time.sleep(1)
                ratios.append(p99[True] / p99[False])
                print(f"p99 {p99[False]:.2f} ms without, {p99[True]:.2f} ms with {backups.made} backups of "
                      f"{backups.busy:.0f} s: {ratios[-1]:.2f}", flush=True)
            print(f"median of {len(ratios)} pairs: {statistics.median(ratios):.2f}")
        finally:
            stop(server)


if __name__ == "__main__":
    main()
