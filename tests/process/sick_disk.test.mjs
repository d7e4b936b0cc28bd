// A disk that is full, refuses writes or cannot sync: no 202 for what is not durable, the process stays up, and goes on by
// itself when the disk is well again. Where a small tmpfs or strace is needed, root is; skipped otherwise.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { WAIT_MS, repositoryRoot, sleep, startService, temporaryFolder, until } from "../support/service.mjs";
import { serviceOnSmallDisk } from "../support/small_disk.mjs";
import { WriteLog, messagesUrl, readHistories, request, settle, startLoad } from "../support/traffic.mjs";

const library = process.env.SICK_DISK ?? join(repositoryRoot, "build/release/libsick-disk.so"); // see sick_disk/
const conversations = ["conv-123"];
const bigText = "x".repeat(12_000);

/** Writes a file until the disk has no byte left; returns how many it took. */
function fill(path) {
  const file = openSync(path, "w");
  let written = 0;
  for (let size = 1 << 20; size >= 1; ) {
    try {
      written += writeSync(file, Buffer.alloc(size));
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
      size >>= 1;
    }
  }
  closeSync(file);
  return written;
}

const isReady = async (service) => (await request(`${service.url}/health/ready`)).status === 200;

/** Writes until an answer is not 202, and returns it. */
async function writeUntilRefused(service, log) {
  return until("an answer that is not 202", async () => {
    const entry = await log.write(service, "conv-123", { content: `${log.entries.length} ${bigText}` });
    return entry.outcome !== "ok" && entry;
  }, WAIT_MS, 0);
}

async function checkAll(t, service, log) {
  await settle(service, log, conversations);
  const result = checkDelivery({ writes: log.entries, stored: await readHistories(service, conversations) });
  t.diagnostic(describe(result));
  assert.deepEqual(result.faults.slice(0, 20), []);
  return result.counts;
}

test("a full disk: 503 or 504 and never a false 202; with room again the service goes on by itself", async (t) => {
  const service = await serviceOnSmallDisk(t, 64, { "KafkaSettings:PublishTimeoutMs": 2000 });
  if (!service) return t.skip("mount is not permitted here");
  const log = new WriteLog();
  for (let i = 0; i < 20; i += 1) assert.equal((await log.write(service, "conv-123")).outcome, "ok");

  const filler = join(service.dataDirectory, "filler");
  const filledBytes = fill(filler);
  const first = await writeUntilRefused(service, log);
  assert.ok([503, 504].includes(first.status), `${first.status ?? first.error}`);
  const statuses = new Map();
  let slowestMs = 0;
  for (let i = 0; i < 100; i += 1) {
    const entry = await log.write(service, "conv-123", { content: bigText });
    statuses.set(entry.status, (statuses.get(entry.status) ?? 0) + 1);
    slowestMs = Math.max(slowestMs, entry.answeredMs - entry.sentMs);
    if (entry.status === 503) assert.ok(Number(entry.retryAfter) >= 1, "a 503 says when to come back");
    await sleep(10);
  }
  t.diagnostic(`${filledBytes} bytes of filler, then ${[...statuses].map(([s, n]) => `${n} times ${s}`).join(", ")}, slowest ${slowestMs.toFixed(0)} ms`);
  assert.deepEqual([...statuses.keys()].filter((status) => status !== 503 && status !== 504), []);
  assert.equal(await isReady(service), false, "/health/ready says so");
  assert.equal((await request(`${service.url}/health/live`)).status, 200);

  rmSync(filler);
  const freedMs = performance.now();
  await until("a 202 after room was made", async () => (await log.write(service, "conv-123")).outcome === "ok", WAIT_MS, 50);
  t.diagnostic(`accepted again ${(performance.now() - freedMs).toFixed(0)} ms after room was made`);
  await until("/health/ready", () => isReady(service));
  await checkAll(t, service, log);

  await service.kill("SIGKILL");
  await service.start();
  const counts = await checkAll(t, service, log);
  assert.ok(counts.refused + counts.unknown > 90);
});

