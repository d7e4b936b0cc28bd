// Starting and stopping: what SIGTERM leaves behind, how fast a start is, and what may share a data folder.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import net from "node:net";
import { test } from "node:test";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { runVerb, sleep, startService, temporaryFolder, until, waitsForMore, within } from "../support/service.mjs";
import { WebSocket, WriteLog, messagesUrl, readHistories, readHistory, request, settle, signalr, startLoad } from "../support/traffic.mjs";

const conversations = ["stop-0", "stop-1", "stop-2", "stop-3"];
const recordSeparator = "\u001e";

/** A hub client without a library: joins, and notes every SignalR message and how the WebSocket ended. */
async function rawHubClient(service, conversationId) {
  const socket = new WebSocket(`${service.url.replace("http", "ws")}/hubs/messages`);
  const client = { messages: [], closed: new Promise((resolve) => socket.on("close", (code) => resolve(code))) };
  socket.on("message", (data) => {
    client.messages.push(...data.toString().split(recordSeparator).filter(Boolean).map((text) => JSON.parse(text)));
  });
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  socket.send(JSON.stringify({ protocol: "json", version: 1 }) + recordSeparator);
  const join = { type: 1, invocationId: "1", target: "JoinConversation", arguments: [conversationId] };
  socket.send(JSON.stringify(join) + recordSeparator);
  await until("the join's completion", () => client.messages.some(({ type }) => type === 3));
  return client;
}

/** Sends headers and half a body, the headers read for sure; `finish()` sends the rest and gives all answers as text. */
async function halfSentPost(service, conversationId) {
  const body = JSON.stringify({ senderId: "parent-001", senderType: "Parent", content: "slowly", temporaryMessageId: "half-sent" });
  const socket = net.connect(service.port, "127.0.0.1");
  const head = `POST ${new URL(messagesUrl(service.url, conversationId)).pathname} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n`;
  const fields = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  let answer = "";
  socket.on("data", (text) => (answer += text));
  const ended = new Promise((resolve, reject) => socket.on("end", () => resolve(answer)).on("error", reject));
  ended.catch(() => {}); // looked at by finish()
  socket.write(head + fields);
  await until("to be asked for the body", () => answer.startsWith("HTTP/1.1 100 "));
  socket.write(body.slice(0, 20));
  return {
    finish() {
      socket.end(body.slice(20));
      return within("the answer to a request that was under way", ended);
    },
  };
}

// Between two polls such a client has no connection: it must not count as one that may be left alone.
test("SIGTERM with long-polling clients: a post that is under way is still accepted", async (t) => {
  const service = await startService(t, { conversations });
  for (let n = 0; n < 20; n += 1) {
    const hub = `${service.url}/hubs/messages`;
    const { body } = await request(`${hub}/negotiate?negotiateVersion=1`, { method: "POST" });
    assert.equal((await request(`${hub}?id=${body.connectionToken}`)).status, 200);
  }
  const halfSent = await halfSentPost(service, "stop-1");
  const exiting = service.kill("SIGTERM");
  await service.logged(/Stopping/);
  await sleep(300);
  assert.match(await halfSent.finish(), /\r\n\r\nHTTP\/1\.1 202 /);
  assert.deepEqual(await exiting, { code: 0, signal: null });
});

