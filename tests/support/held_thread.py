#!/usr/bin/env python3
"""Holds one thread of a process, as if it hung, until this program is ended: held_thread.py PID NAME.

Prints "held" when the thread stands. The others go on (ptrace(2): a tracer stops one thread, not the process).
"""
import ctypes
import os
import pathlib
import signal
import sys

PTRACE_ATTACH, PTRACE_DETACH, WALL = 16, 17, 0x40000000


def main():
    pid, name = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    found = [int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
             if (task / "comm").read_text().strip() == name]
    if len(found) != 1:
        sys.exit(f"{len(found)} threads of {pid} are called {name}")
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    if libc.ptrace(PTRACE_ATTACH, found[0], None, None) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    os.waitpid(found[0], WALL)
    print("held", flush=True)
    signal.sigwait(signals)
    libc.ptrace(PTRACE_DETACH, found[0], None, None)


if __name__ == "__main__":
    main()
