"""What a client program and the test that runs it say to each other: JSON, an object a line (../README.md)."""

import json
import sys
import threading

_lock = threading.Lock()


def as_text(time):
    """A time of MessagePack, as JSON has it."""
    return time.to_datetime().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def say(**what):
    with _lock:
        sys.stdout.write(json.dumps(what, default=as_text) + "\n")
        sys.stdout.flush()


def calls():
    for line in sys.stdin:
        command = json.loads(line)
        yield command["call"], command["arguments"]
