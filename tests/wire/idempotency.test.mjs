// One key, one stored message and one event, however often and from wherever it is sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertProblem, connected, goodMessage, history, post, postMessage } from "../support/http.mjs";
import { connectHub } from "../support/hub.mjs";
import { startService, until } from "../support/service.mjs";

const key = "key-1";
const withKey = { headers: { "Idempotency-Key": key } };

/** Waits until a message sent last has come, so that a double before it would have come too. */
async function fence(service, listener, expected) {
  await postMessage(service, { temporaryMessageId: `fence-${expected}` });
  await listener.receivedUpTo(expected);
  assert.deepEqual(listener.sequences(), Array.from({ length: expected }, (_, n) => n + 1));
}

for (const mode of ["WriteBehind", "Synchronous"]) {
  const status = mode === "WriteBehind" ? 202 : 201;
  const settings = { "MessagePersistence:Mode": mode };

  test(`${mode}: the same key ten times at once from ten connections`, async (t) => {
    const service = await startService(t, { settings });
    const listener = await connectHub(t, service);
    await listener.join("conv-123", 0);
    const answers = await Promise.all(Array.from({ length: 10 }, () => connected(service.port, async (connection) => {
      connection.write(post(goodMessage, withKey));
      return connection.response();
    })));
    for (const answer of answers) assert.equal(answer.body, answers[0].body);
    for (const answer of answers) assert.ok([202, status].includes(answer.status), answer.body);
    await fence(service, listener, 2);
    const messages = await history(service);
    assert.deepEqual(messages.map(({ temporaryMessageId }) => temporaryMessageId), [key, "fence-2"]);
    assert.equal(answers[0].json.sentAt, messages[0].sentAt);
  });

  test(`${mode}: the same key again, later, after a restart, and from the hub`, async (t) => {
    const service = await startService(t, { settings });
    const first = await postMessage(service, {}, { headers: { ...withKey.headers, "X-Correlation-ID": "first" } });
    assert.equal(first.status, status);
    const again = async (what) => {
      const repeat = await postMessage(service, {}, { headers: { ...withKey.headers, "X-Correlation-ID": "repeat" } });
      assert.ok([200, 201, 202].includes(repeat.status), what);
      assert.deepEqual(repeat.json, first.json, what);
      const inBody = await postMessage(service, { temporaryMessageId: key });
      assert.deepEqual(inBody.json, first.json, `${what}, in the body`);
      const client = await connectHub(t, service);
      assert.deepEqual(await client.send("conv-123", { ...goodMessage, temporaryMessageId: key }), first.json, `${what}, by the hub`);
      const other = await postMessage(service, { content: "something else" }, withKey);
      assertProblem({ ...other, body: JSON.stringify(other.json) }, 409);
    };
    await again("at once");
    await until("stored", async () => (await history(service)).length === 1);
    await again("once stored");
    await service.restart();
    await again("after a restart");
    await service.kill("SIGKILL");
    await service.start();
    await again("after a crash");

    const listener = await connectHub(t, service);
    await listener.join("conv-123", 0);
    await fence(service, listener, 2);
    assert.equal((await history(service)).length, 2);
  });
}

test("other content under the same key: 409, at once too, and nothing of it is stored", async (t) => {
  const service = await startService(t);
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) =>
    postMessage(service, { content: `variant ${n}` }, withKey)));
  const accepted = answers.filter(({ status }) => status === 202);
  assert.equal(accepted.length, 1, JSON.stringify(answers.map(({ status }) => status)));
  assert.ok(answers.every(({ status }) => status === 202 || status === 409));
  for (const change of [{ content: "other" }, { senderId: "other" }, { senderType: "Teacher" }]) {
    const answer = await postMessage(service, { content: accepted[0].json.content, ...change }, withKey);
    assertProblem({ ...answer, body: JSON.stringify(answer.json) }, 409);
  }
  const messages = await until("stored", async () => {
    const now = await history(service);
    return now.length > 0 && now;
  });
  assert.deepEqual(messages.map(({ content }) => content), [accepted[0].json.content]);
});

test("the same key in another conversation is another message", async (t) => {
  const service = await startService(t, { conversations: ["conv-123", "conv-other"] });
  for (const conversationId of ["conv-123", "conv-other"]) {
    const { status, json } = await postMessage(service, { content: conversationId }, { conversationId, ...withKey });
    assert.equal(status, 202);
    assert.equal(json.conversationId, conversationId);
    await until("stored", async () => (await history(service, conversationId)).length === 1);
  }
});

test("forgotten by the cache, the key is found in the store", async (t) => {
  const service = await startService(t, { settings: { "Limits:RecentMessages": 1 } });
  const first = await postMessage(service, {}, withKey);
  for (let n = 0; n < 30; n++) await postMessage(service);
  await until("stored", async () => (await history(service)).length === 31);
  assert.deepEqual((await postMessage(service, {}, withKey)).json, first.json);
  assert.equal((await postMessage(service, { content: "other" }, withKey)).status, 409);
  await postMessage(service, { temporaryMessageId: "last" });
  await until("stored", async () => (await history(service)).some(({ temporaryMessageId }) => temporaryMessageId === "last"));
  assert.equal((await history(service)).length, 32);
});
