// The hub as its clients see it: Microsoft's own client, and a bare WebSocket for what that client would never do.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { RawConnection, request } from "./http.mjs";
import { WAIT_MS, repositoryRoot, until, within } from "./service.mjs";

const webRequire = createRequire(join(repositoryRoot, "web/package.json"));
export const signalR = webRequire("@microsoft/signalr");
const { MessagePackHubProtocol } = webRequire("@microsoft/signalr-protocol-msgpack");

export const HUB = "/hubs/messages";
const SEPARATOR = "\x1e";

/** A message or an answer as JSON has it. In MessagePack its times are times, which JavaScript takes as dates. */
export function asJson(value, protocol) {
  if (protocol !== "messagepack" || typeof value?.sentAt === "undefined") return value;
  for (const name of ["sentAt", "persistedAt"]) assert.ok(!(name in value) || value[name] instanceof Date, `${name}: ${value[name]}`);
  return JSON.parse(JSON.stringify(value));
}

/** Microsoft's client, with everything it received. Made by connectHub(). */
export class HubClient {
  received = []; // every ReceiveMessage, in order
  rejected = []; // every MessageRejected
  reconnects = 0;

  constructor(service, { reconnect, configure, protocol, stateful, url, path = "", http = {} } = {}) {
    const builder = new signalR.HubConnectionBuilder()
      .withUrl((url ?? service.url) + HUB + path, http)
      .configureLogging(signalR.LogLevel.None);
    if (reconnect) builder.withAutomaticReconnect(reconnect);
    if (protocol === "messagepack") builder.withHubProtocol(new MessagePackHubProtocol());
    if (stateful) builder.withStatefulReconnect();
    this.connection = builder.build();
    configure?.(this.connection);
    this.protocol = protocol;
    this.connection.on("ReceiveMessage", (message) => {
      this.received.push(asJson(message, protocol));
      this.onReceived?.(message);
    });
    this.connection.on("MessageRejected", (rejection) => this.rejected.push(rejection));
    this.closed = new Promise((done) => this.connection.onclose((error) => done(error ?? null)));
  }

  join(conversationId, ...afterSequence) {
    return within("JoinConversation", this.connection.invoke("JoinConversation", conversationId, ...afterSequence));
  }

  leave(conversationId) {
    return within("LeaveConversation", this.connection.invoke("LeaveConversation", conversationId));
  }

  async send(conversationId, message) {
    return asJson(await within("SendMessage", this.connection.invoke("SendMessage", conversationId, message)), this.protocol);
  }

  /** The sequences received of one conversation. */
  sequences(conversationId = "conv-123") {
    return this.received.filter((message) => message.conversationId === conversationId).map(({ sequence }) => sequence);
  }

  receivedUpTo(sequence, conversationId = "conv-123") {
    return until(`message ${sequence} of ${conversationId}`, () => this.sequences(conversationId).at(-1) >= sequence);
  }
}

/**
 * A started client that is stopped when `t` ends.
 *   reconnect   delays in ms for automatic reconnects; none by default
 *   configure   called with the HubConnection before it starts
 *   protocol    "json" or "messagepack"
 *   stateful    asks for stateful reconnect
 *   url         of a way to the service other than its own
 *   path        behind the hub's own, such as a query
 *   http        further options of withUrl(), such as `transport`
 */
export async function connectHub(t, service, options = {}) {
  const client = new HubClient(service, options);
  t.after(() => client.connection.stop());
  await within("start of the hub connection", client.connection.start());
  return client;
}

/** The answer of negotiate, as an object. */
export async function negotiate(service, query = "?negotiateVersion=1") {
  const response = await fetch(`${service.url}${HUB}/negotiate${query}`, { method: "POST", signal: AbortSignal.timeout(WAIT_MS) });
  assert.equal(response.status, 200);
  return response.json();
}

/** The text of an upgrade request; `headers` replace single ones, null leaves one out. */
export function upgradeRequest(query = "", headers = {}) {
  return request("GET", HUB + query, { headers: {
    Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"), ...headers,
  } });
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

const syncFlush = { finishFlush: constants.Z_SYNC_FLUSH };
const TAIL = Buffer.from([0, 0, 0xff, 0xff]); // of every flush; it is not sent

/** What a compressed message's frames carry (RFC 7692). */
export const deflated = (message) => deflateRawSync(message, syncFlush).subarray(0, -TAIL.length);
export const inflated = (payload) => inflateRawSync(Buffer.concat([payload, TAIL]), syncFlush);

/** One masked frame. `compressed`: it begins a message that is, which the caller has seen to. */
export function frame(payload, { opcode = OPCODE.text, fin = true, masked = true, compressed = false } = {}) {
  const bytes = Buffer.from(payload);
  const maskBit = masked ? 0x80 : 0;
  const head = [(fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode];
  let length;
  if (bytes.length < 126) length = Buffer.from([maskBit | bytes.length]);
  else if (bytes.length < 65_536) {
    length = Buffer.from([maskBit | 126, 0, 0]);
    length.writeUInt16BE(bytes.length, 1);
  } else {
    length = Buffer.alloc(9, maskBit | 127);
    length.writeBigUInt64BE(BigInt(bytes.length), 1);
  }
  if (!masked) return Buffer.concat([Buffer.from(head), length, bytes]);
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from(head), length, mask, bytes.map((byte, n) => byte ^ mask[n % 4])]);
}

