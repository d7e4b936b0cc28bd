// A client that loses its socket and goes on with another one as if nothing had been.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { HUB, OPCODE, connectHub, frame, negotiate, openSocket, record, signalR, upgradeRequest } from "../support/hub.mjs";
import { connected, get, goodMessage, history, postMessage } from "../support/http.mjs";
import { Proxy } from "../support/proxy.mjs";
import { WAIT_MS, sharedScope, sleep, startService, until, within } from "../support/service.mjs";

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const { WebSockets } = signalR.HttpTransportType;
const CUTS = 100;

let service;
const scope = sharedScope();
before(async () => {
  service = await startService(scope, {
    conversations: ["conv-123", "cut-json", "cut-messagepack", "abandoned", "cut-again"],
    settings: { "Server:Threads": 3, "Hub:DisconnectTimeoutMs": 2_000 },
  });
});

const openConnections = async () => [...(await get(service, "/metrics")).text
  .matchAll(/^message_service_hub_connections\{[^}]*\} (\S+)$/gm)].reduce((sum, [, value]) => sum + Number(value), 0);

async function connectThrough(t, proxy, options = {}) {
  const client = await connectHub(t, service, { stateful: true, url: proxy.url, http: { transport: WebSockets }, ...options });
  client.id = client.connection.connectionId;
  return client;
}

for (const protocol of ["json", "messagepack"]) {
  test(`${CUTS} cuts under traffic both ways: nothing is missed, nothing comes twice (${protocol})`, async (t) => {
    const conversationId = `cut-${protocol}`;
    const proxy = await Proxy.start(t, service.port);
    const client = await connectThrough(t, proxy, { protocol });
    await client.join(conversationId, 0);
    const closed = client.closed.then((error) => assert.fail(`closed: ${error}`));

    let cutting = true;
    t.after(() => (cutting = false));
    let posted = 0;
    const others = (async () => { // from outside, to be received
      while (cutting) {
        await postMessage(service, { content: `from outside ${++posted}` }, { conversationId });
        await sleep(2);
      }
    })();
    let called = 0;
    const calls = []; // by the client, to be answered
    const calling = (async () => {
      while (cutting) {
        const content = `by the client ${++called}`;
        calls.push(client.connection.invoke("SendMessage", conversationId, { ...goodMessage, content }).then((answer) => assert.equal(answer.content, content)));
        await sleep(3);
      }
    })();

    for (let n = 1; n <= CUTS; n++) {
      await Promise.race([until(`a socket after cut ${n - 1}`, () => proxy.established > 0, WAIT_MS, 1), closed]);
      await sleep(Math.random() * 40);
      proxy.cut();
    }
    cutting = false;
    await Promise.all([others, calling]);
    await Promise.race([within("every answer", Promise.all(calls)), closed]);
    const total = posted + called;
    await Promise.race([client.receivedUpTo(total, conversationId), closed]);
    assert.deepEqual(client.sequences(conversationId), range(1, total));
    assert.deepEqual(client.received, await history(service, conversationId));
    assert.equal(new Set(client.received.map(({ content }) => content)).size, total, "each call was done once");
    assert.equal(client.connection.connectionId, client.id, "it is the same connection");
    assert.ok(proxy.accepted > CUTS / 2, `${proxy.accepted} sockets`);
    t.diagnostic(`${posted} messages received, ${called} calls answered over ${proxy.accepted} sockets`);
  });
}

test("a socket that still looks alive gives way to the new one", async (t) => {
  const proxy = await Proxy.start(t, service.port);
  const client = await connectThrough(t, proxy);
  await client.join("abandoned", 0);
  for (let n = 1; n <= 10; n++) {
    await until("a socket", () => proxy.established > 0, WAIT_MS, 1);
    const left = proxy.abandon();
    await postMessage(service, {}, { conversationId: "abandoned" });
    await client.receivedUpTo(n, "abandoned");
    for (const socket of left) socket.destroy();
  }
  assert.deepEqual(client.sequences("abandoned"), range(1, 10));
  assert.equal(client.connection.connectionId, client.id);
});

