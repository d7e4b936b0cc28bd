// The example program, used as its README says, and stopped as an operator would.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chatProgram, collect, connect, startProgram } from "../support/conformance.mjs";
import { until, within } from "../support/service.mjs";

test("a chat: rooms, a stream, and a good end", async (t) => {
  const server = await startProgram(t, chatProgram);
  const [ann, bob, eve] = await Promise.all([1, 2, 3].map(() => connect(t, server, { path: "/chat" })));
  const said = [ann, bob, eve].map((client) => {
    const messages = [];
    client.on("Said", (message) => messages.push(message));
    return messages;
  });
  await Promise.all([ann, bob].map((client) => client.invoke("Join", "lobby")));
  await ann.invoke("Say", "lobby", { from: "Ann", text: "Hello!" });
  await until("Bob hears it", () => said[1].length === 1);
  await eve.invoke("Join", "elsewhere");
  assert.deepEqual(said, [[{ from: "Ann", text: "Hello!" }], [{ from: "Ann", text: "Hello!" }], []]);
  assert.deepEqual(await collect(bob.stream("CountDown", 3)), { items: [3, 2, 1, 0], error: null });

  const closed = new Promise((done) => ann.onclose((error) => done(error ?? null)));
  server.stop();
  assert.equal(await within("the end of the connection", closed), null);
  assert.equal(await within("the end of the program", server.ended), 0);
});
