// Records of a version that not every node reads, on real Kafka and MongoDB. Testing:RecordVersion=3 plays the later
// program, whose messages are records of version 3 as soon as they may be.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { groupLag, groupLagIsGone, metric, startCluster } from "../support/cluster.mjs";
import { checkDelivery } from "../support/delivery_check.mjs";
import { previousProgram, skipWithoutPrevious } from "../support/previous.mjs";
import { runVerb, sharedScope, startService, until } from "../support/service.mjs";
import { WriteLog, messagesUrl, readHistories, request, settle } from "../support/traffic.mjs";

const run = promisify(execFile);
const later = { "Testing:RecordVersion": 3 };
const conversations = Array.from({ length: 12 }, (_, i) => `newer-${i}`);

const scope = sharedScope();
let servers;
before(async () => {
  servers = await startCluster(scope);
});

class Records {
  #kafka;
  #topic;

  constructor(cluster) {
    this.#kafka = cluster.kafka;
    this.#topic = `${cluster.topicPrefix}SendMessageRequestedEvent`;
  }

  /** All of the log: {partition, offset, key, version}. */
  async read() {
    const { stdout } = await run("kcat", ["-b", this.#kafka.bootstrapServers, "-C", "-t", this.#topic, "-o", "beginning", "-e", "-q", "-J"],
      { timeout: 30_000, maxBuffer: 1 << 26 });
    return stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)).map(({ partition, offset, key, headers = [] }) =>
      ({ partition, offset, key, version: headers.includes("requires-version") ? headers[headers.indexOf("requires-version") + 1] : undefined }));
  }

  /** As another program writes one. */
  async write(conversationId, key, content, headers = []) {
    const producer = spawn("kcat", ["-b", this.#kafka.bootstrapServers, "-P", "-t", this.#topic, "-K", "\t", "-X", "topic.partitioner=murmur2",
      ...headers.flatMap((header) => ["-H", header])]);
    const event = { eventType: "SendMessageRequestedEvent", temporaryMessageId: key, conversationId, senderId: "other", senderType: "System", content };
    producer.stdin.end(`${conversationId}\t${JSON.stringify(event)}\n`);
    assert.equal((await once(producer, "close"))[0], 0);
  }
}

const versionsOf = (records) => [...new Set(records.map(({ version }) => version))];
const flags = (settings) => Object.entries(settings).map(([key, value]) => `--${key}=${value}`);
const isStored = async (node, conversationId, key) =>
  (await request(`${messagesUrl(node.url, conversationId)}/by-temporary-id/${key}`)).status === 200;

/** Posts through the node until the newest record of the log is of version 3. */
async function writeUntilNewer(node, log, records, conversationId) {
  await until("a record of version 3", async () => {
    await log.write(node, conversationId);
    return versionsOf(await records.read()).includes("3");
  }, 40_000, 200);
}

test("newer records are written when the last older node has gone, and an older one is refused from then on", { timeout: 120_000 }, async (t) => {
  const cluster = servers.anew();
  const records = new Records(cluster);
  const log = new WriteLog();
  const older = await startService(t, { settings: cluster.settings(), roles: "persister", conversations: [] });
  const olderFront = await startService(t, { settings: cluster.settings(), roles: "api,hub", conversations });
  const front = await startService(t, { settings: cluster.settings(later), roles: "api,hub", conversations: [] });
  for (const id of conversations) assert.equal((await log.write(front, id)).outcome, "ok");
  await front.logged(/Records of version 3 may not be written yet: .*(reads up to version 2|does not say)/);
  await groupLagIsGone(cluster);
  assert.deepEqual(versionsOf(await records.read()), [undefined]);

  await olderFront.stop();
  for (const id of conversations) await log.write(front, id);
  assert.deepEqual(versionsOf(await records.read()), [undefined], "the older persister is still there");
  const persister = await startService(t, { settings: cluster.settings(later), roles: "persister", conversations: [] });
  await older.stop();
  await writeUntilNewer(front, log, records, conversations[0]);
  for (const id of conversations) await log.write(front, id);

  const refused = await runVerb(["serve", "--Urls=http://127.0.0.1:0", "--roles", "persister", ...flags(cluster.settings())]);
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /records of version 3, and this program reads up to version 2/);
  const doctor = await runVerb(["doctor", ...flags(cluster.settings())], { timeoutMs: 60_000 });
  assert.equal(doctor.code, 1, doctor.stdout);
  assert.match(doctor.stdout, /WRONG\s+mongodb: .*records of version 3/);

  await settle(front, log, conversations);
  const result = checkDelivery({ writes: log.entries, stored: await readHistories(front, conversations) });
  assert.deepEqual(result.faults, []);
  assert.equal(await metric(persister, "dead_letter_total"), 0);
});

