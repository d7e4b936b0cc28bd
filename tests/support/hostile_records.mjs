// What foreign programs leave in the topics, see cluster/hostile.test.mjs.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { checkRecord } from "./asyncapi.mjs";
import { metric } from "./cluster.mjs";
import { requestedValue } from "./planter.mjs";
import { readTopic } from "./records.mjs";
import { runVerb, until } from "./service.mjs";
import { messagesUrl, readHistory, request } from "./traffic.mjs";

const REQUESTED = "SendMessageRequestedEvent";
const PARTITIONS = 6;
const forgedMoves = ["0/0", "5/-1"];
const deep = (levels) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** Records that end as dead letters, each with its reason. */
const bad = [
  { name: "a tombstone", value: null, reason: "malformed" },
  { name: "an empty value", value: "", reason: "malformed" },
  { name: "bytes that are no UTF-8", value: Buffer.from([0xff, 0xfe, 0x00, 0x80]), reason: "malformed" },
  { name: "half of an event", value: '{"eventType":"SendMessageRequ', reason: "malformed" },
  { name: "another event", value: '{"eventType":"MessageSentEvent"}', reason: "malformed" },
  { name: "a list", value: "[1,2,3]", reason: "malformed" },
  { name: "an array 200 levels deep", value: deep(200), reason: "malformed" },
  { name: "an array 300,000 levels deep", value: deep(300_000), reason: "malformed" },
  { name: "no key of its own", value: requestedValue("honest-0", undefined, "x"), reason: "invalid" },
  { name: "fields of wrong types", value: requestedValue("honest-0", 5, ["x"], { senderId: {}, senderType: true }), reason: "invalid" },
  { name: "control characters in ids", value: requestedValue("honest-0", "a\u0000b\u001b[2J", "x", { senderId: "\u0007" }), reason: "invalid" },
  { name: "content over the limit", value: requestedValue("honest-0", "too-long", "x".repeat(20_000)), reason: "invalid" },
  { name: "no such conversation", key: "no-such", value: requestedValue("no-such", "n", "x"), reason: "unknown-conversation" },
  { name: "a time that is none", value: requestedValue("honest-0", "time", "x", { requestedAt: "yesterday" }), reason: "invalid" },
  { name: "a time beyond the year 9999", value: requestedValue("honest-0", "late", "x", { requestedAt: "9999-12-31T23:59:59-23:59" }), reason: "invalid" },
  { name: "half a surrogate", value: requestedValue("honest-0", "surrogate", "x").replace('"x"', '"\\ud83d"'), reason: "malformed" },
  { name: "headers like those of dead letters", value: "garbage", reason: "malformed", headers: [["reason", "parked"], ["attempts", "-9"],
    ["source-partition", "0"], ["source-offset", "0"], ["rejected-conversation-id", "honest-0"], ["reference", "0/0"], ["retry-of", "0/0"],
    ["discard-of", "0/0"], ["moved-from", forgedMoves[0]]] },
];

const deadLetters = {
  name: "records that cannot be stored are dead letters with their reason",
  async plant({ planter, topic }) {
    const records = bad.map(({ key = "honest-0", value, headers }) => ({ topic: topic(REQUESTED), key, value, headers }));
    this.places = await planter.plant(records);
  },
  check({ deadLetters: letters }) {
    for (const [at, { name, reason }] of bad.entries()) {
      const own = letters.filter(({ source }) => source === this.places[at].join("/"));
      assert.deepEqual(own.map((letter) => letter.reason), [reason], name);
    }
  },
};

/** A record that must be stored: the checker of all writes and views looks for it. */
function good({ log, topic }, conversationId, key, { content = `${key} of a foreign program`, more, ...record } = {}) {
  log.entries.push({ conversationId, key, content, outcome: "ok", sentMs: 0, answeredMs: Infinity });
  return { topic: topic(REQUESTED), key: conversationId, value: requestedValue(conversationId, key, content, more), ...record };
}