test("SIGTERM under load: what is under way is answered, hub clients are told to come back, exit 0, nothing is lost", async (t) => {
  const service = await startService(t, { conversations, settings: { "Shutdown:TimeoutMs": 5000 } });
  const log = new WriteLog();
  const stopLoad = startLoad(service, log, { conversations, connections: 16 });
  const raw = await rawHubClient(service, "stop-0");
  const polite = new signalr.HubConnectionBuilder()
    .withUrl(`${service.url}/hubs/messages`)
    .withAutomaticReconnect([0, ...Array(200).fill(50)])
    .configureLogging(signalr.LogLevel.None)
    .build();
  t.after(() => polite.stop());
  const reconnecting = new Promise((resolve) => polite.onreconnecting(resolve));
  const reconnected = new Promise((resolve) => polite.onreconnected(resolve));
  await polite.start();
  await sleep(500);

  const halfSent = await halfSentPost(service, "stop-1");
  const termMs = performance.now();
  const exiting = service.kill("SIGTERM");
  await sleep(30);
  const answer = await halfSent.finish();
  const exit = await exiting;
  const exitMs = performance.now() - termMs;
  await stopLoad();

  assert.deepEqual(exit, { code: 0, signal: null });
  assert.ok(exitMs < 5000, `exit took ${exitMs.toFixed(0)} ms`);
  assert.match(answer, /^HTTP\/1\.1 100 [^\r]*\r\n\r\nHTTP\/1\.1 (202|503) /);
  const unanswered = log.entries.filter(({ outcome, sentMs }) => outcome === "unknown" && sentMs < termMs);
  assert.deepEqual(unanswered.map(({ sentMs, error, status }) => `${(termMs - sentMs).toFixed(1)} ms before: ${status ?? error}`), []);
  assert.equal(await within("the raw client's close", raw.closed), 1000);
  const close = raw.messages.at(-1);
  assert.equal(close.type, 7, JSON.stringify(close));
  assert.equal(close.allowReconnect, true);
  assert.ok(raw.messages.some(({ target }) => target === "ReceiveMessage"), "the raw client heard the load");
  const farewell = raw.messages.at(-2);
  assert.equal(farewell.target, "ServiceStopping", JSON.stringify(farewell));
  assert.ok(farewell.arguments[0].reconnectAfterMs <= 2_000);
  await within("onreconnecting", reconnecting);

  await service.start();
  await within("onreconnected", reconnected);
  const slow = { conversationId: "stop-1", key: "half-sent", content: "slowly", sentMs: termMs, answeredMs: termMs + exitMs };
  log.entries.push({ ...slow, outcome: answer.includes(" 202 ") ? "ok" : "refused" });
  await settle(service, log, conversations);
  const result = checkDelivery({ writes: log.entries, stored: await readHistories(service, conversations) });
  t.diagnostic(`exit after ${exitMs.toFixed(0)} ms; ${describe(result)}`);
  assert.deepEqual(result.faults, []);
  assert.ok(result.counts.ok > 100, "too little load to say anything");
});

test("SIGTERM: each client is told another time to come back", async (t) => {
  const service = await startService(t, { conversations: ["conv-123"], settings: { "Shutdown:ReconnectWithinMs": 60_000 } });
  const clients = await Promise.all(Array.from({ length: 20 }, () => rawHubClient(service, "conv-123")));
  await service.kill("SIGTERM");
  await within("the clients' ends", Promise.all(clients.map(({ closed }) => closed)));
  const waits = clients.map(({ messages }) => messages.find(({ target }) => target === "ServiceStopping").arguments[0].reconnectAfterMs);
  assert.ok(waits.every((wait) => Number.isInteger(wait) && wait >= 0 && wait <= 60_000), `${waits}`);
  // 20 of one uniform random number lie closer together than this once in 10^11.
  assert.ok(Math.max(...waits) - Math.min(...waits) > 10_000, `${waits}`);
});

test("SIGTERM: everything accepted is stored before the exit, so the next start has nothing to repair", async (t) => {
  const service = await startService(t, { conversations: ["conv-123"] });
  const log = new WriteLog();
  const writes = await Promise.all(Array.from({ length: 300 }, () => log.write(service, "conv-123")));
  assert.ok(writes.every(({ outcome }) => outcome === "ok"));
  assert.deepEqual(await service.kill("SIGTERM"), { code: 0, signal: null });
  await service.start();
  const stored = new Map([["conv-123", await readHistory(service, "conv-123")]]); // read at once: nothing left to do
  assert.deepEqual(checkDelivery({ writes: log.entries, stored }).faults, []);
});

test("SIGINT ends the service like SIGTERM does", async (t) => {
  const service = await startService(t);
  assert.deepEqual(await service.kill("SIGINT"), { code: 0, signal: null });
});

