// The hub, as Microsoft's client and a bare WebSocket see it.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  HANDSHAKE, OPCODE, connectHub, frame, negotiate, openSocket, record, signalR, upgradeRequest,
} from "../support/hub.mjs";
import { besidesHistory, connected, get, goodMessage, history, post, postMessage } from "../support/http.mjs";
import { sharedScope, sleep, startService, until, within } from "../support/service.mjs";

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const unexpected = (method, error) => `An unexpected error occurred invoking '${method}' on the server. HubException: ${error}`;
const failsWith = (promise, expected) =>
  assert.rejects(promise, (error) => {
    if (expected instanceof RegExp) assert.match(error.message, expected);
    else assert.equal(error.message, expected);
    return true;
  });

const metric = async (service, name) =>
  Number((await get(service, "/metrics")).text.match(new RegExp(`^message_service_${name}(?:\\{[^}]*\\})? (\\S+)$`, "m"))?.[1]);

/** `count` messages over `lanes` connections, each one at a time. */
async function postMany(service, count, { lanes = 4, conversationId = "conv-123", content = (n) => `number ${n}`, pause } = {}) {
  let next = 0;
  await Promise.all(range(1, lanes).map(() => connected(service.port, async (connection) => {
    while (next < count) {
      connection.write(post({ ...goodMessage, content: content(++next) }, { conversationId }));
      assert.equal((await connection.response()).status, 202);
      await pause?.();
    }
  })));
}

let service;
const scope = sharedScope();
before(async () => {
  service = await startService(scope, {
    conversations: ["conv-123", "conv-fast", "conv-replay", "conv-leave", "conv-send", "conv-quiet"],
    settings: { "Limits:HubSubscriptions": 6 },
  });
});