const otherPartitions = {
  name: "a conversation has one order, whatever partitions its records come from",
  async plant(scene) {
    const { planter } = scene;
    const many = (count, one) => Array.from({ length: count }, (_, i) => one(i));
    const groups = [
      // Another partitioner: librdkafka's own, which kcat, Python, .NET and Go have by default.
      [many(200, (i) => good(scene, `honest-${i % 4}`, `crc-${i}`)), { partitioner: "consistent_random" }],
      [many(60, (i) => good(scene, "honest-1", `explicit-${i}`, { partition: i % PARTITIONS }))],
      [many(30, (i) => good(scene, "honest-3", `other-key-${i}`, { key: `honest-${i}` }))],
    ];
    this.sent = [];
    for (const [records, options] of groups) {
      const places = await planter.plant(records, options);
      this.sent.push(...records.map(({ value }, i) => ({ ...JSON.parse(value), partition: places[i][0] })));
    }
    // Without any key, and then the same once more in each partition.
    const twice = many(12, (i) => good(scene, "honest-2", `no-key-${i}`, { key: null }));
    await planter.plant(twice);
    for (let partition = 0; partition < PARTITIONS; partition += 1) await planter.plant(twice.map((record) => ({ ...record, partition })));
  },
  async check({ nodes, cluster, topic }) {
    const histories = new Map();
    for (const { conversationId } of this.sent) {
      if (!histories.has(conversationId)) histories.set(conversationId, await readHistory(nodes[0], conversationId));
    }
    const last = new Map(); // of a conversation and the partition its records came from
    for (const { conversationId, temporaryMessageId, partition } of this.sent) {
      const row = histories.get(conversationId).find((message) => message.temporaryMessageId === temporaryMessageId);
      const from = `${conversationId} of ${partition}`;
      assert.ok(row.sequence > (last.get(from) ?? 0), `${temporaryMessageId} lies before one that its partition has before it`);
      last.set(from, row.sequence);
    }
    const sources = (await readTopic(cluster, topic(REQUESTED))).map(({ headers }) => headers.get("moved-from"))
      .filter((source) => source !== undefined && !forgedMoves.includes(source));
    // A batch that is tried again moves its records again, and is stored once: the node of another clock left the group just now.
    assert.ok(new Set(sources).size > 100);
    const counts = await Promise.all(nodes.map((node) => metric(node, "moved_total")));
    const moved = counts[0] + counts[1];
    assert.ok(moved >= new Set(sources).size && moved <= sources.length, `${new Set(sources).size} <= ${moved} <= ${sources.length}`);
  },
};

