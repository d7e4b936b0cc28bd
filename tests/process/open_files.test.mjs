// File descriptors: as many as the limits need, and those of log, store and cluster come before those of connections.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";
import { checkDelivery } from "../support/delivery_check.mjs";
import { runVerb, sleep, startService, temporaryFolder, until } from "../support/service.mjs";
import { WriteLog, readHistories, request, settle } from "../support/traffic.mjs";

const limitOf = (service) => {
  const line = readFileSync(`/proc/${service.pid}/limits`, "utf8").match(/^Max open files +(\d+) +(\d+)/m);
  return { soft: Number(line[1]), hard: Number(line[2]) };
};

/** Idle connections, and how many of them the service has not closed. */
async function connectIdle(t, service, count) {
  const sockets = Array.from({ length: count }, () => net.connect(service.port, "127.0.0.1"));
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  let open = 0;
  await Promise.all(sockets.map((socket) => new Promise((resolve) => {
    socket.once("connect", () => (open += 1)).once("connect", resolve);
    socket.on("error", resolve).on("end", () => socket.destroy()).once("close", () => (open -= 1)).resume();
  })));
  return { open: () => open };
}

test("idle connections take no descriptor that the log needs, and a connection that was there before goes on", async (t) => {
  const service = await startService(t, { openFiles: "200:200" });
  const log = new WriteLog();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  assert.equal((await log.write(service, "conv-123", { agent })).status, 202);
  const idle = await connectIdle(t, service, 250);
  await until("some connections to be closed", () => idle.open() < 190);
  // Enough for two more segments of 8 MiB.
  const content = "x".repeat(16_000);
  for (let n = 0; n < 1_200; n += 1) {
    const { status, error } = await log.write(service, "conv-123", { agent, content: `${n} ${content}` });
    assert.equal(status, 202, `post ${n}: ${error ?? status}`);
  }
  assert.ok(idle.open() > 0, "connections that fit stay");
  const fresh = await request(`${service.url}/health/ready`, { agent: false });
  assert.equal(fresh.status, 200, JSON.stringify(fresh.body));
  await settle(service, log, ["conv-123"]);
  const { faults } = checkDelivery({ writes: log.entries, stored: await readHistories(service, ["conv-123"]) });
  assert.deepEqual(faults, []);
  const lines = service.output.match(/.*(cannot be accepted|file descriptors).*/g) ?? [];
  assert.ok(lines.length <= 2, lines.join("\n"));
});

test("the soft limit is raised to what Limits:Connections needs", async (t) => {
  const service = await startService(t, { openFiles: "256:8192", settings: { "Limits:Connections": 2000 } });
  const { soft } = limitOf(service);
  assert.ok(soft > 2000 && soft < 8192, `${soft}`);
  const idle = await connectIdle(t, service, 500);
  await sleep(200);
  assert.equal(idle.open(), 500);
});

test("where the hard limit is too low, a line at the start and doctor name both figures", async (t) => {
  const settings = { "Limits:Connections": 5000 };
  const service = await startService(t, { openFiles: "256:1024", settings });
  assert.equal(limitOf(service).soft, 1024);
  const [, wanted] = service.output.match(/may open 1024 files, and Limits:Connections of 5000 needs (\d+)/) ?? assert.fail(service.output);
  assert.ok(Number(wanted) > 5000);
  const args = ["doctor", "--Limits:Connections=5000", `--Providers:DataDirectory=${temporaryFolder(t)}`];
  const { stdout } = await runVerb(args, { openFiles: "256:1024" });
  assert.match(stdout, /hint +machine: open files: 1024 allowed .* 5\d\d\d wanted for Limits:Connections of 5000/);
});
