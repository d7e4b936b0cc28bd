// DeadLetterOrder=Park on Kafka and MongoDB: a conversation with a dead letter waits behind it, through kill -9, and has
// exactly the right history when everything was retried.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { before, describe as suite, test } from "node:test";
import { metric, startCluster } from "../support/cluster.mjs";
import { get, postMessage } from "../support/http.mjs";
import { runVerb, sharedScope, sleep, startService, until } from "../support/service.mjs";
import { readHistory } from "../support/traffic.mjs";

suite("parked conversations", () => {
  const scope = sharedScope();
  let cluster;
  let service;
  before(async () => {
    cluster = await startCluster(scope);
    service = await startService(scope, { settings: cluster.settings({ "MessagePersistence:DeadLetterOrder": "Park" }) });
  });

  async function produce(lines, headers = []) {
    const producer = spawn("kcat", ["-b", cluster.kafka.bootstrapServers, "-P", "-t", `${cluster.topicPrefix}SendMessageRequestedEvent`,
      "-X", "topic.partitioner=murmur2_random", "-K", "\t", ...headers.flatMap((header) => ["-H", header])]);
    producer.stdin.end(lines.map(([key, value]) => `${key}\t${value}\n`).join(""));
    const [code] = await once(producer, "close");
    assert.equal(code, 0);
  }
  const requested = (conversationId, number) => [conversationId, JSON.stringify({
    eventType: "SendMessageRequestedEvent", temporaryMessageId: `key-${number}`, conversationId, senderId: "other-program",
    senderType: "System", content: String(number), requestedAt: "2026-01-27T10:30:00.000Z", correlationId: "c" })];
  const numbers = (to) => Array.from({ length: to }, (_, i) => String(i + 1));
  const contents = async (conversationId) => (await readHistory(service, conversationId)).map((message) => message.content);
  const post = async (conversationId, number) => {
    const answer = await postMessage(service, { content: String(number), temporaryMessageId: `key-${number}` }, { conversationId });
    assert.equal(answer.status, 202);
  };
  async function dead(...args) {
    const flags = Object.entries(cluster.settings()).map(([key, value]) => `--${key}=${value}`);
    const verb = await runVerb(["dead", ...args, "--json", ...flags], { timeoutMs: 120_000 });
    return { ...verb, objects: verb.stdout.split("\n").flatMap((line) => (line ? [JSON.parse(line)] : [])) };
  }
  async function createConversation(id) {
    const answer = await fetch(`${service.url}/api/conversations`, { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id, participants: [{ id: "parent-001", type: "Parent" }] }) });
    assert.equal(answer.status, 201);
  }

  test("of a foreign program's making, with the service killed in between", async () => {
    await produce([requested("late", 1), requested("late", 2)]);
    await until("the first two to be dead", async () => (await metric(service, "dead_letters_open")) === 2, 30_000);
    await createConversation("late");
    for (let i = 3; i <= 20; i += 1) await post("late", i);
    await service.kill("SIGKILL");
    await service.start();
    for (let i = 21; i <= 40; i += 1) await post("late", i);
    await post("conv-123", 1);
    await until("all of the others to be parked", async () => (await dead("list", "--conversation", "late")).objects.length === 40, 60_000, 500);
    assert.deepEqual(await contents("late"), []);
    await until("the neighbour to be stored", async () => (await contents("conv-123")).length === 1);
    const listed = (await dead("list", "--conversation", "late")).objects;
    assert.deepEqual(listed.map((letter) => letter.temporaryMessageId), numbers(40).map((n) => `key-${n}`));
    assert.deepEqual([...new Set(listed.slice(2).map((letter) => letter.reason))], ["parked"]);
    const parked = await get(service, "/api/conversations/late/messages/by-temporary-id/key-30");
    assert.equal(parked.status, 202);
    assert.match(parked.json.reason, /dead letter/);

    const retrying = dead("retry", "--conversation", "late", "--timeout", "60");
    await sleep(300);
    await service.kill("SIGKILL");
    await service.start();
    await post("late", 41);
    await retrying;
    await until("everything to be retried", async () => {
      await dead("retry", "--conversation", "late", "--timeout", "30");
      return (await dead("list", "--conversation", "late")).objects.length === 0;
    }, 90_000, 200);
    await post("late", 42);
    await until("the last to be stored", async () => (await contents("late")).includes("42"), 30_000, 100);
    assert.deepEqual(await contents("late"), numbers(42));
    const rows = await readHistory(service, "late");
    assert.ok(rows.every((row, i) => i === 0 || row.sequence > rows[i - 1].sequence));
  });

  test("a discarded one lets the others go on, and a foreign header does no harm", async () => {
    await produce([requested("next", 1)]);
    await until("it to be dead", async () => (await dead("list", "--conversation", "next")).objects.length === 1, 30_000, 300);
    await createConversation("next");
    const [letter] = (await dead("list", "--conversation", "next")).objects;
    await produce([requested("next", 2)], [`retry-of=${letter.id}`, "discard-of=0/0"]);
    await post("next", 3);
    await until("both to be parked", async () => (await dead("list", "--conversation", "next")).objects.length === 3, 30_000, 300);
    const discarded = await dead("discard", letter.id);
    assert.equal(discarded.code, 0, discarded.stderr);
    const retried = await dead("retry", "--conversation", "next");
    assert.equal(retried.code, 0, retried.stderr);
    assert.deepEqual(retried.objects.map((one) => one.result), ["stored", "stored"]);
    assert.deepEqual(await contents("next"), ["2", "3"]);
    assert.equal((await dead("list")).objects.length, 0);
  });
});
