// A hostile back end: what other programs and people can do to the topics, and leave in them and in MongoDB, done to a running cluster under
// load. Each thing has its own result (stored, a dead letter with its reason, left out and counted), and nothing else notices: 0 lost,
// 0 doubled, 0 reordered, and the lag returns to 0.
//
// A plant is {name, plant(scene), check(scene)}: plant() runs while honest clients write and read, check() when the lag is gone. Those of topics,
// clocks and joins are in support/hostile_topics.mjs, records in support/hostile_records.mjs, documents in support/hostile_documents.mjs. The
// scene: {cluster, nodes, planter, edit(command), inAPause(change), log, topic(name), conversations, deadLetters, scope}.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { groupLagIsGone, startCluster, writeAll } from "../support/cluster.mjs";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { hostileDocuments, startEditor } from "../support/hostile_documents.mjs";
import { hostileRecords } from "../support/hostile_records.mjs";
import { hostileTopics } from "../support/hostile_topics.mjs";
import { startPlanter } from "../support/planter.mjs";
import { readDeadLetters } from "../support/records.mjs";
import { startService, until } from "../support/service.mjs";
import { WriteLog, Watcher, readHistories, viewsAtTheEnd } from "../support/traffic.mjs";

const plants = [...hostileTopics, ...hostileRecords, ...hostileDocuments];
// In `./test full` parts of the cluster go and come back between the plants.
const withFaults = process.env.ALL_CASES === "1";
const conversations = Array.from({ length: 40 }, (_, i) => `honest-${i}`);

test("what others leave in topics and store harms nobody else", { timeout: 500_000 }, async (t) => {
  const cluster = await startCluster(t, withFaults ? { brokers: 3, members: 3 } : {});
  const settings = cluster.settings({ "KafkaSettings:Client:topic.metadata.refresh.interval.ms": 1000 });
  const first = await startService(t, { settings, conversations });
  const second = await startService(t, { settings, conversations: [] });
  const nodes = [first, second];
  const planter = await startPlanter(t, cluster.kafka.bootstrapServers);
  const log = new WriteLog();
  const scene = { cluster, nodes, planter, log, conversations, topic: (name) => cluster.topicPrefix + name };
  Object.assign(scene, { edit: await startEditor(t, cluster), scope: t });

  const watchers = nodes.map((node, at) => new Watcher(node, `client ${at}`, conversations, 0));
  t.after(() => Promise.all(watchers.map((watcher) => watcher.stop())));
  await until("the clients to join", () => watchers.every((watcher) => watcher.connects > 0), 60_000);
  let wanted;
  let writing;
  const startWriting = () => {
    wanted = true;
    writing = writeAll(nodes, log, {
      messages: Infinity,
      conversations,
      connections: 8,
      agentOf: () => new http.Agent({ keepAlive: true, maxSockets: 1 }),
      stillWanted: () => wanted,
    });
  };
  const stopWriting = async () => {
    wanted = false;
    await writing;
  };
  let excused = 0; // posts of a moment for which a topic has no place
  scene.inAPause = async (change) => {
    await stopWriting();
    await groupLagIsGone(cluster);
    const begun = log.entries.length;
    await change();
    for (const [at, id] of conversations.entries()) {
      await until("a post to be accepted", async () => (await log.write(nodes[at % nodes.length], id)).outcome === "ok", 60_000, 50);
    }
    excused += log.entries.slice(begun).filter(({ outcome }) => outcome !== "ok").length;
    startWriting();
  };
  startWriting();
  const more = (count) => {
    const wanted = log.entries.length + count;
    return until(`${count} more writes`, () => log.entries.length >= wanted, 60_000, 20);
  };
  const faults = [() => cluster.mongodb.stepDown(), () => cluster.kafka.kill(2), () => cluster.kafka.restart(2)];
  const fault = async (at) => {
    await faults[at % faults.length]();
    const begun = log.entries.length;
    await until("posts to be accepted again", () => log.entries.slice(begun).filter(({ outcome }) => outcome === "ok").length > 20, 60_000, 20);
  };
  try {
    await more(200);
    for (const [at, plant] of plants.entries()) {
      if (withFaults) await fault(at);
      await plant.plant(scene);
    }
    await more(200);
  } finally {
    await stopWriting();
  }
  await groupLagIsGone(cluster, 60_000);

  scene.deadLetters = await readDeadLetters(scene);
  const stored = await readHistories(first, conversations);
  const views = await viewsAtTheEnd(watchers, stored);
  const result = checkDelivery({ writes: log.entries, stored, watchers: views });
  t.diagnostic(describe(result));
  assert.deepEqual(result.faults.slice(0, 20), []);
  if (!withFaults) assert.equal(result.counts.ok + excused, result.counts.writes, "every honest write is a 202");
  assert.deepEqual(watchers.map((watcher) => watcher.connects), [1, 1], "no client was cut off");
  for (const plant of plants) await t.test(plant.name, () => plant.check(scene));
  planter.stop();
});
