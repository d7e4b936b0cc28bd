#!/usr/bin/env python3
"""Measures what sign-in, limits, TLS and being watched cost: one program without and with them, in alternating runs on
this machine.

    scripts/compare_settings.py PROGRAM [--pairs 10] [--bench PATH] [--only sign-in|tls|watching|idle]

sign-in: 64 connections, server CPU a message that is accepted, at a fixed rate, with to without.
tls: 64 and 1,000 kept connections, clear text to TLS: server CPU a message at a fixed rate, and messages a second where
each connection sends as soon as it has its answer (the load generator encrypts on the same cores).
watching: as sign-in's, traces of 1 % of the requests sent to a collector, and all metrics read each second.
idle: 5,000 hub clients that do nothing, each a person of its own, memory of the server a client, with sign-in less
without. Prints each pair and the medians. Servers listen on free ports of the loopback, in folders that are removed.
"""
import argparse
import contextlib
import http.server
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.request

from compare_programs import ACCEPT_RATE, ACCEPT_SECONDS, bench, start, stop

# So high that nobody is refused, and every message is counted all the same.
RATES = [f"--RateLimits:{name}:{what}=1000000" for name in ("Sends", "Conversations") for what in ("PerSecond", "Burst")]
IDLE_CLIENTS = 5_000
IDLE_CONVERSATIONS = 250


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes traces and forgets them."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def collector():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def scraped(url):
    """Reads the metrics each second."""
    over = threading.Event()

    def scrape():
        while not over.wait(1):
            urllib.request.urlopen(f"{url}/metrics", timeout=5).read()

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Programs:
    def __init__(self, program, bench_program):
        self.service = str(pathlib.Path(program).resolve())
        self.bench = bench_program or str(pathlib.Path(self.service).with_name("message-service-bench"))

    def token(self, key, *more):
        made = subprocess.run([self.service, "token", "create", "--key", key, "--ttl", "1h", *more], check=True,
                              capture_output=True, text=True)
        return made.stdout.strip()

    def sign_in(self, keys):
        """Settings of a server with sign-in, and the options of a load on it."""
        key = str(pathlib.Path(keys) / "key.json")
        subprocess.run([self.service, "keys", "create", "--out", key], check=True, stdout=subprocess.DEVNULL)
        return ["--Auth:Mode=Jwt", f"--Auth:DevelopmentKeyFile={key}", *RATES], [
            "--token", self.token(key, "--sub", "bench-sender", "--type", "Teacher"),
            "--operator-token", self.token(key, "--sub", "bench", "--scope", "conversations:manage operator")]

    def tls(self, keys):
        """Settings of a server with a certificate of its own, and the options of a load that believes it."""
        key, certificate = (str(pathlib.Path(keys) / name) for name in ("key.pem", "certificate.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", certificate, "-days", "1", "-subj", "/CN=127.0.0.1", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
        return ["--Urls=https://127.0.0.1:0", f"--Kestrel:Certificates:Default:Path={certificate}",
                f"--Kestrel:Certificates:Default:KeyPath={key}"], ["--ca-file", certificate]

    def load(self, prepare, connections, rate, watch=lambda _: contextlib.nullcontext()):
        """The result of one load on a server of its own, which is watched meanwhile."""
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as keys:
            settings, options = prepare(keys) if prepare else ([], [])
            server, url = start(self.service, folder, *settings)
            try:
                paced = ["--rate", str(rate)] if rate else []
                with watch(url):
                    result = bench([self.bench, "http", "--url", url, "--connections", str(connections), "--duration",
                                    str(ACCEPT_SECONDS), "--warmup", "1", *paced, *options])
            finally:
                stop(server)
        # Where each connection sends at once, some wait longer than Limits:QueueWaitMs for their turn, and get 503.
        if result["errors_total"] > (0 if rate else result["requests"] / 100):
            sys.exit(f"{result['errors_total']} requests failed")
        return result

    def watched_cost(self, on):
        """The server's CPU a message."""
        with collector() as endpoint:
            def settings(_):
                return [f"--Tracing:Endpoint={endpoint}", "--Tracing:Sampler=parentbased_traceidratio",
                        "--Tracing:SamplerRatio=0.01"], []
            watch = scraped if on else lambda _: contextlib.nullcontext()
            return self.load(settings if on else None, 64, ACCEPT_RATE, watch)["server_cpu_us_per_message"]

    def idle_kib(self, signed_in):
        result = bench([self.bench, "fanout", "--clients", str(IDLE_CLIENTS), "--conversations", str(IDLE_CONVERSATIONS),
                        "--rate", "0", "--duration", "1", "--server-program", self.service,
                        *(["--signed-in"] if signed_in else [])])
        return result["hub"][0]["server_kib_per_connection"]


def alternate(pairs, measure):
    """One value without and one with, in turn; every other pair begins with the latter."""
    for pair in range(pairs):
        order = (False, True) if pair % 2 == 0 else (True, False)
        values = {on: measure(on) for on in order}
        yield values[False], values[True]


def show(name, pairs, unit, figure):
    figures = []
    for without, with_it in pairs:
        figures.append(figure(without, with_it))
        print(f"{name}: {without:.1f} {unit} without, {with_it:.1f} {unit} with: {figures[-1]:.3f}", flush=True)
    print(f"{name}: median {statistics.median(figures):.3f}, {min(figures):.3f} to {max(figures):.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--bench")
    parser.add_argument("--only", choices=("sign-in", "tls", "watching", "idle"))
    options = parser.parse_args()
    programs = Programs(options.program, options.bench)

    def cost(prepare, connections):
        return lambda on: programs.load(prepare if on else None, connections, ACCEPT_RATE)["server_cpu_us_per_message"]

    def speed(prepare, connections):
        return lambda on: programs.load(prepare if on else None, connections, None)["requests_per_s"]

    if options.only in (None, "sign-in"):
        show("sign-in, CPU with to without", alternate(options.pairs, cost(programs.sign_in, 64)), "us",
             lambda without, with_it: with_it / without)
    if options.only in (None, "tls"):
        for connections in (64, 1000):
            show(f"TLS, {connections} connections, CPU without to with",
                 alternate(options.pairs, cost(programs.tls, connections)), "us",
                 lambda without, with_it: without / with_it)
            show(f"TLS, {connections} connections, rate with to without",
                 alternate(options.pairs, speed(programs.tls, connections)), "/s",
                 lambda without, with_it: with_it / without)
    if options.only in (None, "watching"):
        show("traces of 1 % and metrics, CPU with to without", alternate(options.pairs, programs.watched_cost), "us",
             lambda without, with_it: with_it / without)
    if options.only in (None, "idle"):
        show("sign-in, KiB more of an idle client", alternate(options.pairs, programs.idle_kib), "KiB",
             lambda without, with_it: with_it - without)


if __name__ == "__main__":
    main()
