// HTTP over a bare socket: what is sent is exactly what the test wrote, and answers are read strictly.

import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { WAIT_MS, within } from "./service.mjs";

export class RawConnection {
  #socket;
  #received = Buffer.alloc(0);
  #wake = () => {};

  /** @returns {Promise<RawConnection>} connected to 127.0.0.1 */
  static async open(port) {
    const connection = new RawConnection();
    const socket = createConnection({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    connection.#socket = socket;
    connection.isClosed = false;
    connection.error = null;
    socket.on("data", (bytes) => {
      connection.#received = Buffer.concat([connection.#received, bytes]);
      connection.#wake();
    });
    const ended = () => {
      connection.isClosed = true;
      connection.#wake();
    };
    socket.on("end", ended);
    socket.on("close", ended);
    socket.on("error", (error) => (connection.error = error));
    await within("connected", new Promise((done, fail) => socket.once("connect", done).once("error", fail)));
    return connection;
  }

  /** Strings go out as UTF-8. */
  write(bytes) {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** Sends FIN; answers can still be read. */
  endWriting() {
    this.#socket.end();
  }

  close() {
    this.#socket.destroy();
  }

  /** Stops reading, so that the peer's writes fill up the buffers in between. */
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  async #until(what, probe, timeoutMs) {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const value = probe();
      if (value !== undefined) return value;
      const woken = new Promise((wake) => (this.#wake = wake));
      await within(`${what}; so far: ${JSON.stringify(this.#received.toString().slice(0, 300))}`, woken,
                   Math.max(1, deadline - performance.now()));
    }
  }

  /** The next answer, 1xx included; null when the connection ended instead. `head`: the answer has no body. */
  response({ head = false, timeoutMs = WAIT_MS } = {}) {
    return this.#until("an answer", () => this.#takeResponse(head), timeoutMs);
  }

  /** The head of the next answer, whose body goes on and is left to be read by received(). */
  async streamHead(timeoutMs = WAIT_MS) {
    const text = await this.received("\r\n\r\n", timeoutMs);
    const [first, ...lines] = text.trimEnd().split("\r\n");
    const headers = new Headers(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
    return { status: Number(first.split(" ")[1]), headers };
  }

  /** Everything up to `end`, that too, as text. Null when the connection ended before. */
  received(end, timeoutMs = WAIT_MS) {
    return this.#until(JSON.stringify(end), () => {
      const at = this.#received.indexOf(end);
      if (at >= 0) return this.#take(at + Buffer.byteLength(end)).toString("utf8");
      return this.isClosed ? null : undefined;
    }, timeoutMs);
  }

  /** Exactly `count` bytes, of an upgraded connection. Null when it ended before. */
  bytes(count, timeoutMs = WAIT_MS) {
    return this.#until(`${count} bytes`, () => {
      if (this.#received.length >= count) return this.#take(count);
      return this.isClosed ? null : undefined;
    }, timeoutMs);
  }

  /** Waits for the peer's FIN or reset; what had come before stays readable. */
  closed(timeoutMs = WAIT_MS) {
    return this.#until("the end of the connection", () => (this.isClosed ? true : undefined), timeoutMs);
  }

  /** Bytes that came and were not read as part of an answer. */
  get rest() {
    return this.#received;
  }

  #take(count) {
    const taken = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return taken;
  }

  #takeResponse(head) {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return this.isClosed ? null : undefined;
    const lines = this.#received.subarray(0, end).toString("latin1").split("\r\n");
    const first = lines[0].match(/^HTTP\/1\.1 (\d{3}) ([ -~]*)$/);
    assert.ok(first, `a status line, not ${JSON.stringify(lines[0])}`);
    const status = Number(first[1]);
    const headers = new Headers();
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(":");
      assert.match(line, /^[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?[^\r\n\0]*$/, "a header line");
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    assert.equal(headers.get("transfer-encoding"), null, "answers have a Content-Length");
    const bodyless = head || status < 200 || status === 204 || status === 304;
    const length = bodyless ? 0 : Number(headers.get("content-length") ?? "NaN");
    assert.ok(length >= 0, `Content-Length of a ${status}`);
    if (this.#received.length < end + 4 + length) return this.isClosed ? null : undefined;
    this.#take(end + 4);
    const body = this.#take(length).toString("utf8");
    return { status, reason: first[2], headers, body, get json() { return JSON.parse(body); } };
  }
}

/** `use(connection)` on a connection that is closed afterwards. */
export async function connected(port, use) {
  const connection = await RawConnection.open(port);
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** The text of a request; Host and Content-Length are added unless `headers` has them (null leaves one out). */
export function request(method, target, { headers = {}, body = "", version = "HTTP/1.1" } = {}) {
  const all = { Host: "localhost", ...(body.length ? { "Content-Length": Buffer.byteLength(body) } : {}), ...headers };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${target} ${version}\r\n${lines.join("")}\r\n`), Buffer.from(body)]);
}

export const goodMessage = { senderId: "parent-001", senderType: "Parent", content: "Hello teacher!" };

export const messagesOf = (conversationId) => `/api/conversations/${encodeURIComponent(conversationId)}/messages`;

/** A POST of a message as text of a request; `message` may be a string or bytes to be sent as they are. */
export function post(message = goodMessage, { conversationId = "conv-123", headers = {}, ...more } = {}) {
  const raw = typeof message === "string" || Buffer.isBuffer(message);
  return request("POST", more.target ?? messagesOf(conversationId), {
    headers: { "Content-Type": "application/json", ...headers },
    body: raw ? message : JSON.stringify(message),
    ...more,
  });
}

/** Posts a message by fetch: `{status, headers, json}`. */
export async function postMessage(service, message = {}, { conversationId = "conv-123", headers = {} } = {}) {
  const response = await fetch(service.url + messagesOf(conversationId), {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ ...goodMessage, ...message }),
    signal: AbortSignal.timeout(WAIT_MS),
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

/** GET by fetch: `{status, headers, text, json}`. */
export async function get(service, path, headers = {}) {
  const response = await fetch(service.url + path, { headers, signal: AbortSignal.timeout(WAIT_MS) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, get json() { return JSON.parse(text); } };
}

/** Every stored message of a conversation, oldest first. */
export async function history(service, conversationId = "conv-123") {
  const messages = [];
  for (;;) {
    const page = (await get(service, `${messagesOf(conversationId)}?after=${messages.length}&limit=500`)).json;
    messages.push(...page.messages);
    if (!page.hasMore) return messages;
  }
}

/**
 * The sequence of a conversation's last message, as a join tells it too. A message may be in the history a moment before.
 */
/** An answer of a conversation or of a join, without the name of its history, which it must have. */
export function besidesHistory({ historyId, ...others }) {
  assert.match(historyId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  return others;
}

export async function lastSequence(service, conversationId = "conv-123") {
  return (await get(service, `/api/conversations/${encodeURIComponent(conversationId)}`)).json.lastSequence;
}

/** Asserts RFC 9457 and what the contract adds to it. */
export function assertProblem(response, status) {
  const allowed = [status].flat();
  assert.ok(response, `an answer ${allowed} before the connection ends`);
  assert.ok(allowed.includes(response.status), `${allowed} expected: ${response.status} ${response.body ?? ""}`);
  assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json(;|$)/);
  const problem = response.json;
  assert.equal(problem.status, response.status);
  for (const member of ["type", "title", "detail", "traceId"]) {
    assert.equal(typeof problem[member], "string", `${member} in ${response.body}`);
    assert.notEqual(problem[member], "", member);
  }
  assert.match(problem.traceId, /^[0-9a-f]{32}$/);
  return problem;
}