test("a service without a request in its life stops at once", async (t) => {
  const service = await startService(t);
  const startedMs = performance.now();
  assert.deepEqual(await service.kill("SIGTERM"), { code: 0, signal: null });
  const tookMs = performance.now() - startedMs;
  t.diagnostic(`stopped in ${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs < 2000, `${tookMs.toFixed(0)} ms`);
});

test("a start with an empty data folder takes less than half a second", async (t) => {
  const tookMs = [];
  for (let i = 0; i < 5; i += 1) {
    const startedMs = performance.now();
    const service = await startService(t);
    tookMs.push(performance.now() - startedMs);
    await service.stop();
  }
  tookMs.sort((a, b) => a - b);
  t.diagnostic(`spawn to "Now listening": ${tookMs.map((ms) => ms.toFixed(0)).join(", ")} ms`);
  assert.ok(tookMs[0] < 500, "the fastest of five, because other work on the machine is not the service's");
});

test("kill -9 and a start on the same folder: ready at once, the message is there", async (t) => {
  const service = await startService(t);
  const log = new WriteLog();
  assert.equal((await log.write(service, "conv-123")).outcome, "ok");
  assert.deepEqual(await service.kill("SIGKILL"), { code: null, signal: "SIGKILL" });
  const startedMs = performance.now();
  await service.start();
  const tookMs = performance.now() - startedMs;
  t.diagnostic(`restart in ${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs < 3000, `${tookMs.toFixed(0)} ms`);
  await settle(service, log, ["conv-123"]);
  const stored = await readHistories(service, ["conv-123"]);
  assert.deepEqual(checkDelivery({ writes: log.entries, stored }).faults, []);
});

test("a second service on the same folder says who has it, exits 2, and does no harm", async (t) => {
  const service = await startService(t);
  const second = ["serve", "--Urls=http://127.0.0.1:0", `--Providers:DataDirectory=${service.dataDirectory}`];
  const { code, stderr } = await runVerb(second);
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`in use by process ${service.pid}`));
  assert.equal((await new WriteLog().write(service, "conv-123")).outcome, "ok");
});

test("a port that is taken is said, and the exit code is 1", async (t) => {
  const squatter = net.createServer().listen(0, "127.0.0.1");
  t.after(() => squatter.close());
  await new Promise((resolve) => squatter.once("listening", resolve));
  const { port } = squatter.address();
  const { code, stderr } = await runVerb(["serve", `--Urls=http://127.0.0.1:${port}`, `--Providers:DataDirectory=${temporaryFolder(t)}`]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${port}.*in use`));
});

test("what is accepted and not stored is pending, and the next start stores it", async (t) => {
  const dataDirectory = temporaryFolder(t);
  const log = new WriteLog();
  const front = await startService(t, { dataDirectory, settings: waitsForMore });
  for (let i = 0; i < 20; i += 1) assert.equal((await log.write(front, "conv-123")).outcome, "ok");
  assert.deepEqual(await readHistory(front, "conv-123"), []);
  const pending = await request(`${messagesUrl(front.url, "conv-123")}/by-temporary-id/${log.entries[0].key}`);
  assert.deepEqual([pending.status, pending.body], [202, { status: "Pending" }]);
  await front.kill("SIGKILL");

  const full = await startService(t, { dataDirectory });
  await settle(full, log, ["conv-123"]);
  const result = checkDelivery({ writes: log.entries, stored: await readHistories(full, ["conv-123"]) });
  assert.deepEqual(result.faults, []);
  assert.equal(result.counts.stored, 21);
});

test("roles that leave the data folder without somebody to store or to read are refused, exit 2", async (t) => {
  for (const [roles, ...missing] of [["api", "persister", "hub"], ["api,hub", "persister"], ["api,persister", "hub"], ["persister", "hub"]]) {
    const dataDirectory = temporaryFolder(t);
    const { code, stderr } = await runVerb(["serve", "--roles", roles, "--Urls=http://127.0.0.1:0", `--Providers:DataDirectory=${dataDirectory}`]);
    assert.equal(code, 2, `${roles}: ${stderr}`);
    for (const role of missing) assert.match(stderr, new RegExp(`the role ${role} is missing`));
    assert.deepEqual(readdirSync(dataDirectory), [], "nothing was made");
  }
});

test("an unknown role is named, exit 2", async (t) => {
  const { code, stderr } = await runVerb(["serve", "--roles", "api,cook", `--Providers:DataDirectory=${temporaryFolder(t)}`]);
  assert.equal(code, 2);
  assert.match(stderr, /'cook' is no role/);
});
