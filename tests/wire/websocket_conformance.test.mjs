// The WebSocket protocol: the Autobahn cases, and what they leave out. Those about compression are in
// websocket_compression.test.mjs.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { upgrade } from "../support/conformance.mjs";
import { OPCODE, frame } from "../support/hub.mjs";
import { sharedScope, until } from "../support/service.mjs";
import { runCases, startEcho } from "../support/websocket_cases.mjs";

// How many cases each group has, and which of them only look at what a server does.
const groups = [
  { group: 1, name: "framing", cases: 16 },
  { group: 2, name: "pings and pongs", cases: 11 },
  { group: 3, name: "reserved bits", cases: 7 },
  { group: 4, name: "opcodes", cases: 10 },
  { group: 5, name: "fragmentation", cases: 20 },
  { group: 6, name: "UTF-8", cases: 145 },
  { group: 7, name: "closing", cases: 37, informational: ["7.1.6", "7.13.1", "7.13.2"] },
  { group: 9, name: "large and many messages", cases: 54 },
  { group: 10, name: "automatic fragmentation", cases: 1 },
];

let server;
const scope = sharedScope();
before(async () => (server = await startEcho(scope)));

describe("WebSocket conformance", () => {
  for (const { group, name, cases, informational } of groups) {
    test(`group ${group}, ${name}: ${cases} cases`, () => runCases(server, group, cases, informational));
  }
});

// Closing with bytes unread resets the connection, which takes from the peer what it has not read yet.
test("a peer that breaks the protocol and sends on is told why, and let go when it goes", async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const socket = await upgrade(t, server, "/");
    socket.write(frame("", { opcode: 3 }));
    for (let n = 0; n < 32; n += 1) socket.write(Buffer.alloc(128 * 1024));
    assert.equal((await socket.frame())?.opcode, OPCODE.close, `round ${round}: ${socket.connection.error}`);
    assert.equal(socket.closeCode, 1002);
    assert.equal(await socket.frame(), null, "and then the end");
    assert.equal(socket.connection.error, null);
    socket.connection.close();
  }
});

test("and one that never stops sending is let go when the time for closing is over", async (t) => {
  const socket = await upgrade(t, server, "/");
  socket.write(frame("", { opcode: 3 }));
  assert.equal((await socket.frame()).opcode, OPCODE.close);
  const sending = setInterval(() => socket.write("more"), 50);
  t.after(() => clearInterval(sending));
  await until("the connection is reset", () => socket.connection.error, 8_000);
});
