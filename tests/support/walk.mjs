// One walk through the hub for every client that is not ours: join with a catch-up, send, receive, be refused, leave, go.
// What differs between clients is hidden behind an object with
//
//   received                     every ReceiveMessage so far, in order
//   start()
//   call(method, ...arguments)   the result, or an Error with the text that the client's user gets
//   stop()                       null, or the text of the error that the connection ended with

import assert from "node:assert/strict";
import { besidesHistory, goodMessage, history, lastSequence, postMessage } from "./http.mjs";
import { HUB, asJson } from "./hub.mjs";
import { until, within } from "./service.mjs";

export const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

const CONTENT = 'quotes " \\ \n \u0001 \u2028 Grüße ☃ 😀 ' + "long ".repeat(2_000);

const stored = (service, count, conversationId) =>
  until(`${count} stored`, async () => (await lastSequence(service, conversationId)) === count);

const failsWith = (call, text) => assert.rejects(call, ({ message }) => {
  assert.match(message, text);
  return true;
});

/** Asserts what the client is given at every step. The conversation must be empty. */
export async function walk(service, client, conversationId) {
  const received = (count) =>
    until(`${count} messages received: ${JSON.stringify(client.received.map(({ sequence }) => sequence))}`,
      () => client.received.length >= count);

  for (const n of range(1, 5)) await postMessage(service, { content: `before ${n}` }, { conversationId });
  await stored(service, 5, conversationId);
  await client.start();

  assert.deepEqual(besidesHistory(await client.call("JoinConversation", conversationId, 2)), { conversationId, lastSequence: 5 });
  await received(3);

  const answer = await client.call("SendMessage", conversationId,
    { ...goodMessage, content: CONTENT, temporaryMessageId: `from ${conversationId}` });
  const { sentAt, correlationId, ...rest } = answer;
  assert.deepEqual(rest, { id: `from ${conversationId}`, conversationId, ...goodMessage, content: CONTENT, status: "Sent" });
  await received(4);

  await failsWith(client.call("NoSuchMethod", 1),
    /Failed to invoke 'NoSuchMethod' due to an error on the server\. HubException: Method does not exist\.$/);
  await failsWith(client.call("JoinConversation", "nowhere"),
    /An unexpected error occurred invoking 'JoinConversation' on the server\. HubException: .*no such conversation/);

  for (const n of range(7, 12)) await postMessage(service, { content: `while there ${n}` }, { conversationId });
  await received(10);
  const messages = await history(service, conversationId);
  assert.deepEqual(client.received, messages.slice(2), "exactly what is stored, in its order, once");
  assert.deepEqual(client.received.map(({ sequence }) => sequence), range(3, 12));
  assert.equal(client.received[3].temporaryMessageId, answer.id);
  assert.deepEqual([client.received[3].sentAt, client.received[3].correlationId], [sentAt, correlationId]);

  assert.equal((await client.call("LeaveConversation", conversationId)) ?? null, null);
  await postMessage(service, { content: "unheard" }, { conversationId });
  await stored(service, 13, conversationId);
  await client.call("LeaveConversation", conversationId); // an answer behind which it would have come
  assert.equal(client.received.length, 10);
  assert.equal(await client.stop(), null, "a good end");
}

/** Microsoft's JavaScript client, of a version of support/conformance.mjs, ready for the walk. */
export class JavaScriptClient {
  received = [];

  /**
   * `reconnect`: delays in ms; `url` of a way to the service other than its own; `token` to sign in with;
   * `http`: further options of withUrl().
   */
  constructor(t, service, { version: { signalR, msgpack }, transport, protocol, http = {}, reconnect, url, token }) {
    const signIn = token ? { accessTokenFactory: () => token } : {};
    const options = { transport: signalR.HttpTransportType[transport], ...signIn, ...http };
    const builder = new signalR.HubConnectionBuilder().withUrl((url ?? service.url) + HUB, options)
      .configureLogging(signalR.LogLevel.None);
    if (protocol === "messagepack") builder.withHubProtocol(new msgpack.MessagePackHubProtocol());
    if (reconnect) builder.withAutomaticReconnect(reconnect);
    this.connection = builder.build();
    this.protocol = protocol;
    this.connection.on("ReceiveMessage", (message) => this.received.push(asJson(message, protocol)));
    this.closed = new Promise((done) => this.connection.onclose((error) => done(error?.message ?? null)));
    t.after(() => this.connection.stop());
  }

  start() {
    return within("start", this.connection.start());
  }

  async call(method, ...parameters) {
    return asJson(await within(method, this.connection.invoke(method, ...parameters)), this.protocol);
  }

  async stop() {
    await within("stop", this.connection.stop());
    return within("the end", this.closed);
  }
}
