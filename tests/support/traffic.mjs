// Clients for black-box tests that note what they do: writers (HTTP) and watchers (real SignalR clients). What they
// note is what delivery_check.mjs wants to see.

import { randomUUID } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";
import { join } from "node:path";
import { WAIT_MS, repositoryRoot, sleep, until } from "./service.mjs";

const webRequire = createRequire(join(repositoryRoot, "web/package.json"));
export const signalr = webRequire("@microsoft/signalr");
export const WebSocket = createRequire(webRequire.resolve("@microsoft/signalr"))("ws");

const ANSWER_MS = WAIT_MS; // above the service's own publish timeout, so that its 504 is heard

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** $SEED, or a new one; printed, so that a failure can be run again. */
export function printedSeed(t) {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32);
  t.diagnostic(`SEED=${seed}`);
  return seed;
}

/** One request: `{status, headers, body}`; rejects with the socket's error. */
export function request(url, { method = "GET", body, agent, headers = {} } = {}) {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const sent = bytes ? { "Content-Type": "application/json", "Content-Length": bytes.length, ...headers } : headers;
  return new Promise((resolve, reject) => {
    const call = (url.startsWith("https:") ? https : http).request(url, { method, agent, headers: sent, timeout: ANSWER_MS }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: response.statusCode, headers: response.headers, body: parseOr(text) });
      });
    });
    call.on("timeout", () => call.destroy(new Error("no answer in time")));
    call.on("error", reject);
    call.end(bytes);
  });
}

function parseOr(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const messagesUrl = (base, conversationId) => `${base}/api/conversations/${encodeURIComponent(conversationId)}/messages`;

// Contract, section 2: what certainly was not taken, and what may have been. A connection that was never made took nothing.
function outcomeOf({ status }) {
  if (status === 202 || status === 201) return "ok";
  return status === 503 || (status >= 400 && status < 500) ? "refused" : "unknown";
}

/** The record of all writers of a test: each entry's intent is there before it is sent, the outcome after. */
export class WriteLog {
  entries = [];

  async write(service, conversationId, { agent, content, key = randomUUID() } = {}) {
    const text = content ?? `${key} says hello`;
    const entry = { conversationId, key, content: text, outcome: "unknown", sentMs: performance.now(), answeredMs: Infinity };
    this.entries.push(entry);
    const body = { senderId: "parent-001", senderType: "Parent", content: text, temporaryMessageId: key };
    try {
      const answer = await request(messagesUrl(service.url, conversationId), { method: "POST", body, agent });
      entry.outcome = outcomeOf(answer);
      entry.status = answer.status;
      entry.retryAfter = answer.headers["retry-after"];
    } catch (error) {
      if (error.code === "ECONNREFUSED") entry.outcome = "refused";
      entry.error = error;
    }
    entry.answeredMs = performance.now();
    return entry;
  }

  count(outcome) {
    return this.entries.filter((entry) => entry.outcome === outcome).length;
  }
}

/**
 * Closed-loop load: each connection writes to its conversations in turn, one message after the other, each with so much
 * padding. Returns `stop()`, which waits for the answers that are under way.
 */
export function startLoad(service, log, { connections = 16, conversations, random = Math.random, pauseMs = 4, paddingBytes = 0 }) {
  let running = true;
  const padding = "x".repeat(paddingBytes);
  const loops = Array.from({ length: connections }, async (_, index) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const own = conversations.length === 1 ? conversations : conversations.filter((_, at) => at % 2 === index % 2);
    for (let turn = index; running; turn += 1) {
      const key = randomUUID();
      const content = `${key} says hello${padding}`;
      const { outcome } = await log.write(service, own[turn % own.length], { agent, key, content });
      await sleep(outcome === "ok" ? pauseMs * random() : 10);
    }
    agent.destroy();
  });
  return async function stop() {
    running = false;
    await Promise.all(loops);
  };
}

