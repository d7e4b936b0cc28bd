// Records what a JavaScript client of message-service sends and sees, as a history for `message-service verify`
// (docs/verify.md). One recorder a process and file; several may be checked together.
//
//   const recorder = new Recorder("history/client-1.jsonl");
//   const post = recorder.wrapFetch(fetch);            // POSTs of messages are noted, before and after
//   const hub = recorder.wrapHub(connection, "tab-1"); // joins and received messages are noted

import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";

const messagesPath = /\/api\/conversations\/([^/]+)\/messages$/;

export class Recorder {
  #file;

  /** `clock`: a name that processes share whose `performance` clocks are one; without it, this process's own. */
  constructor(path, { clock } = {}) {
    this.#file = openSync(path, "a+");
    if (this.#endsInside()) writeSync(this.#file, "\n"); // the process before this one was cut off
    this.#note({ event: "recording", ...(clock === undefined ? {} : { clock }) });
  }

  close() {
    closeSync(this.#file);
  }

  /** A `fetch` that notes each POST of a message, and gives a key to a message without one. */
  wrapFetch(fetch) {
    return async (input, init = {}) => {
      const url = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
      const [, segment] = messagesPath.exec(url.pathname) ?? [];
      if (segment === undefined || init.method?.toUpperCase() !== "POST") return fetch(input, init);
      const conversationId = decodeURIComponent(segment);
      const message = JSON.parse(init.body);
      const key = message.temporaryMessageId ?? new Headers(init.headers).get("Idempotency-Key") ?? randomUUID();
      const body = JSON.stringify({ ...message, temporaryMessageId: key });
      this.sending(conversationId, key, message.content);
      let outcome = "unknown";
      try {
        const response = await fetch(input, { ...init, body });
        outcome = outcomeOf(response.status);
        return response;
      } catch (error) {
        if (error.cause?.code === "ECONNREFUSED") outcome = "refused"; // there was nobody to take it
        throw error;
      } finally {
        this.sent(conversationId, key, outcome);
      }
    };
  }

  /** Notes what a SignalR connection joins and receives. Call it before the connection starts. */
  wrapHub(connection, name) {
    return new RecordedHub(this, connection, name);
  }

  /** To be called before the message is sent. */
  sending(conversationId, key, content) {
    this.#note({ event: "sending", conversationId, key, content, at: performance.now() });
  }

  /** `outcome`: "ok", "refused", or "unknown" where nobody can tell. */
  sent(conversationId, key, outcome) {
    this.#note({ event: "sent", conversationId, key, outcome, at: performance.now() });
  }

  view(view, conversationId, afterSequence) {
    this.#note({ event: "view", view, conversationId, afterSequence });
  }

  received(view, message) {
    this.#note({ event: "received", view, message });
  }

  settled(view, upTo) {
    this.#note({ event: "settled", view, upTo });
  }

  /** Notes the whole history of a conversation, page by page. */
  async list(baseUrl, conversationId, fetchPage = fetch) {
    this.#note({ event: "listing", conversationId });
    for (let after = 0, hasMore = true; hasMore; ) {
      const path = `api/conversations/${encodeURIComponent(conversationId)}/messages?limit=500&after=${after}`;
      const response = await fetchPage(new URL(path, baseUrl));
      if (!response.ok) throw new Error(`the history of ${conversationId}: ${response.status}`);
      const page = await response.json();
      for (const message of page.messages) this.#note({ event: "stored", message });
      after = page.messages.at(-1)?.sequence ?? after;
      hasMore = page.hasMore;
    }
    this.#note({ event: "listed", conversationId });
  }

  // Written before the call returns, so that it is there when this process dies.
  #note(line) {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  #endsInside() {
    const { size } = fstatSync(this.#file);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(this.#file, last, 0, 1, size - 1) === 1 && last.toString() !== "\n";
  }
}

// What the service says for sure: taken, not taken; all else may be either.
function outcomeOf(status) {
  if (status === 201 || status === 202) return "ok";
  return status === 503 || (status >= 400 && status < 500) ? "refused" : "unknown";
}

export class RecordedHub {
  #recorder;
  #name;
  #invoke;
  #views = new Map(); // conversation -> {last, waiting: messages that came before the view's beginning is known}

  constructor(recorder, connection, name) {
    this.#recorder = recorder;
    this.#name = name;
    this.#invoke = connection.invoke.bind(connection);
    connection.on("ReceiveMessage", (message) => this.#receive(message));
    connection.invoke = (method, ...args) => {
      if (method === "JoinConversation") return this.#join(...args);
      return method === "SendMessage" ? this.#send(...args) : this.#invoke(method, ...args);
    };
  }

  /** The last sequence seen of a conversation: what a join after a reconnect names. Undefined before the first join. */
  lastSequence(conversationId) {
    return this.#views.get(conversationId)?.last;
  }

  /** Says that everything stored up to `upTo` has had the time to come: what is missing then is a fault. */
  settled(conversationId, upTo) {
    this.#recorder.settled(this.#viewName(conversationId), upTo);
  }

  #viewName(conversationId) {
    return `${this.#name} ${conversationId}`;
  }

  #begin(conversationId, afterSequence) {
    this.#views.set(conversationId, { last: afterSequence });
    this.#recorder.view(this.#viewName(conversationId), conversationId, afterSequence);
  }

  // A join after the last message that the view has goes on with the view; every other join begins another one.
  async #join(conversationId, afterSequence) {
    if (typeof afterSequence === "number") {
      if (this.lastSequence(conversationId) !== afterSequence) this.#begin(conversationId, afterSequence);
      return this.#invoke("JoinConversation", conversationId, afterSequence);
    }
    const waiting = [];
    this.#views.set(conversationId, { last: undefined, waiting });
    const joined = await this.#invoke("JoinConversation", conversationId);
    this.#begin(conversationId, joined.lastSequence);
    for (const message of waiting) if (message.sequence > joined.lastSequence) this.#receive(message);
    return joined;
  }

  async #send(conversationId, message) {
    const key = message.temporaryMessageId ?? randomUUID();
    this.#recorder.sending(conversationId, key, message.content);
    let outcome = "unknown"; // the hub's errors do not say whether it was taken
    try {
      const answer = await this.#invoke("SendMessage", conversationId, { ...message, temporaryMessageId: key });
      outcome = "ok";
      return answer;
    } finally {
      this.#recorder.sent(conversationId, key, outcome);
    }
  }

  #receive(message) {
    const view = this.#views.get(message.conversationId);
    if (view === undefined) return; // it was left
    if (view.waiting) {
      view.waiting.push(message);
      return;
    }
    view.last = Math.max(view.last, message.sequence);
    this.#recorder.received(this.#viewName(message.conversationId), message);
  }
}