// It acknowledges what it has seen at any time, but refuses a Sequence behind what it has counted on this socket.
test("a client that has acknowledged what comes again, and not counted it yet, may lose that socket too", async (t) => {
  const proxy = await Proxy.start(t, service.port);
  const client = await connectThrough(t, proxy);
  const { _messageBuffer: buffer } = client.connection; // to see when it does so; nothing outside tells
  await client.join("cut-again", 0);
  for (let n = 1; n <= 5; n++) await postMessage(service, {}, { conversationId: "cut-again" });
  await client.receivedUpTo(5, "cut-again");
  proxy.firstFrameOnly = true;
  proxy.cut();
  await until("a socket", () => proxy.established > 0, WAIT_MS, 1);
  await until("its Ack", () => buffer._ackTimerHandle === undefined);
  t.diagnostic(`${buffer._latestReceivedSequenceId} seen, ${buffer._nextReceivingSequenceId - 1} counted on this socket`); // 6 and 0
  await sleep(100); // for the Ack to arrive
  proxy.firstFrameOnly = false;
  proxy.cut();
  await postMessage(service, {}, { conversationId: "cut-again" });
  await Promise.race([client.receivedUpTo(6, "cut-again"), client.closed.then((error) => assert.fail(`closed: ${error}`))]);
  assert.deepEqual(client.sequences("cut-again"), range(1, 6));
  assert.equal(client.connection.connectionId, client.id);
});

test("what is sent while there is no socket waits for the next one", async (t) => {
  const proxy = await Proxy.start(t, service.port);
  const client = await connectThrough(t, proxy);
  const { lastSequence } = await client.join("conv-123");
  const posting = [];
  proxy.cut();
  for (let n = 0; n < 20; n++) posting.push(postMessage(service));
  await Promise.all(posting);
  await client.receivedUpTo(lastSequence + 20);
  assert.deepEqual(client.sequences(), range(lastSequence + 1, lastSequence + 20));
});

test("calls faster than their answers are acknowledged wait for their turn, over a cut too", async (t) => {
  const narrow = await startService(t, { settings: { "Limits:HubEgressBytes": 65_536 } });
  const proxy = await Proxy.start(t, narrow.port);
  const client = await connectHub(t, narrow, { stateful: true, url: proxy.url, http: { transport: WebSockets } });
  const closed = client.closed.then((error) => assert.fail(`closed: ${error}`));
  const calls = range(1, 220).map(async (n) => { // 85 kB of answers, where 65 kB may be unacknowledged
    const content = `${n} ${"x".repeat(100)}`;
    assert.equal((await client.connection.invoke("SendMessage", "conv-123", { ...goodMessage, content })).content, content);
  });
  await sleep(300);
  proxy.cut();
  await Promise.race([within("every answer", Promise.all(calls)), closed]);
  await until("all stored, and each once", async () => (await history(narrow)).length === 220);
});

test("is not given to whom has not asked, and not at all where it is off", async (t) => {
  assert.equal("useStatefulReconnect" in await negotiate(service), false);
  assert.equal("useStatefulReconnect" in await negotiate(service, "?negotiateVersion=1&useStatefulReconnect=false"), false);
  assert.equal((await negotiate(service, "?negotiateVersion=1&useStatefulReconnect=true")).useStatefulReconnect, true);
  const off = await startService(t, { settings: { "Hub:StatefulReconnect": false } });
  assert.equal("useStatefulReconnect" in await negotiate(off, "?negotiateVersion=1&useStatefulReconnect=true"), false);
  const client = await connectHub(t, off, { stateful: true });
  await client.join("conv-123");
});

