// Compression of WebSocket messages (permessage-deflate, RFC 7692): Microsoft's client, whose WebSocket in Node offers it,
// and a bare socket for what that client would never do. The rules of the extension itself are in
// websocket_conformance.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { buildConnection, versions } from "../support/conformance.mjs";
import { HANDSHAKE, HUB, OPCODE, connectHub, deflated, frame, negotiate, openSocket, record, signalR } from "../support/hub.mjs";
import { goodMessage, history, postMessage } from "../support/http.mjs";
import { Proxy } from "../support/proxy.mjs";
import { WAIT_MS, repositoryRoot, sharedScope, startService, until, within } from "../support/service.mjs";

const WebSocket = createRequire(join(repositoryRoot, "tests/clients/package.json"))("ws");
const AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const OFFER = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
const settings = { "Hub:Compression": true };

/** Prose of that many bytes, other for each seed, with letters that are no ASCII. */
function prose(bytes, seed = 1) {
  const words = ["school", "bus", "morgen", "grüße", "日本", "homework", "jacket", "thanks", "late"];
  let text = "";
  for (let n = seed; Buffer.byteLength(text) < bytes; n = (n * 48_271) % 2_147_483_647) text += `${words[n % words.length]} ${n % 97} `;
  return text;
}

/** Options for a client whose sockets, `sockets`, can be looked at. */
function observed() {
  const sockets = [];
  class Observed extends WebSocket {
    constructor(...args) {
      super(...args);
      sockets.push(this);
    }
    get bytes() {
      return { read: this._socket.bytesRead, written: this._socket.bytesWritten };
    }
  }
  return { sockets, http: { WebSocket: Observed, transport: signalR.HttpTransportType.WebSockets } };
}

let service;
const scope = sharedScope();
before(async () => {
  const conversations = ["conv-123", "mixed", "small", "resumed", "fragments", ...versions.flatMap(({ name }) => [`${name} json`, `${name} messagepack`])];
  service = await startService(scope, { conversations: conversations.map((id) => id.replace(" ", "-").replace(" ", "-")), settings });
});

for (const version of versions) {
  for (const protocol of ["json", "messagepack"]) {
    test(`${version.name} with ${protocol} sends and receives long messages compressed`, async (t) => {
      const conversationId = `${version.name} ${protocol}`.replace(" ", "-").replace(" ", "-");
      const { sockets, http } = observed();
      const connection = buildConnection(service, { version, protocol, transport: "WebSockets", path: HUB, http });
      const received = [];
      connection.on("ReceiveMessage", (message) => received.push(message.content));
      t.after(() => connection.stop());
      await within("start", connection.start());
      const [socket] = sockets;
      assert.equal(socket.extensions, "permessage-deflate", "agreed on");
      await connection.invoke("JoinConversation", conversationId, 0);

      const contents = [1, 2, 3, 4].map((seed) => prose(12_000, seed));
      const start = socket.bytes;
      for (const content of contents) {
        const answer = await within("the answer", connection.invoke("SendMessage", conversationId, { ...goodMessage, content }));
        assert.equal(answer.content, content);
      }
      await until("all received", () => received.length === contents.length);
      assert.deepEqual(received, contents);
      const written = socket.bytes.written - start.written;
      const read = socket.bytes.read - start.read;
      t.diagnostic(`48,000 bytes of content: ${written} bytes sent, ${read} received twice over, as answer and as message`);
      assert.ok(written < 4 * 12_000 / 2, `${written} bytes sent`);
      assert.ok(read < 2 * 4 * 12_000 / 2, `${read} bytes received`);
    });
  }
}

test("is off unless it is switched on", async (t) => {
  const usual = await startService(t);
  const { sockets, http } = observed();
  const client = await connectHub(t, usual, { http });
  assert.equal(sockets[0].extensions, "");
  assert.equal((await openSocket(t, usual, { headers: OFFER })).extensions, null);
  await client.join("conv-123", 0);
  await postMessage(usual, { content: prose(12_000) });
  await client.receivedUpTo(1);
  assert.ok(sockets[0].bytes.read > 12_000);
});

/** A bare socket that has joined, with or without compression. */
async function joined(t, conversationId, { headers, to = service } = {}) {
  const socket = await (await openSocket(t, to, { headers })).shakeHands();
  socket.send({ type: 1, invocationId: "1", target: "JoinConversation", arguments: [conversationId, 0] });
  assert.equal((await socket.messageButPing()).error, undefined);
  return socket;
}

