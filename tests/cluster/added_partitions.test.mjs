// Partitions are added while everybody writes: nodes that do not know of it yet put messages where their conversations no longer are. Each
// 202 reaches every reader all the same, once. A few posts of that moment are `unknown`: see KafkaProducer. (The order of what is written in that moment is not promised: operations.md.)
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { groupLagIsGone, metric, startCluster, writeAll } from "../support/cluster.mjs";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { startPlanter } from "../support/planter.mjs";
import { startService, until } from "../support/service.mjs";
import { WriteLog, Watcher, readHistories, viewsAtTheEnd } from "../support/traffic.mjs";

const conversations = Array.from({ length: 24 }, (_, i) => `moving-${i}`);

test("partitions that are added under load", { timeout: 240_000 }, async (t) => {
  const cluster = await startCluster(t);
  const start = (refreshMs, more) => startService(t, {
    settings: cluster.settings({ "KafkaSettings:Partitions": 2, "KafkaSettings:Client:topic.metadata.refresh.interval.ms": refreshMs }), ...more });
  const quick = await start(500, { conversations });
  const slow = await start(4000, { roles: "api,hub", conversations: [] }); // writes by the old number for seconds more
  const planter = await startPlanter(t, cluster.kafka.bootstrapServers);
  const log = new WriteLog();
  const watchers = [quick, slow].map((node, at) => new Watcher(node, `client ${at}`, conversations, 0));
  t.after(() => Promise.all(watchers.map((watcher) => watcher.stop())));
  await until("the clients to join", () => watchers.every((watcher) => watcher.connects > 0), 60_000);
  let running = true;
  const writing = writeAll([quick, slow], log, { messages: Infinity, conversations, connections: 8, stillWanted: () => running,
    agentOf: () => new http.Agent({ keepAlive: true, maxSockets: 1 }) });
  try {
    await until("some writes", () => log.entries.length > 100);
    let moved = 0;
    for (const partitions of [5, 12, 24, 31]) { // no multiple and a multiple
      if (moved > 0) break; // else the slow one looked just then
      await planter.grow(`${cluster.topicPrefix}SendMessageRequestedEvent`, partitions);
      moved = await until("a record to be moved", () => metric(quick, "moved_total"), 15_000, 100).catch(() => 0);
    }
    assert.notEqual(moved, 0, "no record was moved");
    moved = -1;
    await until("both to write by the new number", async () => {
      const before = moved;
      moved = await metric(quick, "moved_total");
      return moved === before && log.entries.length > 1000;
    }, 60_000, 2000);
  } finally {
    running = false;
    await writing;
  }
  await groupLagIsGone(cluster, 60_000);
  planter.stop();

  const stored = await readHistories(quick, conversations);
  const result = checkDelivery({ writes: log.entries, stored, watchers: await viewsAtTheEnd(watchers, stored) });
  t.diagnostic(`${await metric(quick, "moved_total")} moved; ${describe(result)}`);
  assert.deepEqual(result.faults.filter(({ kind }) => kind !== "reordered").slice(0, 20), []);
  assert.equal(result.counts.refused, 0);
});
