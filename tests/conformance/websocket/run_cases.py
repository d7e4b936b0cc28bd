"""Runs kosoku's cases against a WebSocket server that echoes, and prints what came of each as one JSON object.

Arguments: URL CASE...      a case may be a pattern, as in 9.*
Out:       {CASE: {"behavior": LABEL, "close": LABEL, "result": TEXT}}
"""

import asyncio
import json
import os
import sys

from kosoku import FailureError, run_fuzzingclient


async def run(url, cases):
    try:
        return await run_fuzzingclient(url, cases)
    except FailureError as failure:
        return failure.results


def outcome(result):
    texts = [result.result, result.result_close, result.was_not_clean_reason or ""]
    return {
        "behavior": result.behavior.value,
        "close": result.behavior_close.value,
        "result": " ".join(filter(None, texts)),
    }


outcomes = asyncio.run(run(sys.argv[1], sys.argv[2:]))
print(json.dumps({result.case_id: outcome(result) for result in outcomes}), flush=True)
os._exit(0)  # kosoku's own threads now and then abort a Python that ends in its usual way
