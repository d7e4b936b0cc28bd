// A MongoDB that is restored from a backup while Kafka's group has gone on, in the steps of docs/backup.md: what the
// database lacks is stored again, under the sequences that it had, in a history of its own; where Kafka has deleted it, no
// node starts before somebody has said so.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { get } from "../support/http.mjs";
import { lagIsGone, startCluster } from "../support/cluster.mjs";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { startEditor } from "../support/hostile_documents.mjs";
import { runVerb, sleep, startService, temporaryFolder, until } from "../support/service.mjs";
import { WriteLog, readHistories, settle, startLoad } from "../support/traffic.mjs";

const conversations = Array.from({ length: 12 }, (_, i) => `restored-${i}`);
const historyOf = async (service) => (await get(service, `/api/conversations/${conversations[0]}`)).json.historyId;
const placesOf = (stored) =>
  [...stored.values()].flat().map(({ id, sequence, content }) => `${id} ${sequence} ${content}`).sort();

/** MongoDB's own way of a copy of its files: writes are locked meanwhile. */
async function backUp(t, cluster) {
  const admin = await startEditor(t, { mongodb: cluster.mongodb, database: "admin" });
  const copy = join(temporaryFolder(t), "copy");
  await admin({ fsync: 1, lock: true });
  cluster.mongodb.copyTo(copy);
  await admin({ fsyncUnlock: 1 });
  return copy;
}

async function restore(cluster, copy) {
  await cluster.mongodb.stop();
  cluster.mongodb.putBack(copy);
  await cluster.mongodb.start();
}

/** Under load: a backup, and then everything goes on for a while. */
async function backUpAndGoOn(t, cluster, service, log) {
  const stopLoad = startLoad(service, log, { conversations });
  t.after(stopLoad);
  await sleep(1_500);
  const copy = await backUp(t, cluster);
  await sleep(2_500);
  await stopLoad();
  await settle(service, log, conversations);
  await lagIsGone([service]);
  return copy;
}

test("what a restored database lacks is stored again from Kafka, in a new history", async (t) => {
  const cluster = await startCluster(t);
  const service = await startService(t, { settings: cluster.settings(), conversations });
  const log = new WriteLog();
  const copy = await backUpAndGoOn(t, cluster, service, log);
  const before = await readHistories(service, conversations);
  const history = await historyOf(service);
  await service.stop();
  await restore(cluster, copy);

  await service.start();
  await until("it to be said", () => /restored from a backup/.test(service.output)); // the log has a writer of its own
  await settle(service, log, conversations);
  await lagIsGone([service]);
  const stored = await readHistories(service, conversations);
  const result = checkDelivery({ writes: log.entries, stored });
  t.diagnostic(describe(result));
  assert.deepEqual(result.faults.slice(0, 20), []);
  const places = new Set(placesOf(stored));
  assert.deepEqual(placesOf(before).filter((place) => !places.has(place)).slice(0, 5), [], "the same ids and sequences");
  const after = await historyOf(service);
  assert.notEqual(after, history);

  await service.restart();
  assert.doesNotMatch(service.output, /restored from a backup/);
  assert.equal(await historyOf(service), after, "it was said once");
  await service.kill("SIGKILL");
  await service.start();
  assert.equal(await historyOf(service), after, "a crash is no restore");
});

test("where Kafka has deleted what the database lacks, nothing starts before somebody has said so", async (t) => {
  const cluster = await startCluster(t);
  const settings = cluster.settings();
  const service = await startService(t, { settings, conversations });
  const log = new WriteLog();
  const copy = await backUpAndGoOn(t, cluster, service, log);
  const history = await historyOf(service);
  await service.stop();
  await restore(cluster, copy);
  const topic = `${cluster.topicPrefix}SendMessageRequestedEvent`;
  const all = Array.from({ length: 6 }, (_, partition) => ({ topic, partition, offset: -1 }));
  const file = join(temporaryFolder(t), "offsets.json");
  writeFileSync(file, JSON.stringify({ version: 1, partitions: all }));
  await cluster.kafka.tool("org.apache.kafka.tools.DeleteRecordsCommand",
    "--bootstrap-server", cluster.kafka.bootstrapServers, "--offset-json-file", file);

  await assert.rejects(service.start(), /Kafka has deleted records that were stored after it: .* of partition \d.*backup restored/s);
  await assert.rejects(service.start(), /Kafka has deleted records/, "asking again changes nothing");
  const flags = Object.entries(settings).map(([key, value]) => `--${key}=${value}`);
  const said = await runVerb(["backup", "restored", ...flags], { timeoutMs: 60_000 });
  assert.equal(said.code, 0, said.stderr);
  await service.start();
  assert.notEqual(await historyOf(service), history);
  const later = new WriteLog();
  await settle(service, later, conversations);
});