// The next frame with a call: between the calls come pings, answers and acknowledgements.
const nextCall = async (socket) => {
  for (;;) {
    const next = await socket.frame();
    if (next === null || next.payload.includes('"type":1,')) return next;
  }
};

describe("one message for clients with and without it", () => {
  test("comes compressed to those that agreed on it, as far back as they can look, and plain to the others", async (t) => {
    const sockets = {
      compressing: await joined(t, "mixed", { headers: OFFER }),
      narrow: await joined(t, "mixed", { headers: { "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=11" } }),
      plain: await joined(t, "mixed"),
      declined: await joined(t, "mixed", { headers: { "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=7" } }),
    };
    assert.equal(sockets.compressing.extensions, AGREED);
    assert.equal(sockets.narrow.extensions, `${AGREED}; server_max_window_bits=11`);
    assert.equal(sockets.declined.extensions, null);
    for (const [bytes, compressing] of [[100, []], [1_300, ["compressing", "narrow"]], [12_000, ["compressing"]]]) {
      const content = prose(bytes);
      await postMessage(service, { content }, { conversationId: "mixed" });
      for (const [name, socket] of Object.entries(sockets)) {
        const { payload, compressed, wireBytes } = await nextCall(socket);
        assert.equal(JSON.parse(payload.subarray(0, -1)).arguments[0].content, content);
        assert.equal(compressed, compressing.includes(name), `${name}, ${bytes} bytes`);
        if (compressed) assert.ok(wireBytes < payload.length * 0.7);
      }
    }
  });

  test("is compressed from the size on that is set", async (t) => {
    const eager = await startService(t, { settings: { ...settings, "Hub:CompressFromBytes": 128 } });
    const socket = await joined(t, "conv-123", { headers: OFFER, to: eager });
    await postMessage(eager, { content: "short" });
    assert.equal((await nextCall(socket)).compressed, true, "what stands around the content is long enough");
    const plain = await joined(t, "conv-123", { to: eager });
    assert.equal((await nextCall(plain)).compressed, false);
  });
});

test("whatever a browser compresses is taken: short messages, and long ones in fragments with a ping between", async (t) => {
  const socket = await openSocket(t, service, { headers: OFFER });
  socket.write(frame(deflated(HANDSHAKE), { compressed: true }));
  assert.deepEqual(await socket.message(), {});
  socket.write(frame(deflated(record({ type: 6 })), { compressed: true }));
  const content = prose(12_000, 9);
  const call = deflated(record({ type: 1, invocationId: "7", target: "SendMessage", arguments: ["fragments", { ...goodMessage, content }] }));
  socket.write(frame(call.subarray(0, 1_000), { compressed: true, fin: false }));
  socket.write(frame("between", { opcode: OPCODE.ping }));
  socket.write(frame(call.subarray(1_000, 1_001), { opcode: OPCODE.continuation, fin: false }));
  socket.write(frame(call.subarray(1_001), { opcode: OPCODE.continuation }));
  const pong = await socket.frame();
  assert.deepEqual([pong.opcode, `${pong.payload}`], [OPCODE.pong, "between"]);
  const answer = await socket.messageButPing();
  assert.equal(answer.error, undefined);
  assert.equal(answer.result.content, content);
  await until("stored", async () => (await history(service, "fragments")).some((message) => message.content === content));
});

test("many calls in one compressed message are all answered, though they are a hundred times its size", async (t) => {
  const socket = await openSocket(t, service, { headers: OFFER });
  await socket.shakeHands();
  const CALLS = 3_000;
  const calls = Array.from({ length: CALLS }, (_, n) => record({ type: 1, invocationId: `${n}`, target: "LeaveConversation", arguments: ["x".repeat(200)] })).join("");
  const payload = deflated(calls);
  assert.ok(calls.length > 800_000 && payload.length < calls.length / 30, `${calls.length} in ${payload.length}`);
  socket.write(frame(payload, { compressed: true }));
  for (let n = 0; n < CALLS; n++) assert.equal((await socket.messageButPing()).invocationId, `${n}`);
});

