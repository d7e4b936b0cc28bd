// The cap over all memory together: what is given up, in which order, and that it ends.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { startService, temporaryFolder, until } from "../support/service.mjs";
import { WriteLog, request } from "../support/traffic.mjs";

const MiB = 1024 * 1024;

async function metricsOf(service) {
  const { body } = await request(`${service.url}/metrics`, { agent: false });
  return (name) => Number(body.split("\n").find((line) => line.startsWith(`message_service_${name} `))?.split(" ").at(-1) ?? NaN);
}
const negotiate = (service) => request(`${service.url}/hubs/messages/negotiate?negotiateVersion=1`, { method: "POST", agent: false });

test("the cap comes from the control group, in v2 and v1, and from the machine where there is none", async (t) => {
  const v2 = temporaryFolder(t);
  writeFileSync(join(v2, "memory.max"), `${512 * MiB}\n`);
  const v1 = temporaryFolder(t);
  mkdirSync(join(v1, "memory"));
  writeFileSync(join(v1, "memory", "memory.limit_in_bytes"), `${1024 * MiB}\n`);
  const limitWith = async (root) => {
    const service = await startService(t, { settings: { "Limits:CgroupRoot": root } });
    const limit = (await metricsOf(service))("memory_limit_bytes");
    await service.stop();
    return limit;
  };
  // Which version the file of this process names is the machine's: the other one's tree says nothing.
  const limits = [await limitWith(v2), await limitWith(v1)];
  assert.ok(limits.includes(384 * MiB) || limits.includes(768 * MiB), limits.join(" "));
  assert.ok(await limitWith(temporaryFolder(t)) > 0);
});

test("near the cap: unopened connections and idle ones go, then messages are refused with their reason; it ends by itself", async (t) => {
  const idleService = await startService(t);
  const base = await until("a sample", async () => (await metricsOf(idleService))("memory_used_bytes") || null);
  await idleService.stop();
  // So small that a few hub clients that read nothing fill it.
  const cap = base + 40 * MiB;
  const settings = {
    "Limits:MemoryBytes": cap, "Limits:HubPostBytes": 8 * MiB, "Limits:BodyBytes": 8 * MiB, "Limits:HubEgressBytes": 8 * MiB,
  };
  const service = await startService(t, { settings });
  const kept = net.connect(service.port, "127.0.0.1");
  t.after(() => kept.destroy());
  const closed = new Promise((resolve) => kept.on("error", () => {}).on("end", resolve).on("close", resolve).resume());
  assert.equal((await negotiate(service)).status, 200);
  // Half-sent bodies hold memory until their time is over.
  const half = Buffer.alloc(6 * MiB, "x");
  const holders = Array.from({ length: 12 }, () => {
    const socket = net.connect(service.port, "127.0.0.1");
    socket.on("error", () => {}).resume();
    socket.write(`POST /api/conversations/conv-123/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${8 * MiB}\r\n\r\n`);
    socket.write(half);
    return socket;
  });
  t.after(() => holders.forEach((socket) => socket.destroy()));
  const log = new WriteLog();
  await until("messages to be refused", async () => (await log.write(service, "conv-123")).status === 503);
  const refused = await request(`${service.url}/api/conversations/conv-123/messages`, { method: "POST", body: {}, agent: false });
  assert.equal(refused.status, 503);
  assert.equal(refused.body.reason, "memory");
  assert.equal(refused.headers["retry-after"], "1");
  assert.equal((await negotiate(service)).status, 503);
  assert.equal((await request(`${service.url}/health/live`, { agent: false })).status, 200);
  await closed;
  const metrics = await metricsOf(service);
  assert.ok(metrics('memory_shed_total{step="unopened"}') >= 1);
  assert.ok(metrics('memory_shed_total{step="idle"}') >= 1);
  assert.ok(metrics('memory_shed_total{step="caches"}') >= 1);
  assert.ok(metrics('refused_total{reason="memory"}') >= 1);
  holders.forEach((socket) => socket.destroy());
  await until("messages to be taken again", async () => (await log.write(service, "conv-123")).status === 202);
});
