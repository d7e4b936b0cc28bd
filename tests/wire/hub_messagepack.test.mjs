// The hub over MessagePack, as Microsoft's client speaks it: the same as over JSON, only in other bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { besidesHistory, get, goodMessage, history, lastSequence, postMessage } from "../support/http.mjs";
import { connectHub, signalR } from "../support/hub.mjs";
import { startService, until, within } from "../support/service.mjs";

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

const connectPacked = (t, service, options = {}) => connectHub(t, service, { ...options, protocol: "messagepack" });

const openConnections = async (service) =>
  (await get(service, "/metrics")).text.match(/^message_service_hub_connections\{(?=.*"messagepack")(?=.*"webSockets").*\} (\d+)$/m)?.[1];

test("joins, catches up, sends and receives, exactly as it is stored", async (t) => {
  const service = await startService(t);
  for (const n of range(1, 30)) await postMessage(service, { content: `before ${n}` });
  await until("stored", async () => (await lastSequence(service)) === 30);

  const client = await connectPacked(t, service);
  const joined = await client.join("conv-123", 10);
  assert.deepEqual(besidesHistory(joined), { conversationId: "conv-123", lastSequence: 30 });
  await client.receivedUpTo(30);
  assert.deepEqual(client.sequences(), range(11, 30));

  const content = 'quotes " \\ \u0001 \u2028 ☃ 😀 ' + "long ".repeat(2_000);
  const answer = await client.send("conv-123", { ...goodMessage, content, temporaryMessageId: "packed" });
  assert.deepEqual(Object.keys(answer), ["id", "conversationId", "senderId", "senderType", "content", "status", "sentAt", "correlationId"]);
  assert.equal(answer.id, "packed");
  assert.equal(answer.content, content);
  await client.receivedUpTo(31);

  await postMessage(service, { content: "posted" });
  await client.receivedUpTo(32);
  assert.deepEqual(client.received, (await history(service)).slice(10));
  assert.equal(await openConnections(service), "1", "counted under its protocol");

  await client.leave("conv-123");
  await postMessage(service, { content: "unheard" });
  await until("stored", async () => (await history(service)).length === 33);
  await client.connection.invoke("leaveconversation", "never joined"); // an answer behind which it would have come
  assert.equal(client.sequences().at(-1), 32);
});

const pascal = (message) =>
  Object.fromEntries(Object.entries(message).map(([name, value]) => [name[0].toUpperCase() + name.slice(1), value]));

/** What a client with C# names is given, and what it may send. */
async function speaksPascalCase(t, service, path) {
  const received = [];
  const client = await connectPacked(t, service, {
    path, configure: (connection) => connection.on("ReceiveMessage", (message) => received.push(message)) });
  const plain = await connectHub(t, service);
  const { HistoryId, ...joined } = await client.join("conv-123");
  assert.equal(HistoryId, (await get(service, "/api/conversations/conv-123")).json.historyId);
  assert.deepEqual(joined, { ConversationId: "conv-123", LastSequence: await lastSequence(service) });
  const answer = await client.connection.invoke("SendMessage", "conv-123", pascal({ ...goodMessage, content: "Grüße" }));
  assert.equal(answer.Content, "Grüße");
  assert.ok(answer.SentAt instanceof Date);
  await until("received", () => received.length === 1);
  assert.deepEqual(JSON.parse(JSON.stringify(received[0])), pascal((await history(service)).at(-1)));
  assert.ok(received[0].PersistedAt instanceof Date);
  assert.equal((await plain.join("conv-123")).conversationId, "conv-123", "JSON is as it was");
  return client;
}

test("a client may ask for the names of C#, and all may be given them", async (t) => {
  const query = "?messagePackPropertyNames=";
  const service = await startService(t);
  await speaksPascalCase(t, service, `${query}PascalCase`);
  await (await connectPacked(t, service)).join("conv-123");
  await assert.rejects(connectPacked(t, service, { path: `${query}snake_case` }),
    /messagePackPropertyNames must be camelCase or PascalCase/);

  const other = await startService(t, { settings: { "Hub:MessagePackPropertyNames": "PascalCase" } });
  await speaksPascalCase(t, other, "");
  const camel = await connectPacked(t, other, { path: `${query}camelCase` });
  assert.equal((await camel.join("conv-123")).conversationId, "conv-123");
});

