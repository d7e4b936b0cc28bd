"""What a client program and the test that runs it say to each other: JSON, an object a line (../README.md)."""

import json
import sys
import threading

_lock = threading.Lock()


def say(**what):
    with _lock:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()


def calls():
    for line in sys.stdin:
        command = json.loads(line)
        yield command["call"], command["arguments"]