describe("Microsoft's client", () => {
  test("gets what is posted, exactly as it is stored", async (t) => {
    const client = await connectHub(t, service);
    const joined = await client.join("conv-123");
    assert.deepEqual(besidesHistory(joined), { conversationId: "conv-123", lastSequence: 0 });
    const content = 'quotes " \\ \u0001 \u2028 ☃ 😀';
    const { json } = await postMessage(service, { content }, { headers: { "X-Correlation-ID": "corr-hub" } });
    await client.receivedUpTo(1);
    assert.equal(client.received.length, 1);
    assert.equal(client.received[0].temporaryMessageId, json.id);
    assert.equal(client.received[0].content, content);
    assert.equal(client.received[0].correlationId, "corr-hub");
    assert.deepEqual(client.received, await history(service));
  });

  test("gets it within 10 ms of the POST, in the median", async (t) => {
    const client = await connectHub(t, service);
    await client.join("conv-fast");
    const round = () => connected(service.port, async (connection) => {
      const times = [];
      for (let n = 0; n < 60; n++) {
        const arrived = new Promise((done) => (client.onReceived = () => done(performance.now())));
        const started = performance.now();
        connection.write(post(goodMessage, { conversationId: "conv-fast" }));
        assert.equal((await connection.response()).status, 202);
        times.push((await within("the message", arrived)) - started);
      }
      return times.sort((a, b) => a - b);
    });
    let best = [Infinity];
    const middle = (times) => times[Math.floor(times.length / 2)];
    for (let rounds = 0; rounds < 3 && middle(best) >= 10; rounds++) { // others may use the machine's cores
      const times = await round();
      if (middle(times) < middle(best)) best = times;
    }
    t.diagnostic(`POST to receipt: median ${middle(best).toFixed(2)} ms, best ${best[0].toFixed(2)} ms, worst ${best.at(-1).toFixed(2)} ms`);
    assert.ok(middle(best) < 10, `${middle(best)} ms`);
  });

  test("replays everything from the beginning, then goes on live, while others write", async (t) => {
    const conversationId = "conv-replay";
    const count = 300;
    await postMany(service, 50, { conversationId });
    let written = 50;
    const writing = postMany(service, count - 50, { conversationId, pause: () => { written++; return sleep(Math.random() * 8); } });
    const clients = await Promise.all(range(0, 7).map(async (n) => {
      await until("a moment to join", () => written >= 50 + n * 30);
      const after = n % 2 === 0 ? 0 : Math.floor(Math.random() * 40);
      const client = await connectHub(t, service);
      const { lastSequence } = await client.join(conversationId, after);
      assert.ok(lastSequence >= 0 && lastSequence <= count);
      return { client, after };
    }));
    await writing;
    const stored = await until("all stored", async () => {
      const messages = await history(service, conversationId);
      return messages.length === count && messages;
    });
    for (const { client, after } of clients) {
      await client.receivedUpTo(count, conversationId);
      assert.deepEqual(client.sequences(conversationId), range(after + 1, count));
      assert.deepEqual(client.received, stored.slice(after));
    }
  });

  test("that leaves and joins again while others write has no gap and no double", async (t) => {
    const conversationId = "conv-leave";
    const client = await connectHub(t, service);
    await client.join(conversationId, 0);
    let going = true;
    let count = 0;
    const writing = connected(service.port, async (connection) => {
      while (going) {
        connection.write(post(goodMessage, { conversationId }));
        assert.equal((await connection.response()).status, 202);
        count++;
        await sleep(2);
      }
    });
    for (let n = 0; n < 15; n++) {
      await sleep(Math.random() * 30);
      await client.leave(conversationId);
      const last = client.sequences(conversationId).at(-1) ?? 0;
      await client.join(conversationId, last);
    }
    await client.join(conversationId, client.sequences(conversationId).at(-1) ?? 0); // without leaving first
    going = false;
    await writing;
    await client.receivedUpTo(count, conversationId);
    const seen = client.sequences(conversationId);
    // What was under way while the client joined anew may come again: it asked for it. Never a gap, never backwards
    // except to where it asked to begin.
    assert.deepEqual([...new Set(seen)], range(1, count));
    await client.leave(conversationId);
    const before = client.received.length;
    await postMessage(service, {}, { conversationId });
    await until("stored", async () => (await history(service, conversationId)).length === count + 1);
    await client.join("conv-quiet"); // an answer behind which an announcement would have come
    await sleep(100);
    assert.equal(client.received.length, before, "nothing after leaving");
  });

  test("is told what went wrong", async (t) => {
    const client = await connectHub(t, service);
    await failsWith(client.join("nowhere"), unexpected("JoinConversation", "there is no such conversation"));
    await failsWith(client.connection.invoke("NoSuchMethod", 1),
      "Failed to invoke 'NoSuchMethod' due to an error on the server. HubException: Method does not exist.");
    for (const [method, ...args] of [
      ["JoinConversation"], ["JoinConversation", 5], ["JoinConversation", "conv-123", -1], ["JoinConversation", "conv-123", "x"],
      ["JoinConversation", "conv-123", 1.5], ["JoinConversation", "conv-123", 0, 0], ["LeaveConversation"], ["SendMessage", "conv-123"],
      ["SendMessage", "conv-123", "text"], ["SendMessage", {}, "conv-123"],
    ]) {
      await failsWith(client.connection.invoke(method, ...args), `Failed to invoke '${method}' due to an error on the server.`);
    }
    await assert.rejects(new Promise((next, error) => client.connection.stream("JoinConversation", "conv-123").subscribe({ next, error, complete: next })),
      { message: "The client attempted to invoke the non-streaming 'JoinConversation' method with a streaming invocation." });
    assert.equal(await client.connection.invoke("leaveconversation", "never joined"), undefined, "method names without regard to case");
    assert.equal(client.connection.state, signalR.HubConnectionState.Connected);
  });

  test("is told details when Hub:DetailedErrors is on", async (t) => {
    const detailed = await startService(t, { settings: { "Hub:DetailedErrors": true } });
    const client = await connectHub(t, detailed);
    await failsWith(client.connection.invoke("JoinConversation"), /InvalidDataException: Invocation provides 0 argument\(s\) but target expects/);
  });

  test("sends messages, with the answer of a POST", async (t) => {
    const client = await connectHub(t, service);
    await client.join("conv-send");
    const answer = await client.send("conv-send", { ...goodMessage, temporaryMessageId: "from the hub" });
    assert.deepEqual(Object.keys(answer), ["id", "conversationId", "senderId", "senderType", "content", "status", "sentAt", "correlationId"]);
    assert.equal(answer.id, "from the hub");
    assert.equal(answer.content, goodMessage.content);
    await client.receivedUpTo(1, "conv-send");
    assert.equal(client.received[0].temporaryMessageId, "from the hub");

    await failsWith(client.send("conv-send", { senderId: "", senderType: "Nobody", content: 5 }),
      /^An unexpected error occurred invoking 'SendMessage' on the server\. HubException: (?=.*senderId)(?=.*senderType)(?=.*content)/);
    await failsWith(client.send("nowhere", goodMessage), unexpected("SendMessage", "there is no such conversation"));
    await failsWith(client.send("conv-send", { ...goodMessage, content: "x".repeat(16_385) }), /content/);
    await failsWith(client.send("conv-send", { ...goodMessage, content: "other", temporaryMessageId: "from the hub" }), /other content/);
    assert.equal((await history(service, "conv-send")).length, 1);
    assert.deepEqual(client.rejected, []);
  });

  test("may join so many conversations and no more", async (t) => {
    const client = await connectHub(t, service);
    for (const id of ["conv-123", "conv-fast", "conv-replay", "conv-leave", "conv-send", "conv-quiet"]) await client.join(id);
    await fetch(`${service.url}/api/conversations`, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"id":"seventh","participants":[]}' });
    await failsWith(client.join("seventh"), /6 conversations/);
    await client.join("conv-123");
    await client.leave("conv-fast");
    await client.join("seventh");
  });

  test("is not cut for a large batch that it reads as fast as it comes", async (t) => {
    const batching = await startService(t, { settings: {
      "MessagePersistence:BatchSize": 150, "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 5_000 } });
    const client = await connectHub(t, batching);
    await client.join("conv-123");
    await postMany(batching, 150, { lanes: 16, content: () => "x".repeat(16_000) }); // 2.4 MB in one batch
    const cut = client.closed.then((error) => assert.fail(`closed after ${client.received.length} messages: ${error}`));
    await Promise.race([client.receivedUpTo(150), cut]);
    assert.deepEqual(client.sequences(), range(1, 150));
    assert.equal(client.connection.state, signalR.HubConnectionState.Connected);
    assert.equal(await metric(batching, "hub_slow_clients_closed_total"), 0);
  });
});

for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`Microsoft's client comes back by itself after ${signal} and misses nothing`, async (t) => {
    const mortal = await startService(t);
    const client = await connectHub(t, mortal, { reconnect: [0, ...Array(100).fill(100)] });
    const reconnected = new Promise((done) => client.connection.onreconnected(async () => {
      done(await client.join("conv-123", client.sequences().at(-1) ?? 0));
    }));
    await client.join("conv-123", 0);
    await postMany(mortal, 10);
    await client.receivedUpTo(10);
    const exit = await mortal.kill(signal);
    if (signal === "SIGTERM") assert.deepEqual(exit, { code: 0, signal: null });
    await mortal.start();
    await postMany(mortal, 10, { content: (n) => `after the restart ${n}` });
    await within("the client's return", reconnected);
    await postMany(mortal, 10, { content: (n) => `after the return ${n}` });
    await client.receivedUpTo(30);
    assert.deepEqual(client.sequences(), range(1, 30));
    assert.deepEqual(client.received, await history(mortal));
  });
}

test("a client that reads nothing is closed, and another one does not notice", async (t) => {
  const bounded = await startService(t, { settings: { "Limits:HubEgressBytes": 524_288 } });
  const slow = await (await openSocket(t, bounded)).shakeHands();
  slow.send({ type: 1, invocationId: "1", target: "JoinConversation", arguments: ["conv-123"] });
  assert.equal((await slow.message()).type, 3);
  const good = await connectHub(t, bounded);
  await good.join("conv-123");
  slow.connection.pause();

  let sent = 0;
  const started = performance.now();
  const closed = () => metric(bounded, "hub_slow_clients_closed_total");
  while ((await closed()) === 0) {
    assert.ok(performance.now() - started < 30_000, "a client that reads nothing is still connected");
    await postMany(bounded, 50, { lanes: 2, content: () => "x".repeat(16_000) });
    sent += 50;
    await sleep(200); // it is given some seconds, while the rest stays in the store and not in memory
  }
  slow.connection.resume(); // at once: it has some seconds to read the last words
  await postMany(bounded, 10);
  sent += 10;
  await good.receivedUpTo(sent);
  assert.deepEqual(good.sequences(), range(1, sent));
  assert.equal(await closed(), 1);

  let last = null;
  for (let message; (message = await slow.message()) !== null;) last = message;
  assert.equal(last?.type, 7, "the last thing it reads is Close");
  assert.equal(last.allowReconnect, true);
  t.diagnostic(`closed after ${sent - 10} messages of 16 kB: ${last.error}`);
});

describe("keeping alive", () => {
  let brisk;
  const own = sharedScope();
  before(async () => {
    brisk = await startService(own, { settings: { "Hub:KeepAliveIntervalMs": 200, "Hub:ClientTimeoutMs": 2_500, "Hub:HandshakeTimeoutMs": 500 } });
  });

  test("the server pings", async (t) => {
    const socket = await (await openSocket(t, brisk)).shakeHands();
    for (let n = 0; n < 2; n++) assert.deepEqual(await socket.message(5_000), { type: 6 });
  });

  test("a client that stops pinging is closed and may come back", async (t) => {
    const socket = await (await openSocket(t, brisk)).shakeHands();
    socket.send({ type: 6 });
    const started = performance.now();
    const close = await socket.messageButPing(8_000);
    assert.equal(close?.type, 7);
    assert.equal(close.allowReconnect, true);
    assert.ok(performance.now() - started >= 2_000, "not before its time");
    assert.equal(await socket.message(), null);
  });

  test("a client that pings stays", async (t) => {
    const client = await connectHub(t, brisk, { configure: (connection) => {
      connection.keepAliveIntervalInMilliseconds = 100;
      connection.serverTimeoutInMilliseconds = 4_000;
    } });
    await sleep(5_000);
    assert.equal(client.connection.state, signalR.HubConnectionState.Connected);
    await client.join("conv-123");
  });

  test("a client that never shakes hands is told and closed", async (t) => {
    const socket = await openSocket(t, brisk);
    assert.deepEqual(await socket.message(5_000), { error: "Handshake was canceled." });
    assert.equal(await socket.message(), null);
  });
});

describe("handshakes", () => {
  for (const [name, sent, error] of [
    ["an unknown protocol", record({ protocol: "carrier-pigeon", version: 1 }), "The protocol 'carrier-pigeon' is not supported."],
    ["an unknown version", record({ protocol: "json", version: 99 }), "The server does not support version 99 of the 'json' protocol."],
    ["no JSON", record("hello"), /^An unexpected error occurred during connection handshake\./],
    ["no object", record([]), /^An unexpected error occurred during connection handshake\./],
    ["no protocol", record({ version: 1 }), /^An unexpected error occurred during connection handshake\./],
    ["no version", record({ protocol: "json" }), /^An unexpected error occurred during connection handshake\./],
    ["a version that is no number", record({ protocol: "json", version: "1" }), /^An unexpected error occurred during connection handshake\./],
    ["an invocation first", record({ type: 1, target: "JoinConversation", arguments: [] }), /^An unexpected error occurred during connection handshake\./],
    ["40 000 bytes without an end", "x".repeat(40_000), /^An unexpected error occurred during connection handshake\./],
  ]) {
    test(`${name}: an error, then the end`, async (t) => {
      const socket = await openSocket(t, service);
      socket.write(frame(sent));
      const answer = await socket.message();
      assert.deepEqual(Object.keys(answer ?? {}), ["error"]);
      if (error instanceof RegExp) assert.match(answer.error, error);
      else assert.equal(answer.error, error);
      assert.equal(await socket.message(10_000), null, "before Hub:HandshakeTimeoutMs");
    });
  }

  test("in pieces, in a binary frame, and with a call right behind", async (t) => {
    const call = record({ arguments: ["conv-123"], target: "JoinConversation", invocationId: "7", type: 1 });
    const pieces = HANDSHAKE + call;
    for (const write of [
      (socket) => socket.write(frame(pieces)),
      (socket) => socket.write(frame(pieces, { opcode: OPCODE.binary })),
      (socket) => [...pieces].forEach((letter) => socket.write(frame(letter))),
      (socket) => socket.write(Buffer.concat([frame(pieces.slice(0, 5), { fin: false }), frame("", { opcode: OPCODE.ping }),
        frame(pieces.slice(5, 40), { opcode: OPCODE.continuation, fin: false }), frame(pieces.slice(40), { opcode: OPCODE.continuation })])),
      async (socket) => {
        for (const byte of frame(pieces)) {
          socket.write(Buffer.of(byte));
          await new Promise((done) => setImmediate(done));
        }
      },
    ]) {
      const socket = await openSocket(t, service);
      await write(socket);
      assert.deepEqual(await socket.message(), {});
      const completion = await socket.message();
      assert.equal(completion.type, 3);
      assert.equal(completion.invocationId, "7");
      assert.equal(completion.result.conversationId, "conv-123");
    }
  });

  test("without negotiation", async (t) => {
    await (await openSocket(t, service, { token: null })).shakeHands();
  });
});

describe("negotiation", () => {
  test("offers WebSockets, with ids that fit into a URL", async () => {
    const answer = await negotiate(service);
    assert.equal(answer.negotiateVersion, 1);
    assert.match(answer.connectionToken, /^[\w-]{16,}$/);
    assert.match(answer.connectionId, /^[\w-]{16,}$/);
    assert.notEqual(answer.connectionId, answer.connectionToken);
    assert.deepEqual(answer.availableTransports[0], { transport: "WebSockets", transferFormats: ["Text", "Binary"] });
    assert.equal("useStatefulReconnect" in answer && !answer.useStatefulReconnect, false);
  });

  test("in other versions", async () => {
    const old = await negotiate(service, "");
    assert.equal(old.negotiateVersion, 0);
    assert.equal("connectionToken" in old, false);
    assert.equal((await negotiate(service, "?negotiateVersion=5")).negotiateVersion, 1);
    assert.equal((await negotiate(service, "?NEGOTIATEVERSION=1")).negotiateVersion, 1);
    assert.equal(typeof (await negotiate(service, "?negotiateVersion=x")).error, "string");
  });

  test("two connections never share an id", async () => {
    const ids = (await Promise.all(range(1, 50).map(() => negotiate(service)))).map(({ connectionToken }) => connectionToken);
    assert.equal(new Set(ids).size, 50);
  });

  for (const [name, query, headers, status] of [
    ["an unknown id", "?id=nobody", {}, 404],
    ["an empty id, which counts as none", "?id=", {}, 101],
    ["a foreign origin", "", { Origin: "https://evil.example" }, 403],
    ["no key", "", { "Sec-WebSocket-Key": null }, 400],
    ["a key that is none", "", { "Sec-WebSocket-Key": "short" }, 400],
    ["another version", "", { "Sec-WebSocket-Version": "8" }, [400, 426]],
    ["no Upgrade", "", { Upgrade: null }, 400],
    ["no Connection: Upgrade", "", { Connection: "keep-alive" }, 400],
  ]) {
    test(`${name}: ${status}`, () => connected(service.port, async (connection) => {
      connection.write(upgradeRequest(query, headers));
      const response = await connection.response();
      assert.ok([status].flat().includes(response?.status), `${response?.status} ${response?.body}`);
    }));
  }

  test("the page's own origin may connect", () => connected(service.port, async (connection) => {
    connection.write(upgradeRequest("", { Host: `127.0.0.1:${service.port}`, Origin: service.url }));
    assert.equal((await connection.response()).status, 101);
  }));

  test("a second socket on one id: 409; and the id dies with the first", async (t) => {
    const { connectionToken } = await negotiate(service);
    const first = await (await openSocket(t, service, { token: connectionToken })).shakeHands();
    await connected(service.port, async (connection) => {
      connection.write(upgradeRequest(`?id=${connectionToken}`));
      assert.equal((await connection.response()).status, 409);
    });
    first.send({ type: 6 });
    first.connection.close();
    await until("the id is forgotten", () => connected(service.port, async (connection) => {
      connection.write(upgradeRequest(`?id=${connectionToken}`));
      return (await connection.response()).status === 404;
    }), 10_000); // before Hub:DisconnectTimeoutMs
  });
});

describe("what no good client sends", () => {
  const closesWith = async (t, input, { code, error } = {}) => {
    const socket = await (await openSocket(t, service)).shakeHands();
    socket.write(input);
    const close = await socket.messageButPing();
    if (close !== null) {
      assert.equal(close.type, 7, JSON.stringify(close));
      assert.match(close.error, error ?? /./);
    } else {
      assert.equal(error, undefined, "Close with an error comes first");
    }
    if (close !== null) assert.equal(await socket.message(), null);
    if (code) assert.ok([code].flat().includes(socket.closeCode), `close code ${socket.closeCode}`);
  };
  const withError = { error: /^Connection closed with an error\./ };

  for (const [name, input, expected] of [
    ["a message over 32 768 bytes", frame(record({ type: 1, target: "SendMessage", arguments: ["x".repeat(40_000)] })), withError],
    ["a message over the limit in pieces", Buffer.concat(range(1, 10).map(() => frame("x".repeat(8_000)))), withError],
    ["no JSON", frame(record("hello")), withError],
    ["no object", frame(record("[1]")), withError],
    ["an invocation without a target", frame(record({ type: 1, arguments: [] })), withError],
    ["an invocation without arguments", frame(record({ type: 1, target: "JoinConversation" })), withError],
    ["a type that is no number", frame(record({ type: "1", target: "x", arguments: [] })), withError],
    ["text that is not UTF-8", frame(Buffer.from([0x7b, 0xff, 0x1e])), { code: [1007, 1000, 1002] }],
    ["an unmasked frame", frame(record({ type: 6 }), { masked: false }), { code: 1002 }],
    ["a reserved opcode", frame("x", { opcode: 3 }), { code: 1002 }],
    ["a fragmented ping", frame("x", { opcode: OPCODE.ping, fin: false }), { code: 1002 }],
    ["a continuation of nothing", frame("x", { opcode: OPCODE.continuation }), { code: 1002 }],
    ["a ping of 126 bytes", frame("x".repeat(126), { opcode: OPCODE.ping }), { code: 1002 }],
    ["a frame of 2^62 bytes", Buffer.concat([Buffer.from([0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(40_000)]), {}],
    ["a frame of 2^63 bytes", Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), { code: [1002, 1009] }],
  ]) {
    test(`${name}: the end, and others live on`, async (t) => {
      await closesWith(t, input, expected);
      await (await openSocket(t, service)).shakeHands();
    });
  }

  test("unknown types and members are ignored, calls without an id never answered", async (t) => {
    const socket = await (await openSocket(t, service)).shakeHands();
    socket.write(frame(record(`{"type":1,"target":"x","arguments":${"[".repeat(10_000)}${"]".repeat(10_000)}}`)));
    socket.send({ type: 99, x: 1 }, { type: 6, more: true }, { type: 1, target: "NoSuchMethod", arguments: [] },
      { type: 1, target: "JoinConversation", arguments: [] }, { type: 3, invocationId: "unknown", result: 1 }, { type: 5, invocationId: "unknown" },
      { headers: { a: "b" }, arguments: ["conv-quiet"], target: "JoinConversation", invocationId: "only", type: 1 });
    const answer = await socket.messageButPing();
    assert.equal(answer.type, 3);
    assert.equal(answer.invocationId, "only");
  });

  test("a Close frame and a close message are answered in order", async (t) => {
    const polite = await (await openSocket(t, service)).shakeHands();
    polite.write(frame("", { opcode: OPCODE.close }));
    assert.equal((await polite.frame()).opcode, OPCODE.close);
    assert.equal(await polite.frame(), null);

    const leaving = await (await openSocket(t, service)).shakeHands();
    leaving.send({ type: 1, invocationId: "1", target: "LeaveConversation", arguments: ["conv-123"] }, { type: 7 });
    assert.equal((await leaving.message()).invocationId, "1", "what came before is still done");
    assert.equal(await leaving.messageButPing(), null);
    assert.equal(leaving.closeCode, 1000);
  });

  test("connections are all given back", async () => {
    await until("no open hub connections", async () => {
      const { text } = await get(service, "/metrics");
      return [...text.matchAll(/^message_service_hub_connections\{[^}]*\} (\S+)$/gm)].every(([, value]) => Number(value) === 0);
    }, 15_000, 100);
  });
});
