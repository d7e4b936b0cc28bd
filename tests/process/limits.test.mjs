// G7: every queue has a limit, overload is refused quickly and said so, memory stays under a cap.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { runVerb, sleep, startService, temporaryFolder, until } from "../support/service.mjs";
import { WriteLog, memoryOf, readHistories, request, settle } from "../support/traffic.mjs";

const MiB = 1024 * 1024;
const memory = (service) => memoryOf(readFileSync(`/proc/${service.pid}/status`, "utf8"));
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];

/** Plain connections that say nothing; `open()` of them have not been closed by the service. */
async function connectMany(t, service, count) {
  const sockets = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve) => {
      const socket = net.connect(service.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.once("connect", () => resolve(socket)).once("close", () => resolve(socket));
    })),
  );
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  for (const socket of sockets) socket.on("end", () => socket.destroy()).resume();
  return { sockets, open: () => sockets.filter((socket) => !socket.destroyed).length };
}

/** GET /health/live on a connection that is open already: the status line. */
function askOn(socket) {
  return new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(data.toString().split("\r\n")[0]));
    socket.once("close", () => reject(new Error("closed before an answer")));
    socket.write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
  });
}

test("a full append queue: 503 with Retry-After at once, all 202s stored, memory bounded", async (t) => {
  const service = await startService(t, { settings: { "Limits:AppendQueueRecords": 8 } });
  const log = new WriteLog();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 400 });
  t.after(() => agent.destroy());
  const before = memory(service).rssBytes;
  for (let burst = 0; burst < 10; burst += 1) {
    await Promise.all(Array.from({ length: 400 }, () => log.write(service, "conv-123", { agent })));
  }
  const refused = log.entries.filter(({ status }) => status === 503);
  const tookMs = refused.map(({ sentMs, answeredMs }) => answeredMs - sentMs).sort((a, b) => a - b);
  const { peakBytes } = memory(service);
  t.diagnostic(`${refused.length} of ${log.entries.length} refused, median ${quantile(tookMs, 0.5)?.toFixed(1)} ms in a burst of 400, memory ${(before / MiB).toFixed(0)} to ${(peakBytes / MiB).toFixed(0)} MiB`);
  assert.ok(refused.length > 0, "the burst fits the queue; nothing was tested");
  assert.deepEqual([...new Set(log.entries.map(({ status }) => status))].sort(), [202, 503]);
  assert.ok(refused.every(({ retryAfter }) => Number(retryAfter) >= 1));
  assert.ok(quantile(tookMs, 0.99) < 2000, `99 % within ${quantile(tookMs, 0.99)} ms`);
  assert.ok(peakBytes < 150 * MiB);
  await settle(service, log, ["conv-123"]);
  const result = checkDelivery({ writes: log.entries, stored: await readHistories(service, ["conv-123"]) });
  t.diagnostic(describe(result));
  assert.deepEqual(result.faults, []);
});

test("1,000 idle connections are held, cost little, and each still works", async (t) => {
  const service = await startService(t);
  const before = memory(service).rssBytes;
  const { sockets, open } = await connectMany(t, service, 1000);
  await sleep(1000);
  assert.equal(open(), 1000);
  const statuses = await Promise.all(sockets.map(askOn));
  assert.deepEqual([...new Set(statuses)], ["HTTP/1.1 200 OK"]);
  assert.equal(open(), 1000);
  const { rssBytes } = memory(service);
  t.diagnostic(`${((rssBytes - before) / 1000 / 1024).toFixed(1)} KiB a connection, ${(rssBytes / MiB).toFixed(0)} MiB in all`);
  assert.ok(rssBytes < 150 * MiB);
});

test("a connection that sent much keeps no buffer of it while it waits", async (t) => {
  const service = await startService(t, { env: { MALLOC_CONF: "dirty_decay_ms:0,muzzy_decay_ms:0" } });
  const { sockets } = await connectMany(t, service, 400);
  await Promise.all(sockets.map(askOn));
  const before = memory(service).rssBytes;
  const body = JSON.stringify({ senderId: "p", senderType: "Parent", content: "hi", extra: "x".repeat(60_000) });
  const statuses = await Promise.all(sockets.map((socket) => new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(data.toString().split("\r\n")[0]));
    socket.once("close", () => reject(new Error("closed before an answer")));
    socket.write(`POST /api/conversations/conv-123/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  })));
  // A slow machine may refuse some by the time waited, with their bodies read.
  assert.deepEqual(statuses.filter((status) => !/ (202|503) /.test(status)), []);
  // The allocator gives back what is free, a moment later at most.
  const grownNow = () => memory(service).rssBytes - before;
  await until("memory given back", () => grownNow() < 400 * 32 * 1024);
  const grown = grownNow();
  t.diagnostic(`${(grown / 400 / 1024).toFixed(1)} KiB a connection of 60 KB sent`);
});

test("Limits:Connections: further ones are closed, those inside do not notice, and room that is made is given", async (t) => {
  const service = await startService(t, { settings: { "Limits:Connections": 50 } });
  const inside = await connectMany(t, service, 50);
  for (const socket of inside.sockets) await askOn(socket); // so that all are taken, not only in a listen queue
  const further = await connectMany(t, service, 20);
  await until("the further ones to be closed", () => further.open() === 0);
  assert.equal(inside.open(), 50);
  assert.equal(await askOn(inside.sockets[49]), "HTTP/1.1 200 OK");
  for (const socket of inside.sockets.slice(0, 10)) socket.destroy();
  await until("a new connection to be served", () => request(`${service.url}/health/live`, { agent: false }).then(({ status }) => status === 200, () => false));
});

test("5,000 requests a second over 1,000 connections: no error, answers in time, below 150 MiB", async (t) => {
  const service = await startService(t, { settings: { "Logging:Level": "Warning" } });
  const file = join(temporaryFolder(t), "bench.json");
  const args = ["bench", "http", "--url", service.url, "--rate", "5000", "--connections", "1000", "--duration", "5", "--quiet", "--json", file];
  const { code, stdout, stderr } = await runVerb(args, { timeoutMs: 60_000 });
  assert.equal(code, 0, stdout + stderr);
  const result = JSON.parse(readFileSync(file, "utf8"));
  const { rssBytes, peakBytes } = memory(service);
  const { requests_per_s: rate, latency, errors_total: errors } = result.result;
  t.diagnostic(`${rate.toFixed(0)} a second, p50 ${latency.p50_ms.toFixed(2)} ms, p99 ${latency.p99_ms.toFixed(2)} ms, ${errors} errors`);
  t.diagnostic(`memory ${(rssBytes / MiB).toFixed(0)} MiB, at most ${(peakBytes / MiB).toFixed(0)} MiB`);
  assert.equal(errors, 0);
  assert.ok(rate > 4500);
  assert.ok(latency.p50_ms < 20, "a bound for busy machines, not a benchmark");
  assert.ok(peakBytes < 150 * MiB, `${(peakBytes / MiB).toFixed(0)} MiB`);
});