test("a persister that was away when newer records came stops at them, the other partitions go on, and a newer one stores all", { timeout: 120_000 }, async (t) => {
  const cluster = servers.anew();
  const records = new Records(cluster);
  const log = new WriteLog();
  const front = await startService(t, { settings: cluster.settings(later), roles: "api,hub", conversations });
  const persister = await startService(t, { settings: cluster.settings(), roles: "persister", conversations: [] });
  for (const id of conversations) await log.write(front, id);
  await groupLagIsGone(cluster);

  process.kill(persister.pid, "SIGSTOP"); // the others take it for gone
  await writeUntilNewer(front, log, records, conversations[0]);
  for (let i = 0; i < 5; i += 1) await log.write(front, conversations[0]);
  const all = await records.read();
  const first = all.filter(({ version }) => version === "3").sort((a, b) => a.offset - b.offset)[0];
  const elsewhere = all.find(({ partition }) => partition !== first.partition).key;
  process.kill(persister.pid, "SIGCONT");

  await persister.logged(new RegExp(`partition ${first.partition} stops at offset ${first.offset}, where a record needs version 3`));
  await records.write(elsewhere, "goes-on", "stored while another partition waits");
  await until("a message of another partition to be stored", () => isStored(front, elsewhere, "goes-on"));
  const ready = await request(`${persister.url}/health/ready`);
  assert.equal(ready.status, 503);
  assert.match(ready.body, new RegExp(`persister: this program is too old: partition ${first.partition} stops at offset ${first.offset}`));
  assert.equal(await metric(persister, "consumer_requires_version", `partition="${first.partition}"`), 3);
  assert.equal(await metric(persister, "dead_letter_total"), 0);
  const waiting = (await groupLag(cluster)).partitions.find(({ partition }) => partition === first.partition);
  assert.deepEqual([waiting.committed, waiting.requiresVersion], [first.offset, 3]);
  assert.ok(waiting.lag >= 6, `${waiting.lag}`);
  await until("doctor to say so", async () => {
    const { stdout } = await runVerb(["doctor", ...flags(cluster.settings(later))], { timeoutMs: 60_000 });
    return new RegExp(`WRONG\\s+mongodb: .*partition ${first.partition} stops at offset ${first.offset}`).test(stdout);
  });

  await persister.stop();
  const newer = await startService(t, { settings: cluster.settings(later), roles: "persister", conversations: [] });
  await settle(front, log, conversations);
  log.entries.push({ conversationId: elsewhere, key: "goes-on", content: "stored while another partition waits", outcome: "ok", sentMs: 0, answeredMs: Infinity });
  const result = checkDelivery({ writes: log.entries, stored: await readHistories(front, conversations) });
  assert.deepEqual(result.faults, []);
  assert.equal(await metric(newer, "dead_letter_total"), 0);
});

test("a stranger's requires-version stops nothing", { timeout: 60_000 }, async (t) => {
  const cluster = servers.anew();
  const records = new Records(cluster);
  const service = await startService(t, { settings: cluster.settings() });
  const versions = ["999", "3", "two", "-1", "", "01"];
  for (const version of versions) await records.write("conv-123", `stranger-${version}`, "no node wrote this", [`requires-version=${version}`]);
  await records.write("conv-123", "good", "stored", ["requires-version=1"]);
  await until("the message behind them to be stored", () => isStored(service, "conv-123", "good"));
  await until("a dead letter for each", async () => (await metric(service, "dead_letter_total", 'reason="malformed"')) === versions.length);
  assert.equal((await request(`${service.url}/health/ready`)).status, 200);
});

test("a persister that says nothing of what it reads holds newer records back", { skip: skipWithoutPrevious, timeout: 120_000 }, async (t) => {
  const cluster = servers.anew();
  const records = new Records(cluster);
  const log = new WriteLog();
  const front = await startService(t, { settings: cluster.settings(later), roles: "api,hub", conversations });
  const silent = await startService(t, { settings: cluster.settings(), roles: "persister", conversations: [], program: previousProgram });
  const persister = await startService(t, { settings: cluster.settings(later), roles: "persister", conversations: [] });
  await until("both persisters to be at work", async () => {
    for (const id of conversations) await log.write(front, id);
    const consumed = await Promise.all([silent, persister].map((node) => metric(node, "consumed_total")));
    return consumed.every((count) => count > 0);
  }, 30_000, 100);
  await front.logged(/may not be written yet: a persister at .* does not say that it reads them/);
  await groupLagIsGone(cluster);
  assert.deepEqual(versionsOf(await records.read()), [undefined]);
  assert.equal(await metric(silent, "dead_letter_total"), 0);

  await silent.stop();
  await writeUntilNewer(front, log, records, conversations[0]);
  await settle(front, log, conversations);
  const result = checkDelivery({ writes: log.entries, stored: await readHistories(front, conversations) });
  assert.deepEqual(result.faults, []);
});
