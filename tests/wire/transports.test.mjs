// Microsoft's client on every transport, with every protocol.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { HUB, HubClient, connectHub, signalR } from "../support/hub.mjs";
import { besidesHistory, get, goodMessage, history, lastSequence, postMessage } from "../support/http.mjs";
import { sharedScope, startService, until, within } from "../support/service.mjs";

const { WebSockets, ServerSentEvents, LongPolling } = signalR.HttpTransportType;
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

const kinds = [
  ["WebSockets", WebSockets, "json"],
  ["WebSockets", WebSockets, "messagepack"],
  ["ServerSentEvents", ServerSentEvents, "json"],
  ["LongPolling", LongPolling, "json"],
  ["LongPolling", LongPolling, "messagepack"],
];

const openConnections = async (service) =>
  Object.fromEntries([...(await get(service, "/metrics")).text.matchAll(
    /^message_service_hub_connections\{protocol="(\w+)",transport="(\w+)"\} (\d+)$/gm)]
    .map(([, protocol, transport, count]) => [`${transport} ${protocol}`, Number(count)]));

let service;
const scope = sharedScope();
before(async () => {
  const conversations = kinds.flatMap(([name, , protocol]) => [`${name}-${protocol}`, `many-${name}-${protocol}`]);
  service = await startService(scope, { conversations, settings: { "Server:Threads": 3 } });
});

for (const [name, transport, protocol] of kinds) {
  describe(`${name} with ${protocol}`, () => {
    const conversationId = `${name}-${protocol}`;
    const options = { protocol, http: { transport } };

    test("joins, catches up, sends and receives, exactly as it is stored", async (t) => {
      for (const n of range(1, 5)) await postMessage(service, { content: `before ${n}` }, { conversationId });
      await until("stored", async () => (await lastSequence(service, conversationId)) === 5);
      const client = await connectHub(t, service, options);
      const label = `${name[0].toLowerCase()}${name.slice(1)} ${protocol}`;
      assert.equal((await openConnections(service))[label], 1);
      assert.deepEqual(besidesHistory(await client.join(conversationId, 2)), { conversationId, lastSequence: 5 });
      const content = 'quotes " \\ \n \r\n data: \u0001 \u001e \u2028 ☃ 😀 ' + "long ".repeat(2_000);
      assert.equal((await client.send(conversationId, { ...goodMessage, content })).content, content);
      await client.receivedUpTo(6, conversationId);
      assert.deepEqual(client.sequences(conversationId), range(3, 6));
      assert.deepEqual(client.received, (await history(service, conversationId)).slice(2));
      await client.connection.stop();
      assert.equal(await within("the end", client.closed), null, "ends without an error");
      await until("given back", async () => (await openConnections(service))[label] === 0, 10_000); // before Hub:DisconnectTimeoutMs
    });

    test("gets everything in order while many send, and is answered in between", async (t) => {
      const many = `many-${conversationId}`;
      const client = await connectHub(t, service, options);
      await client.join(many, 0);
      const senders = await Promise.all(range(1, 3).map(() => connectHub(t, service, options)));
      await Promise.all(senders.map(async (sender) => {
        for (const n of range(1, 40)) await sender.send(many, { ...goodMessage, content: `number ${n}` });
      }));
      await client.receivedUpTo(120, many);
      assert.deepEqual(client.sequences(many), range(1, 120));
      await assert.rejects(client.join("nowhere"), /no such conversation/);
    });

    test("many calls at once are answered in order", async (t) => {
      const client = await connectHub(t, service, options);
      const order = [];
      await Promise.all(range(1, 60).map(async (n) => {
        await client.leave(`nothing ${n}`);
        order.push(n);
      }));
      assert.deepEqual(order, range(1, 60));
    });

    test("is sent away when the service stops, comes back and misses nothing", async (t) => {
      const mortal = await startService(t);
      const client = await connectHub(t, mortal, { ...options, reconnect: [0, ...Array(100).fill(100)] });
      const reconnected = new Promise((done) => client.connection.onreconnected(async () => {
        done(await client.join("conv-123", client.sequences().at(-1) ?? 0));
      }));
      await client.join("conv-123", 0);
      await postMessage(mortal);
      await client.receivedUpTo(1);
      const stopping = performance.now();
      assert.deepEqual(await mortal.stop(), { code: 0, signal: null });
      assert.ok(performance.now() - stopping < 8_000, "a client does not hold the service up");
      await mortal.start();
      await postMessage(mortal);
      await within("the client's return", reconnected);
      await postMessage(mortal);
      await client.receivedUpTo(3);
      assert.deepEqual(client.sequences(), range(1, 3));
    });

    if (transport !== LongPolling) {
      test("is kept alive, and stays while it says nothing", async (t) => {
        const brisk = await startService(t, { settings: { "Hub:KeepAliveIntervalMs": 200, "Hub:ClientTimeoutMs": 2_500 } });
        const client = await connectHub(t, brisk, { ...options, configure: (connection) => {
          connection.keepAliveIntervalInMilliseconds = 300;
          connection.serverTimeoutInMilliseconds = 3_000;
        } });
        await new Promise((done) => setTimeout(done, 5_000));
        assert.equal(client.connection.state, signalR.HubConnectionState.Connected);
        await client.join("conv-123");
      });
    }
  });
}

test("a client that may not use WebSockets takes the next transport", async (t) => {
  class NoWebSocket {
    constructor() {
      throw new Error("not here");
    }
  }
  const client = await connectHub(t, service, { http: { WebSocket: NoWebSocket } });
  assert.equal((await openConnections(service))["serverSentEvents json"], 1);
  await client.join("LongPolling-json");
});

test("messagepack is not offered over server-sent events", async () => {
  const client = new HubClient(service, { protocol: "messagepack", http: { transport: ServerSentEvents } });
  await assert.rejects(client.connection.start(), /'ServerSentEvents' does not support Binary/);
});

test("a long-polling client is told when the server closes it", async (t) => {
  const detailed = await startService(t, { settings: { "Hub:DetailedErrors": true } });
  const client = await connectHub(t, detailed, { http: { transport: LongPolling } });
  client.connection.send("SendMessage", "conv-123", { content: "x".repeat(40_000) }).catch(() => {});
  const error = await within("the end", client.closed);
  assert.match(error.message, /Server returned an error on close: Connection closed with an error\..*maximum message size/);
});

test("many calls at once go in one POST, however long that is", async (t) => {
  for (const transport of [ServerSentEvents, LongPolling]) {
    const client = await connectHub(t, service, { http: { transport } });
    await Promise.all(range(1, 60).map((n) => client.send("LongPolling-json", { ...goodMessage, content: `${n} ${"x".repeat(5_000)}` })));
  }
});

test("the hub's path takes any case, and keeps a query of its own", async (t) => {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${service.url}${HUB.toUpperCase()}?tenant=a%20b`, { transport: LongPolling })
    .configureLogging(signalR.LogLevel.None).build();
  t.after(() => connection.stop());
  await within("start", connection.start());
  assert.equal(await connection.invoke("LeaveConversation", "x"), undefined);
});
