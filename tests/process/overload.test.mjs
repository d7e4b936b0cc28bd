// Far more requests than can be done: what is accepted has not waited long, the rest is refused at once, and is not stored.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import net from "node:net";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { repositoryRoot, runVerb, startService, temporaryFolder, until } from "../support/service.mjs";
import { memoryOf, messagesUrl, request } from "../support/traffic.mjs";

const MiB = 1024 * 1024;

/** The value of one sample of /metrics, 0 where there is none. */
function sample(text, name) {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return line ? Number(line.slice(name.length + 1)) : 0;
}
const metricsOf = async (service) => (await request(`${service.url}/metrics`, { agent: false })).body;

/** The share of the accepted messages that have waited longer than `seconds` for their turn. */
function shareBeyond(before, after, seconds) {
  const name = "message_service_queue_wait_seconds";
  const grown = (series) => sample(after, series) - sample(before, series);
  const all = grown(`${name}_count`);
  return (all - grown(`${name}_bucket{le="${seconds}"}`)) / all;
}

async function bench(t, service, connections, seconds) {
  const file = join(temporaryFolder(t), "bench.json");
  const args = ["bench", "http", "--url", service.url, "--connections", `${connections}`, "--duration", `${seconds}`, "--warmup", "0", "--quiet", "--json", file];
  const { code, stdout, stderr } = await runVerb(args, { timeoutMs: 120_000 });
  const { result } = JSON.parse(readFileSync(file, "utf8"));
  return { code, output: stdout + stderr, ...result };
}

test("more connections than one thread can serve in time: the rest is 503 and not stored, and full speed comes back", async (t) => {
  const connections = Number(process.env.OVERLOAD_CONNECTIONS ?? 2000);
  const seconds = Number(process.env.OVERLOAD_S ?? 4);
  const waitMs = Number(process.env.OVERLOAD_WAIT_MS ?? 25);
  const service = await startService(t, {
    settings: { "Server:Threads": 1, "Logging:Level": "Warning", "Limits:QueueWaitMs": waitMs, "Limits:MemoryBytes": 200 * MiB },
  });
  const before = await metricsOf(service);
  const overloaded = await bench(t, service, connections, seconds);
  const after = await metricsOf(service);
  const refused = sample(after, 'message_service_refused_total{reason="queue-wait"}');
  const late = shareBeyond(before, after, waitMs / 1000);
  const { peakBytes } = memoryOf(readFileSync(`/proc/${service.pid}/status`, "utf8"));
  t.diagnostic(`${overloaded.requests} answered in ${seconds} s, ${overloaded.accepted_in_whole_run} accepted, ${refused} refused; ${(late * 100).toFixed(2)} % waited longer than ${waitMs} ms; errors ${JSON.stringify(overloaded.errors)}; memory at most ${(peakBytes / MiB).toFixed(0)} MiB`);
  assert.ok(refused > 0, "nothing was refused: no overload");
  assert.ok(overloaded.accepted_in_whole_run > 0, "work goes on");
  // How many connections can be refused in time is the machine's: `./test full` names a figure for it.
  if (process.env.OVERLOAD_LATE_MAX) assert.ok(late <= Number(process.env.OVERLOAD_LATE_MAX), `${late}`);
  assert.ok(peakBytes < 200 * MiB);
  // None of the refused is stored, each of the accepted is.
  await until("everything to be stored", async () => sample(await metricsOf(service), 'message_service_consumer_lag_records{partition="0"}') === 0);
  const stored = sample(await metricsOf(service), "message_service_store_writes_total");
  assert.equal(stored, sample(await metricsOf(service), 'message_service_publish_total{outcome="ok"}'));
  // Full speed again.
  const calm = await bench(t, service, 16, 1);
  assert.equal(calm.code, 0, calm.output);
  assert.equal(calm.errors_total, 0, JSON.stringify(calm.errors));
});

