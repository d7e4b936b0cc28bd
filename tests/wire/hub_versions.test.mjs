// Microsoft's JavaScript client in the versions that are in use, on every transport, with every protocol.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { javaScriptClients } from "../support/foreign_clients.mjs";
import { get, history, postMessage } from "../support/http.mjs";
import { Proxy } from "../support/proxy.mjs";
import { sharedScope, startService, until, within } from "../support/service.mjs";
import { range, walk } from "../support/walk.mjs";

const openConnections = async (service, { transport, protocol }) => Number((await get(service, "/metrics")).text.match(
  new RegExp(`^message_service_hub_connections\\{protocol="${protocol}",transport="${transport}"\\} (\\d+)$`, "mi"))?.[1]);

// Two of them: a connection that was cut may be counted for a while.
let service;
let cutService;
const scope = sharedScope();
before(async () => {
  const conversations = javaScriptClients.map(({ name }) => name);
  [service, cutService] = await Promise.all([1, 2].map(() => startService(scope, { conversations })));
});

for (const way of javaScriptClients) {
  describe(way.name, () => {
    test("joins, catches up, sends, receives, is refused, leaves and goes", async (t) => {
      const client = await way.open(t, service);
      const start = client.start.bind(client);
      client.start = async () => {
        await start();
        assert.equal(await openConnections(service, way), 1, "counted as what it is");
      };
      await walk(service, client, way.name);
      await until("given back", async () => (await openConnections(service, way)) === 0, 10_000); // before Hub:DisconnectTimeoutMs
    });

    test("comes back by itself when its connections are cut, and misses nothing", async (t) => {
      const proxy = await Proxy.start(t, cutService.port);
      const client = await way.open(t, cutService, { url: proxy.url, reconnect: [0, ...Array(50).fill(50)] });
      const lastSequence = () => client.received.at(-1)?.sequence ?? 0;
      const post = (content) => postMessage(cutService, { content }, { conversationId: way.name });
      const reconnected = new Promise((done) => client.connection.onreconnected(() => {
        done(client.call("JoinConversation", way.name, lastSequence()));
      }));
      await client.start();
      await client.call("JoinConversation", way.name, 0);
      for (const n of range(1, 3)) await post(`before ${n}`);
      await until("received", () => lastSequence() === 3);
      proxy.cut();
      for (const n of range(4, 6)) await post(`while away ${n}`);
      assert.equal((await within("the client's return", reconnected)).conversationId, way.name);
      await post("after");
      await until("everything received", () => lastSequence() === 7);
      assert.deepEqual(client.received, await history(cutService, way.name));
      assert.deepEqual(client.received.map(({ sequence }) => sequence), range(1, 7));
    });
  });
}
