#!/usr/bin/env python3
"""Fails when a source file includes a room that its own room may not see, when folders include each other in a circle,
and when a file includes a vendor's header that its room does not own.

Every folder below libs/, src/ and bench/ is a room of its own. Run from anywhere; prints every offence.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# room -> rooms that it may include besides itself
LIBS = {
    "base": "",
    "logging": "base",
    "tracing": "base",
    "jwt": "base",
    "telemetry": "",
    "tls": "base",
    "asio": "",
    "runtime": "base logging tls",
    "http/codec": "base runtime tracing",
    "http/routing": "base runtime http/codec",
    "http/client": "base",
    "http/server": "base runtime logging tls http/codec http/routing",
    "websocket/codec": "base",
    "websocket/stream": "runtime websocket/codec",
    "signalr/protocol": "base",
    "signalr/connection": "base runtime http/codec http/routing websocket/codec websocket/stream signalr/protocol",
    "signalr/hub": "base logging runtime http/codec signalr/protocol signalr/connection",
    "signalr/host": "base tls runtime http/routing http/server signalr/hub",
    "signalr": "signalr/host signalr/hub",
    "otlp": "base tracing http/client",
}
SRC = {
    "model": "base",
    "wire": "base tracing model",
    "ports": "base model",
    "observe": "base logging tracing telemetry",
    "pipeline/conversations": "base ports",
    "pipeline/dead_letters": "base ports wire",
    "pipeline/accept": "base model ports wire observe pipeline/conversations",
    "pipeline/persist": "base logging model ports wire observe pipeline/conversations",
    "pipeline/versions": "base logging ports",
    "pipeline/deliver": "base logging tracing runtime model ports wire observe pipeline/conversations",
    "pipeline/views": "base logging model ports wire observe",
    "adapters/embedded/folder": "base model ports",
    "adapters/embedded/topic": "base model",
    "adapters/embedded/log": "base model ports wire adapters/embedded/folder adapters/embedded/topic",
    "adapters/embedded/store": "base tracing model ports wire observe adapters/embedded/folder adapters/embedded/topic",
    "adapters/embedded/backup": "base model wire adapters/embedded/folder adapters/embedded/log adapters/embedded/store",
    "adapters/embedded": "base model ports wire observe adapters/embedded/folder adapters/embedded/topic adapters/embedded/log "
                         "adapters/embedded/store adapters/embedded/backup",
    "adapters/kafka": "base logging model ports wire observe",
    "adapters/kafka/operators": "base model adapters/kafka",
    "adapters/mongodb": "base logging tracing model ports wire observe",
    "access": "base logging runtime http/codec http/client http/routing jwt model ports",
    "api": "base logging access runtime http/codec http/routing signalr/protocol signalr/connection signalr/hub model ports wire "
           "observe pipeline/conversations pipeline/accept pipeline/dead_letters pipeline/deliver pipeline/versions pipeline/views",
    "canary": "base logging runtime signalr/protocol model wire ports observe pipeline/accept pipeline/deliver api",
    "verify": "base http/codec http/client",
    "config": "base logging tracing access canary otlp tls http/client http/server signalr/hub model pipeline/conversations pipeline/accept pipeline/deliver pipeline/persist pipeline/views "
              "adapters/embedded adapters/kafka adapters/mongodb api",
    "service": "base logging access canary otlp tls telemetry runtime http/codec http/client http/routing http/server signalr/hub model wire "
               "ports observe config pipeline/deliver pipeline/dead_letters pipeline/persist pipeline/versions pipeline/views "
               "adapters/embedded adapters/embedded/folder adapters/embedded/backup adapters/kafka adapters/mongodb api",
    "service/doctor": "model config service adapters/embedded adapters/embedded/folder adapters/kafka/operators adapters/mongodb",
    "cli": "base access runtime http/client model wire observe config adapters/embedded adapters/kafka/operators service service/doctor verify",
}
BENCH = {
    "bench": "base runtime http/client",
    "bench/fanout": "base runtime http/client bench model access",
    "bench/drain": "base runtime http/client bench wire config adapters/kafka adapters/mongodb",
    "bench/cli": "bench bench/fanout bench/drain cli",
}
STOREYS = {"libs": LIBS, "src": SRC, "bench": BENCH}
ALLOWED = {room: set(others.split()) for rooms in STOREYS.values() for room, others in rooms.items()}

# vendor header prefix (the longest one counts) -> rooms that may include it; headers not listed here are free
VENDOR = {
    "boost/json": "access jwt wire config signalr/protocol api bench bench/drain bench/fanout service verify",
    "boost/asio": "asio runtime pipeline/deliver http/codec http/client http/routing http/server websocket/stream signalr/connection signalr/hub signalr/host api bench "
                  "bench/fanout service",
    "boost/beast": "asio http/codec http/client bench bench/fanout",
    "boost/url": "http/codec",
    "boost/system": "base jwt http/client",
    "boost/unordered": "base",
    "boost/": "asio runtime",
    "rocksdb/": "adapters/embedded adapters/embedded/backup adapters/embedded/store",
    "xxhash": "adapters/embedded/log verify",
    "spdlog/": "logging",
    "prometheus/": "telemetry",
    "CLI/": "cli bench/cli",
    "openssl/": "base jwt websocket/codec tls http/client",
    "zlib.h": "http/codec websocket/codec bench bench/fanout",
    "librdkafka/": "adapters/kafka adapters/kafka/operators",
    "mongoc/": "adapters/mongodb bench/drain",
    "bson/": "adapters/mongodb",
}
VENDOR = {header: set(rooms.split()) for header, rooms in VENDOR.items()}


def room_of(name: str) -> str:
    return name.rpartition("/")[0]


def includes(file: pathlib.Path):
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match[1] == '"', match[2]


def sources():
    """(storey, file, its name in includes, its room) of every source that is no test."""
    for storey in STOREYS:
        root = ROOT if storey == "bench" else ROOT / storey  # from where its files are named
        for file in sorted(p for ending in ("*.h", "*.cc") for p in (ROOT / storey).rglob(ending)):
            name = str(file.relative_to(root))
            if not name.endswith("_test.cc"):
                yield storey, file, name, room_of(name)


def room_includes():
    """By room: the other rooms that it includes."""
    seen = {room: set() for room in ALLOWED}
    for _, file, _, own in sources():
        others = {room_of(target) for _, is_ours, target in includes(file) if is_ours}
        seen[own] |= others & set(ALLOWED) - {own}
    return seen


def offences():
    for storey, file, name, own in sources():
        where = file.relative_to(ROOT)
        if own not in STOREYS[storey]:
            yield f"{where}: its folder is no room; name it here"
            continue
        for number, is_ours, target in includes(file):
            if is_ours:
                other = room_of(target)
                if other not in ALLOWED:
                    yield f'{where}:{number}: "{target}" is not named from libs/, src/ or the root'
                elif other != own and other not in ALLOWED[own]:
                    yield f"{where}:{number}: {own} may not see {other}"
            else:
                vendors = [v for v in VENDOR if target.startswith(v)]
                if vendors and own not in VENDOR[max(vendors, key=len)]:
                    yield f"{where}:{number}: {own} may not include <{target}>"
    for room, others in room_includes().items():
        for other in sorted(ALLOWED[room] - others):
            yield f"{room} may see {other} and does not: take it from the list"
    for room in LIBS:
        if ALLOWED[room] - set(LIBS):
            yield f"{room} is a library and may not see src/"
    yield from circles()


def reachable(edges, start):
    """The rooms that some way leads to."""
    reached, todo = set(), list(edges[start])
    while todo:
        room = todo.pop()
        if room not in reached:
            reached.add(room)
            todo.extend(edges[room])
    return reached


def circles():
    for room in ALLOWED:
        if room in reachable(ALLOWED, room):
            yield f"{room} includes itself in a circle"


if __name__ == "__main__":
    found = list(offences())
    print("\n".join(found) or f"{len(ALLOWED)} rooms, every include points the right way")
    sys.exit(1 if found else 0)