export const record = (message) => (typeof message === "string" ? message : JSON.stringify(message)) + SEPARATOR;
export const HANDSHAKE = record({ protocol: "json", version: 1 });

// Shorter than the 30 s after which the hub closes who says nothing, as a bare socket does: that is not what is waited for.
const MESSAGE_MS = 20_000;

/** A bare WebSocket to the hub. Made by openSocket(). */
export class HubSocket {
  #records = "";

  constructor(connection) {
    this.connection = connection;
    this.closeCode = undefined; // of the Close frame, once read; 1005 when it had none
  }

  write(bytes) {
    this.connection.write(bytes);
  }

  /** Sends hub messages (objects, or text as it is) in one frame. */
  send(...messages) {
    this.write(frame(messages.map(record).join("")));
  }

  /** The next frame: `{opcode, payload, wireBytes, compressed}`; null at the end of the connection. Inflated if it was compressed. */
  async frame(timeoutMs) {
    const head = await this.connection.bytes(2, timeoutMs);
    if (head === null) return null;
    assert.equal(head[0] & 0x80, 0x80, "the server sends whole messages in one frame each");
    assert.equal(head[1] & 0x80, 0, "frames of a server are not masked");
    let length = head[1] & 0x7f;
    if (length === 126) length = (await this.connection.bytes(2, timeoutMs))?.readUInt16BE();
    else if (length === 127) length = Number((await this.connection.bytes(8, timeoutMs))?.readBigUInt64BE());
    let payload = length === undefined || Number.isNaN(length) ? null : await this.connection.bytes(length, timeoutMs);
    if (payload === null) return null;
    const opcode = head[0] & 0x0f;
    const compressed = (head[0] & 0x40) !== 0;
    if (compressed) payload = inflated(payload);
    if (opcode === OPCODE.close) this.closeCode = payload.length >= 2 ? payload.readUInt16BE() : 1005;
    return { opcode, payload, wireBytes: length, compressed };
  }

  /** The next hub message; null when a Close frame or the end of the connection comes instead. */
  async message(timeoutMs = MESSAGE_MS) {
    for (;;) {
      const end = this.#records.indexOf(SEPARATOR);
      if (end >= 0) {
        const text = this.#records.slice(0, end);
        this.#records = this.#records.slice(end + 1);
        return JSON.parse(text);
      }
      const next = await this.frame(timeoutMs);
      if (next === null || next.opcode === OPCODE.close) return null;
      if (next.opcode === OPCODE.text) this.#keep(next.payload);
    }
  }

  #keep(payload) {
    this.#records += payload;
    assert.ok(this.#records.endsWith(SEPARATOR), "a frame holds whole hub messages (clients refuse others)");
  }

  /** The next hub message that is no ping. */
  async messageButPing(timeoutMs = MESSAGE_MS) {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const message = await this.message(Math.max(1, deadline - performance.now()));
      if (message?.type !== 6) return message;
    }
  }

  /** Waits until the server has read what was sent: it answers a ping of the WebSocket in its turn, and counts none. */
  async wasRead() {
    this.write(frame("read", { opcode: OPCODE.ping }));
    for (;;) {
      const next = await this.frame();
      assert.ok(next !== null && next.opcode !== OPCODE.close, "the connection ended before the pong");
      if (next.opcode === OPCODE.pong) return;
      if (next.opcode === OPCODE.text) this.#keep(next.payload);
    }
  }

  async shakeHands() {
    this.write(frame(HANDSHAKE));
    assert.deepEqual(await this.message(), {});
    return this;
  }
}

/**
 * A bare WebSocket, upgraded and not yet shaken hands; negotiated unless `token` is null. Closed when `t` ends.
 * `headers` are the upgrade's; what the answer says of extensions is its `extensions`.
 */
export async function openSocket(t, service, { token, headers } = {}) {
  if (token === undefined) token = (await negotiate(service)).connectionToken;
  const connection = await RawConnection.open(service.port);
  t.after(() => connection.close());
  connection.write(upgradeRequest(token === null ? "" : `?id=${token}`, headers));
  const response = await connection.response();
  assert.equal(response?.status, 101, response?.body);
  const socket = new HubSocket(connection);
  socket.extensions = response.headers.get("Sec-WebSocket-Extensions");
  return socket;
}
