// What a client may do with JoinConversation, each on a conversation of its own: the same on every pair of log and store.
//
// The rule: a client that has not left a conversation gets every message after the lowest `afterSequence` that it joined
// with, each once, in order. Only messages that it asks for after later ones have been sent come behind those.

import assert from "node:assert/strict";
import { connectHub, signalR } from "./hub.mjs";
import { connected, get, goodMessage, messagesOf, post } from "./http.mjs";
import { Proxy } from "./proxy.mjs";
import { sleep, until, within } from "./service.mjs";

const WRITERS = 8;

/** Every stored message, oldest first; sequences need not be without gaps. */
export async function storedMessages(service, conversationId) {
  const messages = [];
  for (;;) {
    const after = messages.at(-1)?.sequence ?? 0;
    const page = (await get(service, `${messagesOf(conversationId)}?after=${after}&limit=500`)).json;
    messages.push(...page.messages);
    if (!page.hasMore) return messages;
  }
}

/** Makes the conversation and stores `count` messages in it. */
async function filled(service, conversationId, count) {
  await fetch(`${service.url}/api/conversations`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id: conversationId, participants: [] }),
  });
  await write(service, conversationId, count);
  return until("all stored", async () => {
    const messages = await storedMessages(service, conversationId);
    return messages.length === count && messages;
  });
}

async function write(service, conversationId, count, pauseMs = 0) {
  let left = count;
  await Promise.all(Array.from({ length: WRITERS }, () => connected(service.port, async (connection) => {
    while (left-- > 0) {
      connection.write(post({ ...goodMessage, content: `number ${left}` }, { conversationId }));
      assert.equal((await connection.response()).status, 202);
      if (pauseMs > 0) await sleep(Math.random() * pauseMs);
    }
  })));
}

/** Waits until the client has `expected`, and a moment for what must not come. */
async function receives(client, expected) {
  const closed = client.closed.then((error) => assert.fail(`closed: ${error}`));
  await Promise.race([closed, until(`${expected.length} messages`, () => client.received.length >= expected.length).catch(() => {})]);
  await sleep(50);
  assert.equal(client.received.length, expected.length);
  assert.deepEqual(client.received.map(({ sequence }) => sequence), expected.map(({ sequence }) => sequence));
  assert.deepEqual(client.received, expected);
}

const after = (messages, sequence) => messages.filter((message) => message.sequence > sequence);
const inOrder = (messages) => [...messages].sort((a, b) => a.sequence - b.sequence);

/** `{name, run(t, service, conversationId)}` */
export const joinScenarios = [
  {
    name: "from the beginning, and live before that is done",
    async run(t, service, id) {
      const stored = await filled(service, id, 1500);
      const client = await connectHub(t, service);
      const answers = await Promise.all([client.join(id, 0), client.join(id)]);
      for (const { lastSequence } of answers) assert.equal(lastSequence, stored.at(-1).sequence);
      await receives(client, stored);
    },
  },
  {
    name: "live, and from the beginning at once",
    async run(t, service, id) {
      const stored = await filled(service, id, 700);
      const client = await connectHub(t, service);
      await Promise.all([client.join(id), client.join(id, 0)]);
      await receives(client, stored);
    },
  },
  {
    name: "with a larger afterSequence while it catches up",
    async run(t, service, id) {
      const stored = await filled(service, id, 1500);
      const client = await connectHub(t, service);
      await Promise.all([client.join(id, 0), client.join(id, stored[1199].sequence), client.join(id, stored.at(-1).sequence + 1000)]);
      await receives(client, stored);
    },
  },
  {
    name: "with smaller ones while it catches up: what it now asks for comes too, and nothing twice",
    async run(t, service, id) {
      const stored = await filled(service, id, 1500);
      const client = await connectHub(t, service);
      await client.join(id, stored[899].sequence);
      await until("a message", () => client.received.length > 0, undefined, 1);
      for (const place of [599, 299, 298, 0]) await client.join(id, stored[place].sequence);
      await client.join(id, stored[1000].sequence);
      const expected = after(stored, stored[0].sequence);
      await until("every message", () => client.received.length >= expected.length);
      await sleep(50);
      assert.deepEqual(inOrder(client.received), expected);
      const firstAsked = client.received.filter(({ sequence }) => sequence > stored[899].sequence);
      assert.deepEqual(firstAsked, after(stored, stored[899].sequence), "in order");
    },
  },
  {
    name: "an earlier one when it is live: only what it has not had, then live ones go on",
    async run(t, service, id) {
      const stored = await filled(service, id, 600);
      const client = await connectHub(t, service);
      await client.join(id, stored[399].sequence);
      await receives(client, stored.slice(400));
      await client.join(id, stored[99].sequence);
      await receives(client, [...stored.slice(400), ...stored.slice(100, 400)]);
      await write(service, id, 100);
      const all = await until("all stored", async () => {
        const messages = await storedMessages(service, id);
        return messages.length === 700 && messages;
      });
      await receives(client, [...stored.slice(400), ...stored.slice(100, 400), ...all.slice(600)]);
    },
  },
  {
    name: "again and again, in every way, while others write",
    async run(t, service, id) {
      await filled(service, id, 300);
      const client = await connectHub(t, service);
      await client.join(id, 0);
      let writing = true;
      const written = write(service, id, 700, 10).finally(() => (writing = false));
      const last = () => client.received.at(-1)?.sequence ?? 0;
      const ways = [() => [], () => [last()], () => [0], () => [last() + 50], () => [Math.max(0, last() - 50)]];
      while (writing) {
        await Promise.all(ways.map((way) => client.join(id, ...way())));
        await sleep(Math.random() * 5);
      }
      await written;
      const stored = await until("all stored", async () => {
        const messages = await storedMessages(service, id);
        return messages.length === 1000 && messages;
      });
      await receives(client, stored);
    },
  },
  {
    name: "left and joined anew in one breath: everything from the new beginning, once",
    async run(t, service, id) {
      const stored = await filled(service, id, 700);
      const client = await connectHub(t, service);
      await Promise.all([client.join(id, 0), client.leave(id), client.join(id, 0), client.join(id)]);
      await until("the last message", () => client.received.at(-1)?.sequence === stored.at(-1).sequence);
      await sleep(50);
      const before = client.received.length - stored.length;
      assert.ok(before >= 0);
      assert.deepEqual(client.received.slice(before), stored);
      assert.deepEqual(client.received.slice(0, before), stored.slice(0, before), "the beginning of the first one");
    },
  },
  {
    name: "over a connection that loses its sockets and goes on",
    async run(t, service, id) {
      const stored = await filled(service, id, 1500);
      const proxy = await Proxy.start(t, service.port);
      const transport = signalR.HttpTransportType.WebSockets;
      const client = await connectHub(t, service, { stateful: true, url: proxy.url, http: { transport } });
      const joins = [client.connection.invoke("JoinConversation", id, 0)];
      for (let cut = 0; cut < 5; cut += 1) {
        joins.push(client.connection.invoke("JoinConversation", id));
        await sleep(Math.random() * 20);
        proxy.cut();
        await until("a socket", () => proxy.established > 0, undefined, 1);
        joins.push(client.connection.invoke("JoinConversation", id, client.received.at(-1)?.sequence ?? 0));
      }
      await within("every answer", Promise.all(joins));
      await receives(client, stored);
    },
  },
];
