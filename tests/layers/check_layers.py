#!/usr/bin/env python3
"""Fails when a source file includes a layer that its own layer may not see, or a vendor header that is not its own.

The one-way flow is kept here by a test, not by good will. Run from anywhere; prints every offence.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2] / "src"

# layer (longest folder prefix wins) -> layers it may include besides itself
ALLOWED = {
    "base": [],
    "model": ["base"],
    "wire": ["base", "model"],
    "ports": ["base", "model"],
    "observe": ["base"],
    "config": ["base"],
    "runtime": ["base", "observe"],
    "pipeline/conversations": ["base", "model", "ports", "wire", "observe"],
    "pipeline/ingress": ["base", "model", "ports", "wire", "observe", "pipeline/conversations"],
    "pipeline/persist": ["base", "model", "ports", "wire", "observe", "pipeline/conversations"],
    "pipeline/versions": ["base", "model", "ports", "observe"],
    "pipeline/fanout": ["base", "model", "ports", "wire", "observe"],
    "adapters/embedded": ["base", "model", "ports", "wire", "observe"],
    "adapters/kafka": ["base", "model", "ports", "wire", "observe"],
    "adapters/mongodb": ["base", "model", "ports", "wire", "observe"],
    "transport/http": ["base", "runtime", "observe"],
    "transport/sockets": ["base", "runtime"],
    "transport/websocket": ["base", "runtime", "transport/sockets"],
    "transport/signalr": ["base", "runtime", "observe", "transport/http", "transport/sockets", "transport/websocket"],
    "transport/api": ["base", "model", "ports", "wire", "observe", "runtime", "pipeline/ingress", "pipeline/fanout",
                      "pipeline/conversations", "transport/http", "transport/signalr"],
    "bench": ["base"],
}
ALLOWED["app"] = list(ALLOWED)  # puts the parts together, so it sees them all
ALLOWED["commands"] = list(ALLOWED)

# vendor header prefix -> layers that may include it; headers not listed here are free (the standard library)
VENDOR = {
    "boost/json": ["wire", "config", "transport/signalr", "transport/api", "bench", "app"],
    "boost/asio": ["runtime", "transport/http", "transport/sockets", "transport/websocket", "transport/signalr", "transport/api", "bench", "app"],
    "boost/beast": ["runtime", "transport/http", "transport/websocket", "transport/signalr", "bench"],
    "boost/url": ["transport/http"],
    "boost/system": ["base"],
    "boost/unordered": ["base"],
    "boost/": ["runtime", "transport/http"],
    "rocksdb/": ["adapters/embedded"],
    "xxhash": ["adapters/embedded"],
    "spdlog/": ["observe"],
    "prometheus/": ["observe"],
    "CLI/": ["commands"],
    "openssl/": ["base", "transport/websocket"],
    "zlib.h": ["transport/websocket", "bench"],
    "librdkafka/": ["adapters/kafka"],
    "mongoc/": ["adapters/mongodb"],
    "bson/": ["adapters/mongodb"],
}


def layer_of(path: str) -> str | None:
    fitting = [layer for layer in ALLOWED if path.startswith(layer + "/")]
    return max(fitting, key=len) if fitting else None


def offences():
    for file in sorted(p for ending in ("*.h", "*.cc") for p in ROOT.rglob(ending)):
        path = str(file.relative_to(ROOT))
        own = layer_of(path)
        if own is None:
            yield f"{path}: its folder is not a layer; name it in ALLOWED"
            continue
        is_test = path.endswith("_test.cc")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            quote, target = match.groups()
            if quote == '"':
                other = layer_of(target)
                if other is None:
                    yield f"{path}:{number}: \"{target}\" is not named from src/"
                elif other != own and other not in ALLOWED[own] and not is_test:
                    yield f"{path}:{number}: {own} may not see {other}"
            else:
                vendors = [v for v in VENDOR if target.startswith(v)]
                if vendors and own not in VENDOR[max(vendors, key=len)]:
                    yield f"{path}:{number}: {own} may not include <{target}>"


found = list(offences())
print("\n".join(found) or f"{len(ALLOWED)} layers, every include points the right way")
sys.exit(1 if found else 0)
