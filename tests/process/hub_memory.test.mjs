// What a hub client that only listens costs the service in memory.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { test } from "node:test";
import { HANDSHAKE, HUB, deflated, frame, negotiate, upgradeRequest } from "../support/hub.mjs";
import { request } from "../support/http.mjs";
import { sleep, startService } from "../support/service.mjs";

const CONNECTIONS = 4_000;
const WARM_UP = 200; // buffers and threads that every number of connections needs
const BYTES_MAX = 15 * 1024;

const memoryOf = (pid) => Number(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").match(/^Pss:\s+(\d+)/m)[1]) * 1024;

/** A connection that has sent `bytes` and read the beginning of the answer. */
const open = (port, bytes) => new Promise((done, fail) => {
  const socket = createConnection({ port, host: "127.0.0.1" });
  socket.once("error", fail).once("connect", () => socket.write(bytes)).once("data", () => done(socket));
});

const kinds = {
  async WebSockets(service) {
    const { connectionToken } = await negotiate(service);
    const socket = await open(service.port, upgradeRequest(`?id=${connectionToken}`));
    await new Promise((done) => socket.once("data", done).write(frame(HANDSHAKE)));
    return socket;
  },
  async "WebSockets that compress"(service) {
    const { connectionToken } = await negotiate(service);
    const offer = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
    const socket = await open(service.port, upgradeRequest(`?id=${connectionToken}`, offer));
    await new Promise((done) => socket.once("data", done).write(frame(deflated(HANDSHAKE), { compressed: true })));
    return socket;
  },
  async "server-sent events"(service) {
    const { connectionToken } = await negotiate(service);
    const socket = await open(service.port, request("GET", `${HUB}?id=${connectionToken}`, { headers: { Accept: "text/event-stream" } }));
    (await open(service.port, request("POST", `${HUB}?id=${connectionToken}`, { body: HANDSHAKE }))).destroy();
    return socket;
  },
};

for (const [name, connect] of Object.entries(kinds)) {
  test(`${CONNECTIONS} idle clients by ${name}: at most ${BYTES_MAX} bytes each`, async (t) => {
    const service = await startService(t, { settings: { "Limits:Connections": 2 * CONNECTIONS, "Logging:Level": "Warning", "Hub:Compression": true } });
    const sockets = [];
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    const openMore = async (count) => sockets.push(...await Promise.all(Array.from({ length: count }, () => connect(service))));
    await openMore(WARM_UP);
    await sleep(1_500);
    const before = memoryOf(service.pid);
    while (sockets.length < CONNECTIONS) await openMore(50);
    await sleep(2_500);
    const each = (memoryOf(service.pid) - before) / (sockets.length - WARM_UP);
    t.diagnostic(`${Math.round(each)} bytes each`);
    assert.ok(each <= BYTES_MAX, `${each} bytes each`);
  });
}
