// One message to many clients: all of them get all of it in order, and one who reads nothing is closed alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runVerb, temporaryFolder } from "../support/service.mjs";

async function fanout(t, options) {
  const file = join(temporaryFolder(t), "fanout.json");
  const run = await runVerb(["bench", "fanout", "--quiet", "--json", file, ...options], { timeoutMs: 90_000 });
  assert.equal(run.code, 0, `${run.stderr}\n${run.stdout}`);
  const { result } = JSON.parse(readFileSync(file, "utf8"));
  return result;
}

function assertAllDelivered({ connected, closed, messages, deliveries, expected, missing, doubled, gaps }, clients, posted) {
  assert.deepEqual(
    { connected, closed, messages, deliveries, expected, missing, doubled, gaps },
    { connected: clients, closed: 0, messages: posted, deliveries: expected, expected, missing: 0, doubled: 0, gaps: 0 },
  );
}

test("300 clients get every message once and in order; one that reads nothing is closed, and nobody else notices", async (t) => {
  const { hub } = await fanout(t, [
    "--clients", "300", "--stuck", "1", "--rate", "50", "--duration", "12", "--content-bytes", "16000",
  ]);
  assertAllDelivered(hub[0], 301, 600);
  assert.equal(hub[0].expected, 300 * 600);
  assert.equal(hub[0].stuck_closed, 1);
  t.diagnostic(`p50 ${hub[0].p50_ms} ms, p99 ${hub[0].p99_ms} ms`);
  assert.ok(hub[0].p99_ms < 3000, `99 % within ${hub[0].p99_ms} ms`);
});

// At a rate at which the queue for the stuck one stays far below its bound: time finds it out.
test("3,000 clients get what they get as fast with a stuck one among them as without, and it is closed and counted", async (t) => {
  const { hub, calm, p99_ratio } = await fanout(t, [
    "--clients", "3000", "--stuck", "1", "--rate", "5", "--duration", "18", "--content-bytes", "4000", "--compare", "--rounds", "1",
  ]);
  assertAllDelivered(hub[0], 3001, 90);
  assertAllDelivered(calm[0], 3000, 90);
  assert.deepEqual([hub[0].stuck_closed, hub[0].slow_clients_closed], [1, 1]);
  assert.deepEqual([calm[0].stuck_closed, calm[0].slow_clients_closed], [0, 0]);
  t.diagnostic(`p99 ${hub[0].p99_ms} ms with the stuck one, ${calm[0].p99_ms} ms without: ${p99_ratio}`);
  assert.ok(hub[0].p99_ms < 3 * calm[0].p99_ms + 500, "both on a machine that may have other work");
  for (const { server_kib_per_connection } of [...hub, ...calm]) assert.ok(server_kib_per_connection < 20);
});

test("clients of several conversations get their own messages, in MessagePack too", async (t) => {
  const { hub } = await fanout(t, [
    "--clients", "100", "--conversations", "4", "--rate", "40", "--duration", "2", "--protocol", "messagepack",
  ]);
  assertAllDelivered(hub[0], 100, 80);
  assert.equal(hub[0].expected, 25 * 80);
});

test("the bare loop beside it delivers as much to as many, so that what a delivery costs can be compared", async (t) => {
  const { hub, bare, cpu_ratio } = await fanout(t, [
    "--clients", "200", "--rate", "20", "--duration", "2", "--compare", "--rounds", "1",
  ]);
  assertAllDelivered(hub[0], 200, 40);
  assertAllDelivered(bare[0], 200, 40);
  assert.ok(cpu_ratio > 0);
});

test("idle clients are held and their memory is told", async (t) => {
  const { hub } = await fanout(t, ["--clients", "1000", "--rate", "0", "--duration", "1"]);
  assertAllDelivered(hub[0], 1000, 0);
  t.diagnostic(`${hub[0].server_kib_per_connection.toFixed(1)} KiB a connection`);
  assert.ok(hub[0].server_kib_per_connection < 30);
});

test("options that are wrong are told one by one, with exit code 2", async () => {
  const run = await runVerb(["bench", "fanout", "--clients", "0", "--content-bytes", "3", "--compare", "--rate", "0"]);
  assert.equal(run.code, 2);
  for (const option of ["--clients", "--content-bytes", "--compare"]) assert.match(run.stderr, new RegExp(`bench: ${option}: `));
});
