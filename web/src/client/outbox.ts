// Sends messages over HTTP until each is taken, refused, or out of automatic tries. Owned by a session.
// First tries go out one after the other, so that what was typed first is logged first; a retry keeps nobody waiting.

import { fullJitterMs, resendPolicy, type BackoffPolicy } from '../model/backoff';
import type { Draft, JsonObject } from '../model/message';
import type { Failure, SendOutcome } from '../model/outcome';

export interface OutboxEvents {
  attempt(temporaryMessageId: string): void;
  accepted(temporaryMessageId: string, body: JsonObject | undefined): void;
  /** `retryAfterMs` is the wait before the next automatic try; undefined: there is none. */
  failed(temporaryMessageId: string, failure: Failure, retryAfterMs: number | undefined): void;
}

export interface OutboxOptions {
  readonly post: (draft: Draft) => Promise<SendOutcome>;
  readonly events: OutboxEvents;
  readonly policy?: BackoffPolicy;
  readonly automaticRetries?: number;
  readonly random?: () => number;
}

interface Item {
  readonly draft: Draft;
  automaticTries: number;
  inFlight: boolean;
  timer?: ReturnType<typeof setTimeout>;
}

const retryAfterLimitMs = 60_000; // a longer one is the person's to wait for

export class Outbox {
  readonly #options: Required<OutboxOptions>;
  readonly #items = new Map<string, Item>();
  #firstTries: Promise<void> = Promise.resolve();

  constructor(options: OutboxOptions) {
    this.#options = { policy: resendPolicy, automaticRetries: 5, random: Math.random, ...options };
  }

  send(draft: Draft): void {
    const item: Item = { draft, automaticTries: 0, inFlight: false };
    this.#items.set(draft.temporaryMessageId, item);
    this.#firstTries = this.#firstTries.then(() => this.#attempt(item));
  }

  /** Sends again at once, with the same key and a fresh count of automatic tries. */
  retryNow(temporaryMessageId: string): void {
    const item = this.#items.get(temporaryMessageId);
    if (!item || item.inFlight) return;
    item.automaticTries = 0;
    void this.#attempt(item);
  }

  /** The message was decided elsewhere (stored, rejected, withdrawn): no further try. */
  forget(temporaryMessageId: string): void {
    const item = this.#items.get(temporaryMessageId);
    if (!item) return;
    clearTimeout(item.timer);
    this.#items.delete(temporaryMessageId);
  }

  stop(): void {
    for (const id of [...this.#items.keys()]) this.forget(id);
  }

  async #attempt(item: Item): Promise<void> {
    const id = item.draft.temporaryMessageId;
    if (item.inFlight || this.#items.get(id) !== item) return;
    clearTimeout(item.timer);
    item.inFlight = true;
    this.#options.events.attempt(id);
    const outcome = await this.#options.post(item.draft);
    item.inFlight = false;
    if (outcome.kind === 'accepted') {
      this.#options.events.accepted(id, outcome.body);
      this.forget(id);
    } else if (this.#items.get(id) === item) {
      this.#retryLater(item, outcome.failure);
    }
  }

  #retryLater(item: Item, failure: Failure): void {
    const waitMs = this.#waitMs(item, failure);
    if (waitMs !== undefined) {
      item.automaticTries += 1;
      item.timer = setTimeout(() => void this.#attempt(item), waitMs);
    }
    this.#options.events.failed(item.draft.temporaryMessageId, failure, waitMs);
  }

  #waitMs(item: Item, failure: Failure): number | undefined {
    const { automaticRetries, policy, random } = this.#options;
    const askedMs = failure.retryAfterMs ?? 0;
    if (failure.certainty === 'refused' || item.automaticTries >= automaticRetries) return undefined;
    if (askedMs > retryAfterLimitMs) return undefined;
    return askedMs + fullJitterMs(policy, item.automaticTries, random);
  }
}