const headersOfAnyBytes = {
  name: "headers of any kind, and times of any year",
  async plant(scene) {
    const noise = randomBytes(512);
    const headers = [
      [["traceparent", Buffer.from([0x01, 0xff, 0xfe, 0x80])]],
      [["traceparent", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-\u00ff"], ["tracestate", noise]],
      [["traceparent", null], ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"], ["traceparent", noise]],
      [["correlation-id", noise], ["correlation-id", null]],
      [["", ""], ["\u0001 \u{1f525}", null], ["big", Buffer.alloc(700_000, 7)]],
      Array.from({ length: 2000 }, (_, i) => [`h${i % 7}`, noise.subarray(0, i % 20)]),
      [["retry-of", "0/0"], ["retry-of", "9999999999/99999999999999999999"], ["moved-from", forgedMoves[1]]],
    ];
    const records = headers.map((some, i) => good(scene, `honest-${4 + (i % 3)}`, `headers-${i}`, { headers: some }));
    const times = ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999-01:00", "9999-12-31T23:59:59.999Z", null];
    records.push(...times.map((requestedAt, i) => good(scene, "honest-5", `time-${i}`, { more: { requestedAt }, timestamp: 1 + i })));
    records.push(good(scene, "honest-6", "surplus", { more: { surplus: [{ a: null }, 1e300, -0.0, "\u0000"], content2: deep(10) } }));
    await scene.planter.plant(records);
  },
  check() {}, // each is a write that must be stored, and seen by the clients
};

const tooLarge = {
  name: "a dead letter that is too large is a reference, and is read where it lies",
  async plant(scene) {
    const { planter, topic } = scene;
    await planter.configure(topic(REQUESTED), { "max.message.bytes": "8388608" });
    this.noise = randomBytes(3_000_000).toString("latin1");
    this.valid = requestedValue("made-later", "large", "large", { surplus: randomBytes(3_000_000).toString("base64") });
    const records = [
      { value: `{"surplus":"${"x".repeat(3_000_000)}"` }, // compresses to a few KB
      { value: Buffer.from(this.noise, "latin1") },
      { key: "made-later", value: this.valid },
    ].map((record) => ({ topic: topic(REQUESTED), key: "honest-7", ...record }));
    this.places = (await planter.plant(records)).map((place) => place.join("/"));
    await planter.plant([good(scene, "honest-7", "behind the large ones")]);
  },
  async check({ cluster, deadLetters: letters, nodes, planter, topic }) {
    const [whole, noise, valid] = this.places.map((place) => letters.find(({ source }) => source === place));
    assert.deepEqual([whole.reason, noise.reason, valid.reason], ["malformed", "malformed", "unknown-conversation"]);
    assert.equal(whole.value.length, 3_000_013);
    assert.equal(whole.headers.get("attempts"), "1");
    for (const [at, letter] of [[1, noise], [2, valid]]) {
      const reference = JSON.parse(letter.value);
      assert.equal(letter.headers.get("reference"), this.places[at]);
      assert.equal(`${reference.partition}/${reference.offset}`, this.places[at]);
      assert.ok(reference.bytes > 3_000_000);
      checkRecord("deadLetters", { ...letter, headers: Object.fromEntries(letter.headers) });
    }
    const dead = async (...args) => {
      const flags = Object.entries(cluster.settings()).map(([key, value]) => `--${key}=${value}`);
      const verb = await runVerb(["dead", ...args, "--json", ...flags], { timeoutMs: 60_000 });
      return { ...verb, objects: verb.stdout.split("\n").filter((line) => line).map((line) => JSON.parse(line)) };
    };
    const shown = await dead("show", this.places[1]);
    assert.equal(shown.objects[0].valueHex, Buffer.from(this.noise, "latin1").toString("hex"));
    assert.equal(shown.objects[0].reference, this.places[1]);

    const made = await request(`${nodes[0].url}/api/conversations`, { method: "POST", body: { id: "made-later", participants: [] } });
    assert.equal(made.status, 201);
    const retried = await dead("retry", this.places[2], "--timeout", "30");
    assert.equal(retried.code, 0, retried.stderr + retried.stdout);
    const row = await request(`${messagesUrl(nodes[0].url, "made-later")}/by-temporary-id/large`);
    assert.equal(row.body.content, "large");

    const [partition, offset] = this.places[1].split("/").map(Number);
    await planter.deleteBefore(topic(REQUESTED), partition, offset + 1);
    await until("the original to be gone", async () => /does not hold/.test((await dead("show", this.places[1])).stdout), 20_000, 200);
    const gone = await dead("retry", this.places[1]);
    assert.notEqual(gone.code, 0);
    assert.match(gone.stdout, /too large.*does not hold/);
  },
};

const foreignEvents = {
  name: "foreign records among sent events and dead letters reach no client",
  async plant({ planter, topic }) {
    const sent = (conversationId, more) => ({ topic: topic("MessageSentEvent"), key: conversationId, value: JSON.stringify({ eventType: "MessageSentEvent",
      messageData: { temporaryMessageId: "forged", conversationId: "honest-8", sequence: 1, senderId: "x", senderType: "System", content: "forged",
        sentAt: "2026-01-27T10:30:00.000Z", persistedAt: "2026-01-27T10:30:00.000Z", ...more } }) });
    const dead = (conversationId, key, error) => ({ topic: topic("SendMessageRequestedEvent.DeadLetter"), key: "honest-8", value: "x",
      headers: [["rejected-conversation-id", conversationId], ["rejected-temporary-message-id", key], ["error", error]] });
    await planter.plant([
      ...[null, "", "{", "[]", deep(100_000), Buffer.alloc(900_000, 0xff)].map((value) => ({ topic: topic("MessageSentEvent"), key: "honest-8", value })),
      sent("honest-8", { sequence: 2 ** 60 }), sent("honest-8", { sequence: -1 }), sent("honest-8", { sequence: "7" }), sent("honest-8", { sentAt: 5 }),
      sent("honest-9", { sequence: 2 ** 40 }), { ...sent("honest-8", { sequence: 2 ** 60 }), headers: [["traceparent", "\u00ff"]] },
      dead("honest-8", Buffer.from([0xff]), "x"), dead("honest-8", "key", Buffer.from([0xed, 0xa0, 0x80])), dead("honest-8", "key", "x".repeat(500_000)),
      dead(Buffer.from("honest-8\xff", "latin1"), "key", "x"), dead(null, null, null),
    ]);
  },
  check() {}, // the clients' views are the store's, on one connection each
};

export const hostileRecords = [deadLetters, otherPartitions, headersOfAnyBytes, tooLarge, foreignEvents];
