#!/usr/bin/env python3
"""Free loopback ports for servers that a script starts: scripts/free_ports.py COUNT

Below the ports that the system gives to whoever asks for any: nobody gets one before its server, or while that is away.
"""
import itertools
import pathlib
import random
import socket
import sys


def is_free(port):
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
        return True
    except OSError:
        return False


def free_ports(count):
    end = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    candidates = filter(is_free, random.sample(range(10_000, max(end, 20_000)), 1_000))
    return list(itertools.islice(candidates, count))


if __name__ == "__main__":
    print(*free_ports(int(sys.argv[1])))