test("one who speaks JSON and one who speaks MessagePack hear the same", async (t) => {
  const service = await startService(t);
  const packed = await connectPacked(t, service);
  const plain = await connectHub(t, service);
  await Promise.all([packed.join("conv-123"), plain.join("conv-123")]);
  await Promise.all(range(1, 40).map((n) => (n % 2 ? packed : plain).send("conv-123", { ...goodMessage, content: `number ${n}` })));
  await Promise.all([packed.receivedUpTo(40), plain.receivedUpTo(40)]);
  assert.deepEqual(packed.sequences(), range(1, 40));
  assert.deepEqual(packed.received, plain.received);
});

test("is told what went wrong, in the same words as over JSON", async (t) => {
  const service = await startService(t);
  const clients = [await connectPacked(t, service), await connectHub(t, service)];
  const calls = [
    ["JoinConversation", "nowhere"], ["JoinConversation", 5], ["JoinConversation", "conv-123", -1], ["JoinConversation", "conv-123", 1.5],
    ["JoinConversation"], ["NoSuchMethod", 1], ["SendMessage", "conv-123", "text"], ["SendMessage", "conv-123", null],
    ["SendMessage", "conv-123", { senderId: "", senderType: "Nobody", content: 5 }], ["SendMessage", {}, [1, [2, { a: null }]]],
    ["SendMessage", "conv-123", { ...goodMessage, content: "x".repeat(16_385) }],
  ];
  for (const call of calls) {
    const [packed, plain] = await Promise.all(clients.map(({ connection }) =>
      connection.invoke(...call).then(() => assert.fail(`${call[0]} succeeded`), ({ message }) => message)));
    assert.equal(packed, plain, JSON.stringify(call));
    assert.match(packed, new RegExp(call[0]));
  }
  assert.equal((await clients[0].join("conv-123", 0)).lastSequence, 0, "and lives on");
  assert.equal(clients[0].connection.state, signalR.HubConnectionState.Connected);
});

test("null for afterSequence is none, and an id may hold any text", async (t) => {
  const conversationId = "Grüße ☃ 😀";
  const service = await startService(t, { conversations: [] });
  const made = await fetch(`${service.url}/api/conversations`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id: conversationId, participants: [] }),
  });
  assert.equal(made.status, 201);
  const client = await connectPacked(t, service);
  await client.send(conversationId, goodMessage);
  await until("stored", async () => (await lastSequence(service, conversationId)) === 1);
  assert.deepEqual(besidesHistory(await client.join(conversationId, null)), { conversationId, lastSequence: 1 });
  await client.send(conversationId, goodMessage);
  await client.receivedUpTo(2, conversationId);
  assert.deepEqual(client.sequences(conversationId), [2]);
});

test("comes back by itself after a crash and misses nothing", async (t) => {
  const service = await startService(t);
  const client = await connectPacked(t, service, { reconnect: [0, ...Array(100).fill(100)] });
  const reconnected = new Promise((done) => client.connection.onreconnected(async () => {
    done(await client.join("conv-123", client.sequences().at(-1) ?? 0));
  }));
  await client.join("conv-123", 0);
  for (const n of range(1, 5)) await postMessage(service, { content: `before ${n}` });
  await client.receivedUpTo(5);
  await service.kill("SIGKILL");
  await service.start();
  for (const n of range(6, 10)) await postMessage(service, { content: `while away ${n}` });
  await within("the client's return", reconnected);
  await postMessage(service, { content: "after" });
  await client.receivedUpTo(11);
  assert.deepEqual(client.sequences(), range(1, 11));
  assert.deepEqual(client.received, await history(service));
});