test("a refusal says its reason and when to come back, and a process that stood still takes the first batch", async (t) => {
  const service = await startService(t, { settings: { "Server:Threads": 1, "Limits:QueueWaitMs": 20, "MessagePersistence:BatchSize": 1, "MessagePersistence:MaxBatchSize": 4 } });
  const body = JSON.stringify({ senderId: "parent-001", senderType: "Parent", content: "hello" });
  const post = `POST ${new URL(messagesUrl(service.url, "conv-123")).pathname} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const sockets = await Promise.all(Array.from({ length: 40 }, () => new Promise((resolve) => {
    const socket = net.connect(service.port, "127.0.0.1", () => resolve(socket));
  })));
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  const ask = (socket) => new Promise((resolve) => {
    socket.once("data", (data) => resolve(data.toString()));
    socket.write(post);
  });
  // One request sends the probe; the process stands still while it is on its way, and others come meanwhile.
  const answers = await until("some to be refused", async () => {
    const first = sockets.slice(0, 20).map(ask);
    process.kill(service.pid, "SIGSTOP");
    const rest = sockets.slice(20).map(ask);
    await new Promise((done) => setTimeout(done, 150));
    process.kill(service.pid, "SIGCONT");
    const all = await Promise.all([...first, ...rest]);
    return all.some((answer) => answer.startsWith("HTTP/1.1 503")) && all;
  });
  const refused = answers.filter((answer) => answer.startsWith("HTTP/1.1 503"));
  assert.ok(answers.some((answer) => answer.startsWith("HTTP/1.1 202")), "a batch is always taken");
  for (const answer of refused) {
    assert.match(answer, /\r\nRetry-After: 1\r\n/);
    assert.equal(JSON.parse(answer.split("\r\n\r\n")[1]).reason, "queue-wait");
  }
  assert.equal((await request(`${service.url}/health/live`)).status, 200);
});

/** So many posts at once, each on a connection of its own; the statuses, and how long the slowest of each took. */
async function burst(service, sockets) {
  const body = JSON.stringify({ senderId: "parent-001", senderType: "Parent", content: "hello" });
  const head = `POST ${new URL(messagesUrl(service.url, "conv-123")).pathname} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json`;
  const post = `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const answers = await Promise.all(sockets.map((socket) => new Promise((resolve) => {
    const sentMs = performance.now();
    socket.once("data", (data) => resolve({ status: Number(data.toString().split(" ")[1]), reason: data.toString().match(/"reason":"([^"]*)"/)?.[1], tookMs: performance.now() - sentMs }));
    socket.write(post);
  })));
  return answers;
}

test("a slow log alone refuses nothing; what would wait behind more than a batch is refused at once", async (t) => {
  const settings = { "MessagePersistence:BatchSize": 20, "MessagePersistence:MaxBatchSize": 20, "Limits:QueueWaitMs": 100 };
  const service = await startService(t, {
    settings, env: { LD_PRELOAD: resolve(repositoryRoot, process.env.SICK_DISK ?? "build/release/libsick-disk.so"), SICK_DISK_SYNC_MS: "600" },
  });
  const sockets = await Promise.all(Array.from({ length: 200 }, () => new Promise((done) => {
    const socket = net.connect(service.port, "127.0.0.1", () => done(socket));
  })));
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  const few = [await burst(service, sockets.slice(0, 15)), await burst(service, sockets.slice(0, 15))].flat();
  assert.deepEqual([...new Set(few.map(({ status }) => status))], [202], "a batch waits for the log, however slow it is");
  const first = burst(service, sockets.slice(0, 1)); // its write is under way when the others come
  await new Promise((done) => setTimeout(done, 100));
  const many = await burst(service, sockets.slice(1));
  assert.equal((await first)[0].status, 202);
  const refused = many.filter(({ status }) => status === 503);
  assert.deepEqual([...new Set(many.map(({ status }) => status))].sort(), [202, 503]);
  assert.ok(refused.every(({ reason }) => reason === "queue-wait"), JSON.stringify(refused[0]));
  const slowestMs = Math.max(...refused.map(({ tookMs }) => tookMs));
  const quickestMs = Math.min(...many.filter(({ status }) => status === 202).map(({ tookMs }) => tookMs));
  assert.ok(slowestMs < quickestMs, `refused within ${slowestMs} ms, accepted after ${quickestMs} ms`);
});