test("a disk that fills up under load is survived a second time too", async (t) => {
  const service = await serviceOnSmallDisk(t, 64);
  if (!service) return t.skip("mount is not permitted here");
  const log = new WriteLog();
  for (let round = 0; round < 2; round += 1) {
    const filler = join(service.dataDirectory, "filler");
    const stopLoad = startLoad(service, log, { connections: 8, conversations, pauseMs: 0, paddingBytes: bigText.length });
    await sleep(100);
    fill(filler);
    await until("a refusal", () => log.entries.at(-9)?.outcome === "refused");
    await sleep(200);
    await stopLoad();
    rmSync(filler);
    await until("a 202 after room was made", async () => (await log.write(service, "conv-123")).outcome === "ok", WAIT_MS, 50);
  }
  await checkAll(t, service, log);
});

for (const [what, part] of [["the whole disk", ""], ["the store's part of the disk alone", "db"]]) {
  test(`${what} refuses writes under load: 503 or 504 while it lasts, on by itself, and nothing acknowledged is lost`, async (t) => {
    const disk = temporaryFolder(t);
    const [folder, sickSwitch] = ["data", "sick"].map((name) => join(disk, name));
    mkdirSync(folder);
    const env = { LD_PRELOAD: library, SICK_DISK_FOLDER: join(folder, part), SICK_DISK_SWITCH: sickSwitch };
    const service = await startService(t, { dataDirectory: folder, env });
    const log = new WriteLog();
    const stopLoad = startLoad(service, log, { connections: 8, conversations, pauseMs: 0 });
    t.after(stopLoad);
    await until("some to be accepted", () => log.count("ok") >= 50);
    writeFileSync(sickSwitch, "");
    await until("/health/ready to say so", async () => !(await isReady(service)));
    const before = log.entries.length;
    await sleep(1_000);
    const during = log.entries.slice(before, -8); // all but those under way
    rmSync(sickSwitch);
    assert.ok(during.length > 0);
    assert.deepEqual(during.map(({ status }) => status).filter((status) => status !== 503 && status !== 504), []);
    await until("a 202 after the disk was well", async () => (await log.write(service, "conv-123")).outcome === "ok", WAIT_MS, 50);
    await until("/health/ready", () => isReady(service));
    await sleep(200);
    await stopLoad();
    await checkAll(t, service, log);
    await service.kill("SIGKILL");
    await service.start();
    await checkAll(t, service, log);
  });
}

/** Whether every thread of a process is traced. */
function isTraced(pid) {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    try {
      return !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"));
    } catch {
      return true; // it has ended meanwhile
    }
  });
}

const SYNCS = "fsync,fdatasync,sync_file_range,msync";

