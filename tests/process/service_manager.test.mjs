// systemd: what the service tells it, and the sockets that it takes from it. What people ask by signals.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { makeAuthority } from "../support/certificates.mjs";
import { startManager } from "../support/service_manager.mjs";
import { runVerb, sleep, startService, temporaryFolder, until } from "../support/service.mjs";
import { WriteLog, request } from "../support/traffic.mjs";

const serve = (folder, port, more = []) => [
  "serve", `--Providers:DataDirectory=${folder}`, `--Urls=http://127.0.0.1:${port}`, "--Demo:Conversations=conv-123", ...more];

/** A service whose settings lie in a file: `change({key: value})` writes it anew. */
async function startFromFile(t, settings) {
  const file = join(temporaryFolder(t), "settings.json");
  let all = settings;
  const write = () => writeFileSync(file, JSON.stringify(all));
  write();
  const service = await startService(t, { args: ["--config", file] });
  return { service, change: (more) => { all = { ...all, ...more }; write(); } };
}

for (const abstract of [false, true]) {
  test(`the manager is told of the start, of a reload and of the end${abstract ? ", at an abstract address" : ""}`, async (t) => {
    const manager = await startManager(t, { abstract });
    manager.start(serve(temporaryFolder(t), 0, ["--Shutdown:TimeoutMs=7000", "--Shutdown:DelayMs=200"]));
    const ready = await manager.notified("READY", "1");
    const [, url] = ready.notified.STATUS.match(/^Listening on (http:\S+)$/);
    assert.equal((await request(`${url}/health/ready`)).status, 200, "it takes requests when it says so");
    assert.match(manager.events.find(({ notified }) => notified).notified.STATUS, /Opening/);

    const before = manager.events.length;
    manager.signal("SIGHUP");
    const reloading = await manager.notified("RELOADING", "1", before);
    assert.ok(Number(reloading.notified.MONOTONIC_USEC) > 0);
    await manager.notified("READY", "1", manager.events.indexOf(reloading));

    assert.equal(await manager.end("SIGTERM"), 0);
    const stopping = manager.events.filter(({ notified }) => notified?.STOPPING === "1");
    assert.equal(stopping.length, 1);
    assert.equal(stopping[0].notified.EXTEND_TIMEOUT_USEC, String((7000 + 200 + 5000) * 1000));
  });
}

test("the watchdog is fed twice in its interval, also while the service drains, and not while a shard stands still", async (t) => {
  const watchdogMs = 600;
  const manager = await startManager(t, { watchdogMs });
  manager.start(serve(temporaryFolder(t), 0, ["--Shutdown:DelayMs=2000"]));
  await manager.notified("READY", "1");
  const { started: pid } = manager.events.find(({ started }) => started);
  const fed = (after) => manager.events.slice(after).filter(({ notified }) => notified?.WATCHDOG === "1");
  await until("four feedings", () => fed(0).length >= 4);

  // SIGSTOP would stop the watchdog's own thread too: a thread that waits for a tracer is one that stands still.
  const thread = readdirSync(`/proc/${pid}/task`).find((id) => readFileSync(`/proc/${pid}/task/${id}/comm`, "utf8") === "io-0\n");
  const tracer = await startTracer(t, thread);
  const stopped = manager.events.length;
  await sleep(3 * watchdogMs);
  assert.ok(fed(stopped).length <= 1, "at most one that was under way");
  await tracer.release();
  const running = manager.events.length;
  await until("feedings again", () => fed(running).length >= 2);

  const draining = manager.events.length;
  assert.equal(await manager.end("SIGTERM"), 0);
  assert.ok(fed(draining).length >= 3, "in two seconds");
});

