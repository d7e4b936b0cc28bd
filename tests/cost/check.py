#!/usr/bin/env python3
"""Holds the cost of the worst input of each reader beside that of its usual one.  Arguments: PROGRAM [FACTOR]

PROGRAM is tests/cost/input_cost.cc. valgrind counts its instructions, which do not depend on what else the machine is at.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

FACTOR = 20


def measure(program):
    """[(group, name, instructions a byte)]"""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "cost")
        command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=measured",
                   "--dump-after=measured", f"--callgrind-out-file={out}", program]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        cases = [line.split("\t") for line in run.stdout.splitlines()]
        for number, (group, name, size) in enumerate(cases, 1):
            counted = re.search(r"^(?:summary|totals): (\d+)", Path(f"{out}.{number}").read_text(), re.MULTILINE)
            yield group, name, int(counted[1]) / int(size)


def main(program, factor=FACTOR):
    usual, too_dear = {}, []
    for group, name, cost in measure(program):
        usual.setdefault(group, cost)
        times = cost / usual[group]
        print(f"{group:12} {name:28} {cost:9.1f} instructions a byte {times:7.1f} times the usual")
        if times > float(factor):
            too_dear.append(f"{group}: {name}")
    assert usual, "nothing was measured"
    print("\n".join(f"more than {factor} times: {case}" for case in too_dear) or "all within bounds")
    return 1 if too_dear else 0


sys.exit(main(*sys.argv[1:]))
