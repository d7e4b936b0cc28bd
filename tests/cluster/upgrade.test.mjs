// A rolling upgrade on real Kafka and MongoDB: every node in turn is replaced by the other program while messages are
// written, from the previous program to this one and back again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { groupLagIsGone, metric, startCluster } from "../support/cluster.mjs";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { previousProgram, skipWithoutPrevious } from "../support/previous.mjs";
import { binary, startService, until } from "../support/service.mjs";
import { Watcher, WriteLog, readHistories, settle, startLoad, viewsAtTheEnd } from "../support/traffic.mjs";

const conversations = Array.from({ length: 24 }, (_, i) => `upgrade-${i}`);

test("every node in turn, to this program and back, loses, doubles and reorders nothing", { skip: skipWithoutPrevious, timeout: 300_000 }, async (t) => {
  const cluster = await startCluster(t);
  const start = (roles, more = {}) =>
    startService(t, { settings: cluster.settings(), roles, conversations: [], program: previousProgram, ...more });
  const first = await start("api,hub", { conversations });
  const nodes = [await start("persister"), await start("persister"), first, await start("api,hub")];
  const fronts = nodes.slice(2);

  const watchers = fronts.map((node, i) => new Watcher(node, `client ${i}`, conversations, 0));
  t.after(() => Promise.all(watchers.map((watcher) => watcher.stop())));
  await until("the clients to join", () => watchers.every((watcher) => watcher.connects > 0));

  // Each conversation has writers on one node, so that its order is known.
  const log = new WriteLog();
  const loads = fronts.map((node, i) =>
    startLoad(node, log, { connections: 4, conversations: conversations.filter((_, at) => at % 2 === i) }));
  // A persister that is stopped while its group deals out the partitions waits for that.
  const consumed = () => Promise.all(nodes.slice(0, 2).map((node) => metric(node, "consumed_total")));
  const moreAreStored = async () => {
    const before = log.count("ok");
    const consumedBefore = await consumed();
    await until("more messages", () => log.count("ok") > before + 100);
    await until("both persisters to be at work", async () => (await consumed()).every((count, i) => count > consumedBefore[i]), 60_000, 100);
  };
  await moreAreStored();
  for (const program of [binary, previousProgram, binary]) {
    for (const node of nodes) {
      await node.replace(program);
      await moreAreStored();
    }
  }
  await Promise.all(loads.map((stop) => stop()));
  await settle(first, log, conversations);
  await groupLagIsGone(cluster);

  const stored = await readHistories(first, conversations);
  const result = checkDelivery({ writes: log.entries, stored, watchers: await viewsAtTheEnd(watchers, stored) });
  t.diagnostic(describe(result));
  assert.deepEqual(result.faults.slice(0, 20), []);
  assert.ok(result.counts.ok > 1000, "too little load to say anything");
});
