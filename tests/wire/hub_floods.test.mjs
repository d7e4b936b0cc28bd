// What one client can send at once, beside others of the same thread: they do not wait for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RawConnection, connected, get, request } from "../support/http.mjs";
import { HUB, OPCODE, frame, negotiate, openSocket, record } from "../support/hub.mjs";
import { sleep, startService, until } from "../support/service.mjs";

const MIB = 1 << 20;
// Far below the seconds that a thread stood still for these. On a busy machine any request waits longer, so beside what
// such a request waits without them.
const WAIT_MAX_MS = 400;
const WAIT_FACTOR_MAX = 20;

function assertShort(longest, control) {
  const most = Math.max(WAIT_MAX_MS, WAIT_FACTOR_MAX * control);
  assert.ok(longest < most, `${longest} ms, and ${control} ms without`);
}

const filled = (piece, bytes = MIB) => Buffer.alloc(Math.floor(bytes / piece.length) * piece.length, Buffer.from(piece));
const PACKED_PING = Buffer.from([2, 0x91, 6]);

/** The longest of the waits for a small answer, as long as `work` takes. */
async function longestWaitDuring(service, work) {
  let busy = true;
  const done = work().finally(() => (busy = false));
  let longest = 0;
  while (busy) {
    const started = performance.now();
    assert.equal((await get(service, "/health/live")).status, 200);
    longest = Math.max(longest, performance.now() - started);
    await sleep(1);
  }
  await done;
  return longest;
}

const ask = (service, method, id, options = {}) => connected(service.port, (connection) => {
  connection.write(request(method, `${HUB}?id=${id}`, options));
  return connection.response(options);
});

/** A client behind its handshake whose next poll waits. */
async function openPolling(t, service, protocol) {
  const { connectionToken: id } = await negotiate(service);
  assert.equal((await ask(service, "GET", id)).status, 200);
  assert.equal((await ask(service, "POST", id, { body: record({ protocol, version: 1 }) })).status, 200);
  assert.equal((await ask(service, "GET", id)).body, "{}\x1e");
  const poll = await RawConnection.open(service.port);
  t.after(() => poll.close());
  poll.write(request("GET", `${HUB}?id=${id}`));
  return id;
}

for (const [what, protocol, piece] of [
  ["pings", "messagepack", PACKED_PING],
  ["pings", "json", '{"type":6}\x1e'],
  ["types that nobody knows", "messagepack", Buffer.from([2, 0x91, 99])],
  ["cancellations of nothing", "json", '{"type":5,"invocationId":"9"}\x1e'],
  ["items for no stream", "messagepack", Buffer.from("\x07\x94\x02\x80\xa19\xa1x", "latin1")],
  ["calls of no method", "json", '{"type":1,"target":"x","arguments":[]}\x1e'],
]) {
  test(`a POST of 1 MiB of ${what} in ${protocol} keeps nobody waiting`, async (t) => {
    const service = await startService(t, { settings: { "Server:Threads": 1 } });
    const id = await openPolling(t, service, protocol);
    const body = filled(piece);
    const control = await longestWaitDuring(service, () => sleep(500));
    const longest = await longestWaitDuring(service, async () => {
      assert.equal((await ask(service, "POST", id, { body })).status, 200);
      // It is taken when there is room for as much again.
      assert.equal((await ask(service, "POST", id, { body: body.subarray(0, piece.length) })).status, 200);
    });
    assertShort(longest, control);
  });
}

for (const [what, bytes, alive] of [
  ["pings without content", filled(frame("", { opcode: OPCODE.ping })), true],
  ["frames of one byte", Buffer.concat([frame("", { fin: false }), filled(frame(" ", { opcode: OPCODE.continuation, fin: false }), 200_000)]), true],
  ["frames of no bytes", Buffer.concat([frame("", { fin: false }), filled(frame("", { opcode: OPCODE.continuation, fin: false }), 4 * MIB)]), true],
]) {
  test(`a WebSocket with ${bytes.length} bytes of ${what} keeps nobody waiting`, async (t) => {
    const service = await startService(t, { settings: { "Server:Threads": 1 } });
    const socket = await (await openSocket(t, service)).shakeHands();
    const control = await longestWaitDuring(service, () => sleep(500));
    const longest = await longestWaitDuring(service, async () => {
      socket.write(bytes);
      if (alive) await socket.wasRead();
    });
    assertShort(longest, control);
  });
}

test("pongs that nobody reads do not pile up", async (t) => {
  const service = await startService(t);
  const socket = await (await openSocket(t, service)).shakeHands();
  const memory = async () => Number((await get(service, "/metrics")).text.match(/^process_resident_memory_bytes (\S+)$/m)[1]);
  const before = await memory();
  socket.connection.pause();
  for (let n = 0; n < 32; ++n) {
    socket.write(filled(frame("x".repeat(4), { opcode: OPCODE.ping })));
    await sleep(5);
  }
  await sleep(500);
  const after = await memory();
  assert.ok(after - before < 8 * MIB, `${before} and ${after} bytes`);
  socket.connection.resume();
  await socket.wasRead();
});

test("the negotiations of one address leave room for others, and expire", async (t) => {
  const service = await startService(t, { settings: { "Limits:Connections": 400, "Hub:DisconnectTimeoutMs": 2_000 } });
  const statuses = await connected(service.port, async (connection) => {
    const all = [];
    for (let n = 0; n < 400; ++n) {
      connection.write(request("POST", `${HUB}/negotiate?negotiateVersion=1`));
      all.push((await connection.response()).status);
    }
    return all;
  });
  assert.equal(statuses.filter((status) => status === 200).length, 200, "half of what is free");
  assert.ok(statuses.slice(200).every((status) => status === 503));
  await until("room again", async () => (await fetch(`${service.url}${HUB}/negotiate`, { method: "POST" })).status === 200, 15_000);
});