/** Does to every sync of a running process what strace's `injection` says, until `heal()`. */
async function breakSync(t, pid, traceFile, injection) {
  const options = ["-f", "-q", "-p", String(pid), "-o", traceFile, "-e", `trace=${SYNCS}`, "-e", `inject=${SYNCS}:${injection}`];
  const strace = spawn("strace", options, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  strace.stderr.on("data", (text) => (errors += text));
  t.after(() => strace.kill("SIGKILL"));
  await until("strace to attach to every thread", () => isTraced(pid) || strace.exitCode !== null);
  if (strace.exitCode !== null) return { refused: errors.trim() };
  return {
    async heal() {
      const ended = new Promise((resolve) => strace.once("close", resolve));
      strace.kill("SIGINT"); // detaches
      await ended;
    },
  };
}

test("fsync that fails with EIO: never a 202 for an unsynced message, 503 while it lasts, on by itself when it is over, and no lie after a crash", async (t) => {
  if (spawnSync("strace", ["-V"]).status !== 0) return t.skip("strace is not installed");
  const service = await startService(t, { conversations });
  const log = new WriteLog();
  for (let i = 0; i < 20; i += 1) assert.equal((await log.write(service, "conv-123")).outcome, "ok");

  const traceFile = join(temporaryFolder(t), "trace");
  const fault = await breakSync(t, service.pid, traceFile, "error=EIO");
  if (fault.refused !== undefined) return t.skip(`strace may not trace here: ${fault.refused}`);
  const during = [];
  for (let i = 0; i < 40; i += 1) {
    during.push(await log.write(service, "conv-123"));
    await sleep(25);
  }
  const statuses = during.map(({ status }) => status);
  assert.match(readFileSync(traceFile, "utf8"), /= -1 EIO .*\(INJECTED\)/, "the fault reached the service");
  t.diagnostic(`while syncs failed: ${[...new Set(statuses)].map((s) => `${statuses.filter((x) => x === s).length} times ${s}`).join(", ")}`);
  assert.deepEqual(statuses.filter((status) => status !== 503 && status !== 504), []);
  assert.equal(statuses.at(-1), 503, "after the first failure it is known that nothing can be taken");
  assert.equal(await isReady(service), false);
  assert.equal((await request(`${service.url}/health/live`)).status, 200);

  await fault.heal();
  const healedMs = performance.now();
  await until("a 202 after the disk was well", async () => (await log.write(service, "conv-123")).outcome === "ok", WAIT_MS, 50);
  t.diagnostic(`accepted again ${(performance.now() - healedMs).toFixed(0)} ms after the disk was well`);
  await until("/health/ready", () => isReady(service));
  for (let i = 0; i < 20; i += 1) assert.equal((await log.write(service, "conv-123")).outcome, "ok");
  await checkAll(t, service, log);
  await service.kill("SIGKILL");
  await service.start();
  await checkAll(t, service, log);
});

test("a sync that hangs: 504 in time and never a 202, and the same key is stored once when the disk answers again", async (t) => {
  if (spawnSync("strace", ["-V"]).status !== 0) return t.skip("strace is not installed");
  const publishTimeoutMs = 500;
  const service = await startService(t, { conversations, settings: { "KafkaSettings:PublishTimeoutMs": publishTimeoutMs } });
  const log = new WriteLog();
  for (let i = 0; i < 20; i += 1) assert.equal((await log.write(service, "conv-123")).outcome, "ok");

  const fault = await breakSync(t, service.pid, join(temporaryFolder(t), "trace"), "delay_enter=20s");
  if (fault.refused !== undefined) return t.skip(`strace may not trace here: ${fault.refused}`);
  const first = await log.write(service, "conv-123");
  const others = await Promise.all(Array.from({ length: 10 }, () => log.write(service, "conv-123")));
  const late = [first, ...others];
  assert.deepEqual([...new Set(late.map(({ status }) => status))], [504]);
  const waitedMs = late.map(({ sentMs, answeredMs }) => answeredMs - sentMs);
  t.diagnostic(`answered after ${Math.min(...waitedMs).toFixed(0)} to ${Math.max(...waitedMs).toFixed(0)} ms`);
  assert.ok(Math.min(...waitedMs) >= publishTimeoutMs / 2 && Math.max(...waitedMs) < publishTimeoutMs + 5_000, `${waitedMs}`);
  const again = async () => {
    const body = { senderId: "parent-001", senderType: "Parent", content: first.content, temporaryMessageId: first.key };
    return (await request(messagesUrl(service.url, "conv-123"), { method: "POST", body })).status;
  };
  assert.equal(await again(), 504, "it is not known yet");

  await fault.heal();
  await until("the same key to be accepted", async () => (await again()) === 202);
  const counts = await checkAll(t, service, log);
  assert.equal(counts.unknown, late.length);
  const keys = async () => (await readHistories(service, conversations)).get("conv-123").map(({ temporaryMessageId }) => temporaryMessageId);
  assert.equal((await keys()).filter((key) => key === first.key).length, 1);
  await service.kill("SIGKILL");
  await service.start();
  await checkAll(t, service, log);
  assert.equal((await keys()).filter((key) => key === first.key).length, 1);
});
