// Another program writes into SendMessageRequestedEvent, well and badly: good records are stored, each bad one is in the
// dead-letter topic with its reason, and nothing stops.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { promisify } from "node:util";
import { lagIsGone, metric, startCluster } from "../support/cluster.mjs";
import { startService, until } from "../support/service.mjs";
import { readHistory } from "../support/traffic.mjs";

const run = promisify(execFile);

test("good and bad records of a foreign producer", async (t) => {
  const cluster = await startCluster(t);
  const service = await startService(t, { settings: cluster.settings(), conversations: ["conv-123"] });
  const topic = (name) => cluster.topicPrefix + name;

  async function produce(records) {
    const producer = spawn("kcat", ["-b", cluster.kafka.bootstrapServers, "-P", "-t", topic("SendMessageRequestedEvent"), "-K", "\t"]);
    producer.stdin.end(records.map(([key, value]) => `${key}\t${value}\n`).join(""));
    const [code] = await once(producer, "close");
    assert.equal(code, 0);
  }
  const good = (i) => ["conv-123", JSON.stringify({
    eventType: "SendMessageRequestedEvent", temporaryMessageId: `good-${i}`, conversationId: "conv-123", senderId: "other-program",
    senderType: "System", content: `number ${i}`, requestedAt: "2026-01-27T10:30:00.000Z", correlationId: "c", surplus: [1, 2] })];
  const changed = (i, fields) => [good(i)[0], JSON.stringify({ ...JSON.parse(good(i)[1]), ...fields })];
  const bad = [
    ["conv-123", "garbage", "malformed"],
    ["conv-123", '{"eventType":', "malformed"],
    ["conv-123", "[1,2,3]", "malformed"],
    ["conv-123", '"text"', "malformed"],
    ["conv-123", '{"eventType":"SomethingElse"}', "malformed"],
    [...changed("b1", { content: 5 }), "invalid"],
    [...changed("b2", { senderType: "Robot" }), "invalid"],
    [...changed("b3", { content: "" }), "invalid"],
    [...changed("b4", { content: "x".repeat(20_000) }), "invalid"],
    [...changed("b5", { temporaryMessageId: "y".repeat(500) }), "invalid"],
    ["no-such", changed("b6", { conversationId: "no-such" })[1], "unknown-conversation"],
    [...changed("0", { content: "another content under the first key" }), "key-conflict"],
  ];
  const records = [];
  for (let i = 0; i < 1000; i += 1) {
    records.push(good(i));
    if (i % 50 === 25) {
      const next = bad[Math.floor(i / 50) % bad.length];
      records.push([next[0], next[1]]);
    }
  }
  const planted = records.length - 1000;
  await produce(records);
  await until("all to be consumed", async () => (await metric(service, "consumed_total")) >= records.length, 30_000);
  await lagIsGone([service]);

  const history = await readHistory(service, "conv-123");
  assert.deepEqual(history.map((message) => message.content), Array.from({ length: 1000 }, (_, i) => `number ${i}`));
  assert.ok(history.every((message) => !("surplus" in message)));

  const { stdout } = await run("kcat", ["-b", cluster.kafka.bootstrapServers, "-C", "-t", topic("SendMessageRequestedEvent.DeadLetter"),
    "-o", "beginning", "-e", "-q", "-J"], { timeout: 30_000, maxBuffer: 1 << 26 });
  const dead = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(dead.length, planted);
  const header = (record, name) => record.headers[record.headers.indexOf(name) + 1];
  for (const record of dead) {
    const expected = bad.find(([, value]) => value === record.payload);
    assert.ok(expected, `a dead letter that nobody wrote: ${record.payload.slice(0, 80)}`);
    assert.equal(header(record, "reason"), expected[2], record.payload.slice(0, 80));
    for (const name of ["error", "source-partition", "source-offset", "failed-at", "attempts"]) {
      assert.ok(record.headers.includes(name), `no header ${name}`);
    }
  }
  assert.equal(await metric(service, "dead_letter_total"), planted);
});
