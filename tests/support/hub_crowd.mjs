// Thousands of hub clients in a thread of their own, so that the test's posts do not wait for them: bare WebSockets
// behind a proxy, each in one conversation. A client keeps the proxy's cookie, waits as ServiceStopping tells it, comes
// back, joins behind the last message it has, and notes all that it ever got.
//
//   const crowd = await startCrowd(t, { url, authority, conversations, clients: 5_000 });
//   const { views, connects, failures } = await crowd.end(lastSequences);
//
// `views` are what delivery_check.mjs calls watchers.

import { once } from "node:events";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { WAIT_MS, sleep, until, within } from "./service.mjs";
import { WebSocket } from "./traffic.mjs";

const SEPARATOR = "\x1e";
const CONNECTS_AT_ONCE = 50;
const RETRY_MS = 250;

export async function startCrowd(t, options) {
  const worker = new Worker(new URL(import.meta.url), { workerData: options });
  t.after(() => worker.terminate());
  const failed = new Promise((_, fail) => worker.once("error", fail));
  const told = (what, timeoutMs) => within(what, Promise.race([once(worker, "message"), failed]), timeoutMs).then(([value]) => value);
  await told("all clients to join", 4 * WAIT_MS);
  return {
    async end(lastSequences) {
      worker.postMessage(lastSequences);
      return told("the views of all clients", 4 * WAIT_MS);
    },
  };
}

class Client {
  received = [];
  connects = 0;
  failures = [];
  #cookie;
  #waitMs = 0;
  #stopped = false;
  #socket;

  constructor({ url, authority }, name, conversationId) {
    Object.assign(this, { url: `${url.replace("http", "ws")}/hubs/messages`, authority, name, conversationId });
  }

  get lastSequence() {
    return this.received.at(-1)?.sequence ?? this.afterSequence;
  }

  async run(joined) {
    while (!this.#stopped) {
      try {
        await this.#hold(joined);
      } catch (error) {
        this.failures.push(String(error.message ?? error));
        this.#waitMs ||= RETRY_MS * (0.5 + Math.random());
      }
      if (!this.#stopped) await sleep(this.#waitMs);
      this.#waitMs = 0;
    }
  }

  #hold(joined) {
    const headers = this.#cookie ? { Cookie: this.#cookie } : {};
    const socket = (this.#socket = new WebSocket(this.url, { ca: this.authority, headers, perMessageDeflate: false }));
    return new Promise((done, fail) => {
      socket.on("error", fail);
      socket.on("close", done);
      socket.on("upgrade", ({ headers: answer }) => {
        this.#cookie = answer["set-cookie"]?.[0].split(";")[0] ?? this.#cookie;
      });
      socket.on("open", () => {
        this.connects += 1;
        const after = this.afterSequence === undefined ? [] : [this.lastSequence];
        const join = { type: 1, invocationId: "1", target: "JoinConversation", arguments: [this.conversationId, ...after] };
        socket.send(JSON.stringify({ protocol: "json", version: 1 }) + SEPARATOR + JSON.stringify(join) + SEPARATOR);
      });
      socket.on("message", (data) => {
        for (const text of data.toString().split(SEPARATOR)) if (text) this.#take(JSON.parse(text), joined);
      });
    });
  }

  #take(message, joined) {
    if (message.type === 3) {
      if (message.error) throw new Error(`${this.name} cannot join: ${message.error}`);
      this.afterSequence ??= message.result.lastSequence;
      joined();
    } else if (message.target === "ReceiveMessage") this.received.push(message.arguments[0]);
    else if (message.target === "ServiceStopping") this.#waitMs = message.arguments[0].reconnectAfterMs;
  }

  /** The hub closes who says nothing. */
  ping() {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: 6 }) + SEPARATOR);
  }

  stop() {
    this.#stopped = true;
    this.#socket?.close();
  }
}

async function serve({ conversations, clients: count, ...where }) {
  const clients = [];
  let waiting = 0;
  for (let n = 0; n < count; n += 1) {
    const client = new Client(where, `client ${n}`, conversations[n % conversations.length]);
    clients.push(client);
    waiting += 1;
    let first = true;
    void client.run(() => {
      if (first) waiting -= 1;
      first = false;
    });
    await until("clients to join", () => waiting < CONNECTS_AT_ONCE, WAIT_MS, 2);
  }
  await until("the last clients to join", () => waiting === 0);
  const pings = setInterval(() => clients.forEach((client) => client.ping()), 10_000);
  parentPort.postMessage("joined");
  const [lastSequences] = await once(parentPort, "message");
  clearInterval(pings);
  await until("all clients to have everything", () => clients.every((client) => client.lastSequence >= lastSequences.get(client.conversationId)))
    .catch(() => {}); // the checker tells better
  clients.forEach((client) => client.stop());
  parentPort.postMessage({
    views: clients.map(({ name, conversationId, afterSequence, received }) => ({ name, conversationId, afterSequence, received })),
    connects: clients.reduce((sum, client) => sum + client.connects, 0),
    failures: clients.flatMap((client) => client.failures),
  });
  parentPort.close();
}

if (!isMainThread) await serve(workerData);