describe("the rules", () => {
  const QUERY = "?negotiateVersion=1&useStatefulReconnect=true";
  const LEAVE = { type: 1, target: "LeaveConversation", arguments: ["x"] };
  const call = (n) => ({ ...LEAVE, invocationId: `${n}` });

  /** A bare client with version 2; `token` is what it comes back with. */
  async function open(t, version = 2) {
    const { connectionToken: token } = await negotiate(service, QUERY);
    const socket = await openSocket(t, service, { token });
    socket.write(frame(record({ protocol: "json", version })));
    assert.deepEqual(JSON.parse((await socket.frame()).payload.toString().slice(0, -1)), {}, "the answer stands alone");
    return { token, socket };
  }
  const back = (t, token) => openSocket(t, service, { token });
  const refused = async (token) => connected(service.port, async (connection) => {
    connection.write(upgradeRequest(`?id=${token}`));
    return (await connection.response()).status;
  });
  // An Ack of the server may come at any moment: about once a second it acknowledges what it has not yet.
  const next = async (socket) => {
    for (;;) {
      const message = await socket.messageButPing();
      if (message.type !== 8) return message;
    }
  };
  const drop = (socket) => socket.connection.close();

  test("Sequence names the first message that was not acknowledged, then they come again", async (t) => {
    const { token, socket } = await open(t);
    socket.send({ type: 6 }, call(1), call(2), call(3));
    for (const n of [1, 2, 3]) assert.equal((await next(socket)).invocationId, `${n}`);
    socket.send({ type: 8, sequenceId: 1 });
    await socket.wasRead();
    drop(socket);
    const again = await back(t, token);
    assert.deepEqual(await again.message(), { type: 9, sequenceId: 2 });
    assert.equal((await next(again)).invocationId, "2");
    assert.equal((await next(again)).invocationId, "3");
    again.send({ type: 9, sequenceId: 4 }, { type: 8, sequenceId: 3 }, call(4));
    assert.equal((await next(again)).invocationId, "4");
    again.send({ type: 8, sequenceId: 4 });
    await again.wasRead();
    drop(again);
    const third = await back(t, token);
    assert.deepEqual(await third.message(), { type: 9, sequenceId: 5 }, "one behind the last, when nothing is left");
  });

  test("Sequence names what is counted for certain, and stand-ins follow for what was acknowledged since", async (t) => {
    const { token, socket } = await open(t);
    socket.send({ type: 6 }, call(1), call(2));
    for (const n of [1, 2]) assert.equal((await next(socket)).invocationId, `${n}`);
    drop(socket);
    const second = await back(t, token);
    assert.deepEqual(await second.message(), { type: 9, sequenceId: 1 });
    second.send({ type: 9, sequenceId: 3 }, { type: 8, sequenceId: 2 }); // of the first socket, whatever has come on this one
    await second.wasRead();
    drop(second);
    const third = await back(t, token);
    assert.deepEqual(await third.message(), { type: 9, sequenceId: 1 });
    for (const n of [1, 2]) assert.deepEqual(await next(third), { type: 3, invocationId: "-" }, `in place of ${n}`);
    third.send({ type: 9, sequenceId: 3 }, call(3));
    assert.equal((await next(third)).invocationId, "3");
    third.send({ type: 8, sequenceId: 3 });
    await third.wasRead();
    drop(third);
    const fourth = await back(t, token);
    assert.deepEqual(await fourth.message(), { type: 9, sequenceId: 4 });
  });

  test("what the client sends again is done once, and acknowledged again", async (t) => {
    const { token, socket } = await open(t);
    socket.send({ type: 6 }, call(1), call(2));
    assert.equal((await next(socket)).invocationId, "1");
    assert.equal((await next(socket)).invocationId, "2");
    assert.deepEqual(await socket.messageButPing(), { type: 8, sequenceId: 2 });
    drop(socket);
    const again = await back(t, token);
    assert.equal((await again.message()).type, 9);
    again.send(call(9), { type: 9, sequenceId: 1 }, call(1), call(2), call(3)); // nothing counts before Sequence
    const answers = [];
    while (answers.at(-1) !== "3") answers.push((await next(again)).invocationId);
    assert.deepEqual(answers, ["1", "2", "3"], "1 and 2 are the old answers, not acknowledged");
    assert.deepEqual(await again.messageButPing(), { type: 8, sequenceId: 3 });
  });

  for (const sequenceId of [0, -1, 3, 1e15]) {
    test(`Sequence ${sequenceId} after one message ends the connection`, async (t) => {
      const { token, socket } = await open(t);
      socket.send({ type: 6 }, call(1));
      await next(socket);
      drop(socket);
      const again = await back(t, token);
      assert.equal((await again.message()).type, 9);
      await next(again);
      again.send({ type: 9, sequenceId });
      const close = await next(again);
      assert.equal(close.type, 7);
      assert.match(close.error, /^Connection closed with an error\./);
      assert.equal(await again.message(), null);
    });
  }

  test("an Ack of what was never sent ends the connection", async (t) => {
    const { socket } = await open(t);
    socket.send({ type: 6 }, { type: 8, sequenceId: 5 });
    assert.equal((await next(socket)).type, 7);
  });

  test("what is to be counted waits for the client's first message, but not for ever", async (t) => {
    const { token, socket } = await open(t);
    const started = performance.now();
    drop(socket);
    const quiet = await back(t, token); // has said nothing at all yet
    assert.deepEqual(await quiet.message(), { type: 9, sequenceId: 1 });
    assert.ok(performance.now() - started < 2_000);
  });

  test("half a message on the old socket is not finished on the new one", async (t) => {
    const { token, socket } = await open(t);
    socket.send({ type: 6 });
    socket.write(frame(record(call(1)).slice(0, 30)));
    await socket.wasRead();
    drop(socket);
    const again = await back(t, token);
    assert.deepEqual(await again.message(), { type: 9, sequenceId: 1 });
    again.send({ type: 9, sequenceId: 1 }, call(1));
    assert.equal((await next(again)).invocationId, "1");
  });

  test("a Close frame is final", async (t) => {
    const { token, socket } = await open(t);
    socket.write(frame("", { opcode: OPCODE.close }));
    assert.equal((await socket.frame()).opcode, OPCODE.close);
    await until("forgotten", async () => (await refused(token)) === 404);
  });

  test("so is a Close message", async (t) => {
    const { token, socket } = await open(t);
    socket.send({ type: 7 });
    assert.equal(await socket.messageButPing(), null);
    await until("forgotten", async () => (await refused(token)) === 404);
  });

  test("who does not come back in time is forgotten", async (t) => {
    await until("those of other tests to be gone", async () => (await openConnections()) === 0);
    const { token, socket } = await open(t);
    socket.send({ type: 6 });
    await socket.wasRead();
    drop(socket);
    await sleep(1_000);
    assert.equal(await openConnections(), 1, "it is waited for");
    await sleep(2_500);
    assert.equal(await refused(token), 404);
    assert.equal(await openConnections(), 0);
  });

  test("with version 1 nothing is counted, and a second socket is refused", async (t) => {
    const { token, socket } = await open(t, 1);
    socket.send({ type: 6 }, call(1));
    assert.equal((await next(socket)).invocationId, "1");
    assert.equal(await refused(token), 409);
    drop(socket);
    await until("forgotten", async () => (await refused(token)) === 404);
  });

  test("version 2 without negotiation is served without it", async (t) => {
    const socket = await openSocket(t, service, { token: null });
    socket.write(frame(record({ protocol: "json", version: 2 })));
    assert.deepEqual(await socket.message(), {});
    socket.send(call(1));
    assert.equal((await next(socket)).invocationId, "1");
  });
});

test("a client that comes back too late starts anew, where it may", async (t) => {
  const proxy = await Proxy.start(t, service.port);
  const client = await connectThrough(t, proxy, { reconnect: [0, 3_000, ...Array(100).fill(100)] });
  const reconnected = new Promise((done) => client.connection.onreconnected(done));
  await client.join("conv-123");
  await fetch(`${service.url}${HUB}`, { method: "DELETE" }); // has no meaning here
  proxy.cut();
  await until("back on a new socket", () => proxy.established > 0);
  await client.join("conv-123");
  await service.restart();
  await within("a new connection", reconnected);
  assert.notEqual(client.connection.connectionId, client.id);
});