/** A SignalR client that keeps coming back, joins its conversations anew, and notes every message it ever got. */
export class Watcher {
  views = new Map(); // conversationId -> {name, conversationId, afterSequence, received}
  connects = 0;
  #service;
  #conversations;
  #connection;
  #stopped = false;
  #loop;

  /** `afterSequence`: where the first join begins; undefined: live messages only. */
  constructor(service, name, conversations, afterSequence) {
    this.#service = service;
    this.#conversations = conversations;
    this.#loop = this.#run(name, afterSequence);
  }

  async #run(name, afterSequence) {
    while (!this.#stopped) {
      const connection = new signalr.HubConnectionBuilder()
        .withUrl(`${this.#service.url}/hubs/messages`)
        .configureLogging(signalr.LogLevel.None)
        .build();
      const gone = new Promise((resolve) => connection.onclose(resolve));
      connection.on("ReceiveMessage", (message) => this.views.get(message.conversationId).received.push(message));
      try {
        await connection.start();
        this.#connection = connection;
        for (const id of this.#conversations) await this.#join(connection, name, id, afterSequence);
        this.connects += 1;
        await gone;
      } catch {
        await connection.stop(); // the service is away, or went away while joining
      }
      if (!this.#stopped) await sleep(20);
    }
  }

  async #join(connection, name, conversationId, afterSequence) {
    if (!this.views.has(conversationId)) this.views.set(conversationId, { name, conversationId, afterSequence, received: [] });
    const view = this.views.get(conversationId); // there before the call: messages follow its answer at once
    if (view.afterSequence !== undefined) {
      await connection.invoke("JoinConversation", conversationId, this.lastSequence(conversationId));
    } else {
      view.afterSequence = (await connection.invoke("JoinConversation", conversationId)).lastSequence;
    }
  }

  lastSequence(conversationId) {
    const view = this.views.get(conversationId);
    return view?.received.at(-1)?.sequence ?? view?.afterSequence ?? 0;
  }

  async stop() {
    this.#stopped = true;
    await this.#connection?.stop();
    await this.#loop;
  }
}

/** The whole history of a conversation, page by page. */
export async function readHistory(service, conversationId) {
  const history = [];
  for (;;) {
    const after = history.at(-1)?.sequence ?? 0;
    const { status, body } = await request(`${messagesUrl(service.url, conversationId)}?after=${after}&limit=500`);
    if (status !== 200) throw new Error(`history of ${conversationId}: ${status} ${JSON.stringify(body)}`);
    history.push(...body.messages);
    if (!body.hasMore) return history;
  }
}

export async function readHistories(service, conversations) {
  const stored = new Map();
  for (const id of conversations) stored.set(id, await readHistory(service, id));
  return stored;
}

/**
 * Waits until everything that was in the log before this call is stored: a last message to each conversation goes
 * through the same log behind all others.
 */
export async function settle(service, log, conversations, timeoutMs = WAIT_MS) {
  for (const id of conversations) {
    const last = await until(`a 202 for a last message to ${id}`, async () => {
      const entry = await log.write(service, id);
      return entry.outcome === "ok" && entry;
    }, timeoutMs, 100);
    const url = `${messagesUrl(service.url, id)}/by-temporary-id/${last.key}`;
    await until(`the last message of ${id} to be stored`, async () => (await request(url)).status === 200, timeoutMs);
  }
}

/** What watchers of all these histories saw, each once it has seen their ends, or will not: then the checker tells better. */
export async function viewsAtTheEnd(watchers, stored) {
  const isBehind = (watcher) => [...stored].some(([id, history]) => watcher.lastSequence(id) < history.at(-1).sequence);
  await until("the watchers to catch up", () => !watchers.some(isBehind)).catch(() => {});
  await Promise.all(watchers.map((watcher) => watcher.stop()));
  return watchers.flatMap((watcher) => [...watcher.views.values()]);
}

/** Resident memory of a process, in bytes, and the most it has ever been. */
export function memoryOf(status) {
  const kib = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))[1]);
  return { rssBytes: kib("VmRSS") * 1024, peakBytes: kib("VmHWM") * 1024 };
}