/** Holds one thread of another process until release(). */
async function startTracer(t, thread) {
  const manager = await import("node:child_process");
  const code = `import ctypes, os, sys
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
thread = ${thread}
assert ptrace(16, thread, 0, 0) == 0  # PTRACE_ATTACH
os.waitpid(thread, 0x40000000)  # __WALL
print("held", flush=True)
sys.stdin.read()
ptrace(17, thread, 0, 0)  # PTRACE_DETACH`;
  const child = manager.spawn("python3", ["-c", code], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const ended = new Promise((done) => child.once("close", done));
  await new Promise((held, failed) => { child.stdout.once("data", held); child.once("close", failed); });
  return { release: async () => { child.stdin.end(); await ended; } };
}

test("on a socket of the manager a restart loses no connection, and its clients wait for a moment", async (t) => {
  const manager = await startManager(t, { listen: ["127.0.0.1:0"] });
  const [port] = manager.ports;
  const folder = temporaryFolder(t);
  const url = `http://127.0.0.1:${port}`;
  manager.start(serve(folder, port));
  await manager.notified("READY", "1");

  // Each post on a connection of its own, sixteen at a time, through three restarts.
  const answers = [];
  let going = true;
  const post = () => new Promise((done) => {
    const sentMs = performance.now();
    const body = JSON.stringify({ senderId: "parent-001", senderType: "Parent", content: "hello" });
    const call = http.request(`${url}/api/conversations/conv-123/messages`,
      { method: "POST", agent: false, headers: { "Content-Type": "application/json", "Content-Length": body.length } },
      (answer) => answer.resume().on("end", () => done({ status: answer.statusCode, tookMs: performance.now() - sentMs })));
    call.on("error", (error) => done({ status: error.message, tookMs: performance.now() - sentMs }));
    call.end(body);
  });
  const clients = Array.from({ length: 16 }, async () => {
    while (going) answers.push(await post());
  });
  const pauses = [];
  for (let n = 0; n < 3; n += 1) {
    await sleep(300);
    const before = manager.events.length;
    const termMs = performance.now();
    assert.equal(await manager.end("SIGTERM"), 0);
    manager.start(serve(folder, port));
    const ready = await manager.notified("READY", "1", before);
    pauses.push(ready.atMs - termMs);
  }
  await sleep(300);
  going = false;
  await Promise.all(clients);
  assert.equal(await manager.end("SIGTERM"), 0);
  const faults = answers.filter(({ status }) => status !== 202);
  const longest = Math.max(...answers.map(({ tookMs }) => tookMs));
  t.diagnostic(`${answers.length} posts, ${faults.length} not 202, the longest took ${longest.toFixed(0)} ms; ` +
    `SIGTERM to READY ${pauses.map((ms) => ms.toFixed(0)).join(", ")} ms`);
  assert.deepEqual(faults, []);
  assert.ok(answers.length > 100);
  assert.ok(Math.min(...pauses) < 1000, "the quickest of three, because other work on the machine is not the service's");
});

test("every shard accepts of a handed socket, and the address that no socket has is bound", async (t) => {
  const manager = await startManager(t, { listen: ["127.0.0.1:0"] });
  const [port] = manager.ports;
  manager.start(serve(temporaryFolder(t), port, ["--Server:Threads=3", "--Management:Urls=http://127.0.0.1:0"]));
  const { notified } = await manager.notified("READY", "1");
  assert.match(notified.STATUS, new RegExp(`^Listening on http://127\\.0\\.0\\.1:${port}, http://127\\.0\\.0\\.1:\\d+$`));
  const all = await Promise.all(Array.from({ length: 100 }, () => request(`http://127.0.0.1:${port}/health/live`, { headers: { Connection: "close" } })));
  assert.ok(all.every(({ status }) => status === 200));
});

test("a socket whose address is not configured stops the start and is named", async (t) => {
  const manager = await startManager(t, { listen: ["127.0.0.1:0", "127.0.0.1:0"] });
  manager.start(serve(temporaryFolder(t), manager.ports[0]));
  assert.equal((await manager.event("the end", ({ ended }) => ended !== undefined)).ended, 2);
  await manager.logged(new RegExp(`socket-1.*127\\.0\\.0\\.1:${manager.ports[1]}: Urls has no such address`));
});

test("SIGHUP takes a changed log level and rates, and names what needs a restart", async (t) => {
  const { service, change } = await startFromFile(t, { "Logging:Level": "Information" });
  const log = new WriteLog();
  await log.write(service, "conv-123");
  change({ "Logging:Level": "Debug", "RateLimits:Sends:PerSecond": 7, "Limits:ContentBytes": 1000,
    "MongoDbSettings:ConnectionString": "mongodb://somebody:secret-1@127.0.0.1/" });
  process.kill(service.pid, "SIGHUP");
  await service.logged(/settings changed: RateLimits:Sends:PerSecond, Logging:Level/);
  await service.logged(/need a restart: MongoDbSettings:ConnectionString, Limits:ContentBytes/);
  assert.ok(!/Published SendMessageRequestedEvent/.test(service.output));
  await log.write(service, "conv-123");
  await service.logged(/Published SendMessageRequestedEvent/);

  // A secret alone, which nothing shows, is a change too.
  change({ "MongoDbSettings:ConnectionString": "mongodb://somebody:secret-2@127.0.0.1/", "Limits:ContentBytes": 16384 });
  const before = service.output.length;
  process.kill(service.pid, "SIGHUP");
  await until("the second reload", () => /need a restart: MongoDbSettings:ConnectionString/.test(service.output.slice(before)));
  assert.ok(!/secret-/.test(service.output));

  change({ "Logging:Level": "Loud", "Unknown": 1 });
  process.kill(service.pid, "SIGHUP");
  await service.logged(/has mistakes, and the one before stays in use/);
  await service.logged(/Logging:Level: must be Trace.*Loud/);
  await log.write(service, "conv-123");
  assert.ok(log.entries.every(({ outcome }) => outcome === "ok"));
});

test("SIGHUP reads a new certificate", async (t) => {
  const folder = temporaryFolder(t);
  const authority = makeAuthority(folder, "authority");
  const [first, second] = ["first", "second"].map((name) => authority.sign(name, "IP:127.0.0.1"));
  const paths = { certificate: join(folder, "used.pem"), key: join(folder, "used.key") };
  const use = (files) => { for (const kind of ["key", "certificate"]) writeFileSync(paths[kind], readFileSync(files[kind])); };
  use(first);
  const service = await startService(t, { settings: { Urls: "https://127.0.0.1:0", "Kestrel:Certificates:Default:Path": paths.certificate,
    "Kestrel:Certificates:Default:KeyPath": paths.key } });
  use(second);
  process.kill(service.pid, "SIGHUP");
  await service.logged(/New connections use the new certificate/);
});

for (const signal of ["SIGQUIT", "SIGINT", "SIGTERM"]) {
  test(`${signal} drains`, async (t) => {
    const service = await startService(t);
    const log = new WriteLog();
    await Promise.all(Array.from({ length: 100 }, () => log.write(service, "conv-123")));
    assert.deepEqual(await service.kill(signal), { code: 0, signal: null });
    assert.match(service.output, /Stopped/);
  });
}

test("SIGUSR1, SIGUSR2, SIGPIPE and SIGHUP end nothing", async (t) => {
  const service = await startService(t);
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGHUP"]) process.kill(service.pid, signal);
  await service.logged(/SIGUSR1 does nothing here/);
  await service.logged(/SIGUSR2 does nothing here/);
  await service.logged(/Reloaded/);
  assert.equal((await new WriteLog().write(service, "conv-123")).outcome, "ok");
});

test("a terminal that is closed ends the service that was started in it, drained", async (t) => {
  const folder = temporaryFolder(t);
  const code = `import os, pty, sys, time
program, log = sys.argv[1:3]
pid, terminal = pty.fork()
if pid == 0:
    out = os.open(log, os.O_WRONLY | os.O_CREAT)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.execv(program, sys.argv[1:2] + sys.argv[3:])
while b"Now listening" not in open(log, "rb").read(): time.sleep(0.02)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
  const { binary } = await import("../support/service.mjs");
  const log = join(folder, "log.txt");
  writeFileSync(log, "");
  const { stdout, stderr } = await runVerb(["-c", code, binary, log, ...serve(join(folder, "data"), 0)], { program: "python3" });
  assert.equal(stdout, "0\n", stderr + readFileSync(log, "utf8"));
  assert.match(readFileSync(log, "utf8"), /Stopped/);
});

const health = async (...args) => {
  const { code, stdout, stderr } = await runVerb(["health", ...args]);
  return { code, stdout, stderr };
};

test("health asks the configured address, and says 0 or 1", async (t) => {
  const service = await startService(t, { settings: { "Management:Urls": "http://127.0.0.1:0", AllowedHosts: "*.school.example", "Shutdown:DelayMs": 3000 } });
  const settings = [`--Urls=${service.url}`, "--AllowedHosts=*.school.example"];
  const well = await health(...settings);
  assert.equal(well.code, 0, well.stderr);
  assert.match(well.stdout, /^service: ok$/m);
  assert.deepEqual(await health("--live", ...settings), { code: 0, stdout: "live\n", stderr: "" });
  const [, management] = service.stdout.match(/Now listening on: \S+\s+Now listening on: (http:\/\/127\.0\.0\.1:\d+)/);
  const json = await health("--json", "--Urls=http://127.0.0.1:1", `--Management:Urls=${management}`, "--AllowedHosts=chat.example;*.school.example");
  assert.equal(json.code, 1, "the service has another AllowedHosts");
  assert.equal(JSON.parse(json.stdout).status, 400);
  const asked = JSON.parse((await health("--json", "--Urls=http://127.0.0.1:1", `--Management:Urls=${management}`, "--AllowedHosts=*.school.example")).stdout);
  assert.deepEqual([asked.healthy, asked.url, asked.status], [true, `${management}/health/ready`, 200]);

  process.kill(service.pid, "SIGTERM");
  await service.logged(/not ready/);
  const stopping = await health(...settings);
  assert.equal(stopping.code, 1);
  assert.match(stopping.stdout, /service: is stopping/);
  assert.equal((await health("--live", ...settings)).code, 0);
  await service.exited;
  const gone = await health(...settings);
  assert.deepEqual([gone.code, gone.stdout], [1, ""]);
  assert.match(gone.stderr, /does not answer/);
});

test("health of a node that has https only needs no authority; another address must prove itself", async (t) => {
  const folder = temporaryFolder(t);
  const { certificate, key } = makeAuthority(folder, "authority").sign("node", "DNS:chat.example");
  const files = { "Kestrel:Certificates:Default:Path": certificate, "Kestrel:Certificates:Default:KeyPath": key };
  const service = await startService(t, { settings: { Urls: "https://127.0.0.1:0", ...files } });
  const settings = Object.entries(files).map(([name, value]) => `--${name}=${value}`);
  const own = await health(`--Urls=https://*:${service.port}`, ...settings);
  assert.equal(own.code, 0, own.stderr);
  const named = await health("--url", `https://127.0.0.1:${service.port}`);
  assert.equal(named.code, 1);
  assert.match(named.stderr, /does not prove/);
});

test("health with wrong settings says 2, and an address that cannot be known is said", async () => {
  assert.equal((await health("--Urls=nowhere")).code, 2);
  assert.equal((await health("--live", "--ready")).code, 2);
  const unknown = await health("--Urls=http://127.0.0.1:0");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /--url/);
});
