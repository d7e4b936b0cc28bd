// Microsoft's JavaScript client in the versions that are in use, on every transport, with every protocol.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { kinds, versions } from "../support/conformance.mjs";
import { get, history, postMessage } from "../support/http.mjs";
import { Proxy } from "../support/proxy.mjs";
import { sharedScope, startService, until, within } from "../support/service.mjs";
import { JavaScriptClient, range, walk } from "../support/walk.mjs";

const ways = [
  ...kinds,
  ...kinds.filter(({ transport }) => transport === "WebSockets")
    .map((kind) => ({ ...kind, name: `${kind.name}, not negotiated`, http: { skipNegotiation: true } })),
];

const conversationOf = ({ name }, way) => `${name} ${way.name}`.replace(/[ ,]+/g, "-");

const openConnections = async (service, { transport, protocol }) => Number((await get(service, "/metrics")).text.match(
  new RegExp(`^message_service_hub_connections\\{protocol="${protocol}",transport="${transport}"\\} (\\d+)$`, "mi"))?.[1]);

// Two of them: a connection that was cut may be counted for a while.
let service;
let cutService;
const scope = sharedScope();
before(async () => {
  const conversations = versions.flatMap((version) => ways.map((way) => conversationOf(version, way)));
  [service, cutService] = await Promise.all([1, 2].map(() => startService(scope, { conversations })));
});

for (const version of versions) {
  for (const way of ways) {
    describe(`${version.name} over ${way.name}`, () => {
      test("joins, catches up, sends, receives, is refused, leaves and goes", async (t) => {
        const client = new JavaScriptClient(t, service, { version, ...way });
        const start = client.start.bind(client);
        client.start = async () => {
          await start();
          assert.equal(await openConnections(service, way), 1, "counted as what it is");
        };
        await walk(service, client, conversationOf(version, way));
        await until("given back", async () => (await openConnections(service, way)) === 0);
      });

      test("comes back by itself when its connections are cut, and misses nothing", async (t) => {
        const conversationId = conversationOf(version, way);
        const proxy = await Proxy.start(t, cutService.port);
        const client = new JavaScriptClient(t, cutService, { version, ...way, url: proxy.url, reconnect: [0, ...Array(50).fill(50)] });
        const lastSequence = () => client.received.at(-1)?.sequence ?? 0;
        const reconnected = new Promise((done) => client.connection.onreconnected(() => {
          done(client.call("JoinConversation", conversationId, lastSequence()));
        }));
        await client.start();
        await client.call("JoinConversation", conversationId, 0);
        for (const n of range(1, 3)) await postMessage(cutService, { content: `before ${n}` }, { conversationId });
        await until("received", () => lastSequence() === 3);
        proxy.cut();
        for (const n of range(4, 6)) await postMessage(cutService, { content: `while away ${n}` }, { conversationId });
        const joined = await within("the client's return", reconnected, 20_000);
        assert.equal(joined.conversationId, conversationId);
        await postMessage(cutService, { content: "after" }, { conversationId });
        await until("everything received", () => lastSequence() === 7);
        assert.deepEqual(client.received, await history(cutService, conversationId));
        assert.deepEqual(client.received.map(({ sequence }) => sequence), range(1, 7));
      });
    });
  }
}
