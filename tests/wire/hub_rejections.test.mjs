// What is rejected after its 202 is told to whoever sent it by the hub, once, a member or not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connectHub } from "../support/hub.mjs";
import { connected, goodMessage, history, post } from "../support/http.mjs";
import { sleep, startService, until } from "../support/service.mjs";

const BATCH = 1_000;

// Two messages of one key meet in one batch: both are accepted, since the first is neither in the store nor, with so
// small a window, remembered.
test("the sender of a message that is rejected later is told once, and so is a member", async (t) => {
  const service = await startService(t, { settings: {
    "Limits:RecentMessages": 64, "MessagePersistence:BatchSize": BATCH, "MessagePersistence:FlushWhenIdle": false,
    "MessagePersistence:FlushIntervalMs": 600_000 } });
  const [first, stranger, member, bystander] = await Promise.all(Array.from({ length: 4 }, () => connectHub(t, service)));
  await member.join("conv-123");
  let written = 0;
  const write = (count) => connected(service.port, async (connection) => {
    for (let n = 0; n < count; n += 1, written += 1) {
      connection.write(post(goodMessage));
      assert.equal((await connection.response()).status, 202);
    }
  });
  const send = async (client, key, content) => {
    const answer = await client.send("conv-123", { ...goodMessage, temporaryMessageId: key, content });
    assert.equal(answer.status, "Sent");
    written += 1;
  };
  await send(first, "one", "stored");
  await send(first, "two", "stored");
  await write(500); // the window forgets both
  await send(stranger, "one", "other content");
  await send(member, "two", "other content");
  assert.deepEqual([stranger.rejected, member.rejected], [[], []]);
  await write(BATCH - written);

  const reason = "the key names a message with other content";
  const rejection = (temporaryMessageId) => ({ temporaryMessageId, conversationId: "conv-123", reason });
  await until("the rejections", () => stranger.rejected.length >= 1 && member.rejected.length >= 2);
  await member.send("conv-123", { ...goodMessage, temporaryMessageId: "three" });
  await sleep(100);
  assert.deepEqual(stranger.rejected, [rejection("one")]);
  assert.deepEqual(member.rejected, [rejection("one"), rejection("two")]);
  assert.deepEqual([first.rejected, bystander.rejected], [[], []]);
  assert.deepEqual(stranger.received, [], "it has joined nothing");
  assert.equal((await history(service)).length, BATCH - 2);
});
