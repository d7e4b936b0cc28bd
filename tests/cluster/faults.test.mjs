// The promises on the real stack, while its parts die: two API and hub nodes, two persisters, three brokers and a
// replica set of three. MESSAGES (8,000; `./test full` has 200,000) over CONVERSATIONS (400).
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { groupLagIsGone, startCluster, writeAll } from "../support/cluster.mjs";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { sleep, startService, until } from "../support/service.mjs";
import { WriteLog, Watcher, readHistory } from "../support/traffic.mjs";

const messages = Number(process.env.MESSAGES ?? 8_000);
const conversations = Array.from({ length: Number(process.env.CONVERSATIONS ?? 400) }, (_, i) => `fault-${i}`);
const watchedBy = 100; // conversations a client

test(`${messages} messages while a persister, a broker and a primary go and come back`, { timeout: 1_750_000 }, async (t) => {
  const cluster = await startCluster(t, { brokers: 3, members: 3 });
  const settings = cluster.settings({ "Shutdown:TimeoutMs": 8000 });
  const start = (roles, more = {}) => startService(t, { settings, roles, conversations: [], ...more });
  const first = await start("api,hub", { conversations });
  const second = await start("api,hub");
  const persisters = [await start("persister"), await start("persister")];

  const watchers = [];
  for (let at = 0; at < conversations.length; at += watchedBy) {
    const node = watchers.length % 2 === 0 ? first : second;
    watchers.push(new Watcher(node, `client ${watchers.length}`, conversations.slice(at, at + watchedBy), 0));
  }
  t.after(() => Promise.all(watchers.map((watcher) => watcher.stop())));
  await until("the clients to join", () => watchers.every((watcher) => watcher.connects > 0), 60_000);

  const log = new WriteLog();
  const writing = writeAll([first, second], log, {
    messages,
    conversations,
    agentOf: () => new http.Agent({ keepAlive: true, maxSockets: 1 }),
  });
  const reached = (share) => until(`${share} of the load`, () => log.entries.length >= share * messages, 600_000, 20);

  await reached(0.1);
  await persisters[0].kill("SIGKILL");
  await reached(0.25);
  await persisters[0].start(); // the partitions are dealt out anew
  await reached(0.35);
  await cluster.kafka.kill(2);
  await reached(0.5);
  await cluster.kafka.restart(2);
  await reached(0.6);
  await cluster.mongodb.stepDown();
  await reached(0.75);
  await persisters[1].stop(); // gently: another change of owners
  await reached(0.85);
  await persisters[1].start();
  await writing;
  await groupLagIsGone(cluster);
  await sleep(500);

  const stored = new Map();
  for (const id of conversations) stored.set(id, await readHistory(first, id));
  const behind = () => watchers.some((watcher) => [...watcher.views.keys()]
    .some((id) => watcher.lastSequence(id) < (stored.get(id).at(-1)?.sequence ?? 0)));
  await until("the clients to catch up", () => !behind()).catch(() => {}); // the checker tells better
  await Promise.all(watchers.map((watcher) => watcher.stop()));

  const views = watchers.flatMap((watcher) => [...watcher.views.values()]);
  const result = checkDelivery({ writes: log.entries, stored, watchers: views });
  t.diagnostic(describe(result));
  assert.deepEqual(result.faults.slice(0, 20), []);
  assert.equal(views.length, conversations.length);
  assert.ok(result.counts.ok > 0.9 * messages, "too many were not accepted to say anything");
});