describe("what breaks the rules ends the connection", () => {
  const closing = async (t, bytes, options = { headers: OFFER }) => {
    const socket = await (await openSocket(t, service, options)).shakeHands();
    socket.write(bytes);
    for (let next = await socket.frame(); next !== null && next.opcode !== OPCODE.close;) next = await socket.frame();
    return socket.closeCode;
  };
  const ping = deflated(record({ type: 6 }));

  test("a bomb by the size of what it becomes, which is never in memory", async (t) => {
    const memory = () => Number(readFileSync(`/proc/${service.pid}/smaps_rollup`, "utf8").match(/^Pss:\s+(\d+)/m)[1]) / 1024;
    const bomb = deflated(Buffer.alloc(256 << 20, record({ type: 6 }))); // of pings, which nobody minds
    await closing(t, frame(bomb, { compressed: true }));
    const before = memory();
    const codes = await Promise.all(Array.from({ length: 20 }, () => closing(t, frame(bomb, { compressed: true }))));
    assert.deepEqual(codes, codes.map(() => 1009));
    t.diagnostic(`${bomb.length} bytes for 256 MiB, 20 times at once: ${(memory() - before).toFixed(1)} MiB more`);
    assert.ok(memory() - before < 40, `${memory() - before} MiB more`);
  });

  test("what is not deflate, or not UTF-8 when inflated", async (t) => {
    assert.equal(await closing(t, frame("no deflate", { compressed: true })), 1007);
    assert.equal(await closing(t, frame(ping.subarray(0, -2), { compressed: true })), 1007);
    assert.equal(await closing(t, frame(deflated(Buffer.from("caf\xe9 caf\xe9", "latin1")), { compressed: true })), 1007);
  });

  test("the bit on a control frame, on a continuation, and without an agreement", async (t) => {
    assert.equal(await closing(t, frame("", { opcode: OPCODE.ping, compressed: true })), 1002);
    assert.equal(await closing(t, Buffer.concat([frame(ping.subarray(0, 3), { compressed: true, fin: false }),
                                                 frame(ping.subarray(3), { opcode: OPCODE.continuation, compressed: true })])), 1002);
    assert.equal(await closing(t, frame(ping, { compressed: true }), {}), 1002);
  });
});

test("a client that lost its socket gets what it missed, on one that has agreed on compression and on one that has not", async (t) => {
  const stateful = await startService(t, { settings, conversations: ["conv-123"] });
  const { connectionToken } = await negotiate(stateful, "?negotiateVersion=1&useStatefulReconnect=true");
  const open = async (headers) => openSocket(t, stateful, { token: connectionToken, headers });
  const first = await open(OFFER);
  first.write(frame(record({ protocol: "json", version: 2 })));
  assert.deepEqual(await first.message(), {});
  first.send({ type: 1, invocationId: "1", target: "JoinConversation", arguments: ["conv-123", 0] });
  await first.messageButPing();
  await postMessage(stateful, { content: prose(5_000, 1) });
  assert.equal((await nextCall(first)).compressed, true);

  let [last, sent] = [first, 1];
  for (const headers of [undefined, OFFER]) {
    last.connection.close();
    await postMessage(stateful, { content: prose(5_000, ++sent) });
    last = await open(headers);
    last.send({ type: 9, sequenceId: 2 });
    const messages = [];
    while (messages.length < sent) {
      const message = await last.messageButPing();
      if (message.type === 1) messages.push(message.arguments[0].content);
    }
    assert.deepEqual(messages, Array.from({ length: sent }, (_, n) => prose(5_000, n + 1)), "none is acknowledged, so all come again");
    await postMessage(stateful, { content: prose(5_000, ++sent) });
    assert.equal((await nextCall(last)).compressed, headers !== undefined);
  }
});

test("Microsoft's client goes on over cuts with it", async (t) => {
  const proxy = await Proxy.start(t, service.port);
  const { sockets, http } = observed();
  const client = await connectHub(t, service, { stateful: true, url: proxy.url, http });
  await client.join("resumed", 0);
  for (let n = 1; n <= 10; n++) {
    await until("a socket", () => proxy.established > 0, WAIT_MS, 1);
    proxy.cut();
    await postMessage(service, { content: prose(4_000, n) }, { conversationId: "resumed" });
    const answer = await within("the answer", client.connection.invoke("SendMessage", "resumed", { ...goodMessage, content: prose(4_000, 100 + n) }));
    assert.equal(answer.content, prose(4_000, 100 + n));
    await client.receivedUpTo(2 * n, "resumed");
  }
  assert.deepEqual(client.received, await history(service, "resumed"));
  assert.ok(sockets.length > 5 && sockets.every(({ extensions }) => extensions === "permessage-deflate" || extensions === ""));
});
