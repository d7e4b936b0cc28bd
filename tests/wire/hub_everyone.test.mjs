// All clients that are not ours in one conversation, all speaking at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { javaClients, javaScriptClients, pythonClients } from "../support/foreign_clients.mjs";
import { goodMessage, history } from "../support/http.mjs";
import { startService, until } from "../support/service.mjs";
import { range } from "../support/walk.mjs";

const EACH = 5;

test("everybody hears everybody, the same and in the same order", async (t) => {
  const service = await startService(t, { settings: { "Hub:KeepAliveIntervalMs": 300, "Server:Threads": 2 } });
  const ways = [...javaScriptClients, ...javaClients, ...pythonClients].filter(({ skip }) => !skip);
  assert.equal(ways.length, 29);
  const clients = await Promise.all(ways.map(({ open }) => open(t, service)));
  await Promise.all(clients.map((client) => client.start()));
  await Promise.all(clients.map((client) => client.call("JoinConversation", "conv-123", 0)));

  const keys = (name) => range(1, EACH).map((n) => `${name} ${n}`);
  await Promise.all(clients.map(async (client, at) => {
    for (const temporaryMessageId of keys(ways[at].name)) {
      const message = { ...goodMessage, content: `from ${temporaryMessageId}`, temporaryMessageId };
      assert.equal((await client.call("SendMessage", "conv-123", message)).id, temporaryMessageId);
    }
  }));

  const count = ways.length * EACH;
  await until("everybody has everything", () => clients.every(({ received }) => received.length >= count));
  const stored = await history(service);
  assert.deepEqual(stored.map(({ sequence }) => sequence), range(1, count));
  for (const { name } of ways) {
    const own = stored.filter(({ temporaryMessageId }) => keys(name).includes(temporaryMessageId));
    assert.deepEqual(own.map(({ temporaryMessageId }) => temporaryMessageId), keys(name), "in the order in which one spoke");
  }
  clients.forEach(({ received }, at) => assert.deepEqual(received, stored, ways[at].name));
  assert.deepEqual(await Promise.all(clients.map((client) => client.stop())), clients.map(() => null));
});
