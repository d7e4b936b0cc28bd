#!/usr/bin/env python3
"""The part of systemd that a service sees, for tests on machines where systemd does not run: holds listening sockets
while the program restarts, reads what the program notifies, and tells both as one JSON object a line.

    service_manager.py [--listen HOST:PORT]... [--abstract] [--watchdog-usec N]

Standard input, one JSON object a line: {"start": [PROGRAM, ARGUMENT, ...]}, {"signal": NAME}. Standard output:
{"sockets": [port, ...]}, {"started": pid}, {"notified": {...}}, {"output": line}, {"ended": code or -signal}.
The program ends with this one, at the end of standard input.
"""
import argparse
import json
import os
import signal
import socket
import sys
import tempfile
import threading

FIRST = 3  # SD_LISTEN_FDS_START


def tell(**what):
    with lock:
        print(json.dumps(what), flush=True)


def listening(address):
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host.strip("[]"), int(port)))
    made.listen(4096)
    return made


def become(sockets):
    """In the child: the sockets become descriptors from 3 on, and LISTEN_PID is the child's own."""
    copies = [os.dup(one.fileno()) for one in sockets]
    high = [os.dup2(copy, 100 + n) for n, copy in enumerate(copies)]
    for n, copy in enumerate(high):
        os.dup2(copy, FIRST + n, inheritable=True)
    os.closerange(FIRST + len(sockets), 200)
    if sockets:
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(sockets)),
                          LISTEN_FDNAMES=":".join(f"socket-{n}" for n in range(len(sockets))))


def run(program, options, sockets, notify):
    """Starts the program; returns its process id."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        os.environ["NOTIFY_SOCKET"] = notify
        if options.watchdog_usec:
            os.environ.update(WATCHDOG_USEC=str(options.watchdog_usec), WATCHDOG_PID=str(os.getpid()))
        become(sockets)
        os.execv(program[0], program)
    os.close(writer)
    tell(started=pid)

    def follow():
        with os.fdopen(reader, errors="replace") as lines:
            for line in lines:
                tell(output=line.rstrip("\n"))
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        tell(ended=status)

    threading.Thread(target=follow, daemon=True).start()
    return pid


def receive(datagrams):
    while True:
        text = datagrams.recv(65536).decode()
        tell(notified=dict(line.split("=", 1) for line in text.splitlines()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", action="append", default=[])
    parser.add_argument("--abstract", action="store_true")
    parser.add_argument("--watchdog-usec", type=int, default=0)
    options = parser.parse_args()
    sockets = [listening(address) for address in options.listen]
    with tempfile.TemporaryDirectory() as folder:
        notify = f"@service-manager-{os.getpid()}" if options.abstract else f"{folder}/notify"
        datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        datagrams.bind(notify.replace("@", "\0", 1))
        threading.Thread(target=receive, args=(datagrams,), daemon=True).start()
        tell(sockets=[one.getsockname()[1] for one in sockets])
        pid = None
        for line in sys.stdin:
            wish = json.loads(line)
            if "start" in wish:
                pid = run(wish["start"], options, sockets, notify)
            else:
                os.kill(pid, getattr(signal, wish["signal"]))
        try:
            os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, TypeError):
            pass


lock = threading.Lock()
if __name__ == "__main__":
    main()
