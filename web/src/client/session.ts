// One person in one conversation: the timeline, the connection that feeds it, and the outbox that sends from it.
// Owned by a pane, which reads the view and listens for changes. Lives until `stop`.

import type { Person } from '../people';
import { parseRejection, parseStoredMessage, textOf, type JsonObject, type StoredMessage } from '../model/message';
import * as timelines from '../model/timeline';
import type { Timeline } from '../model/timeline';
import type { Api } from './api';
import { HubLink, type LinkStatus } from './hub_link';
import { Outbox } from './outbox';
import { ViewReporter } from './view_reporter';

export type HistoryState = 'loading' | 'missing' | 'not-in' | 'ready';

/** Whether there is a conversation that the person is in, as far as is known. */
export function isThere(history: HistoryState): boolean {
  return history === 'loading' || history === 'ready';
}

export interface SessionOptions {
  readonly person: Person;
  readonly conversationId: string;
  readonly api: Api;
  readonly hubUrl: string;
  readonly token: () => Promise<string>;
  readonly newId: () => string;
}

export interface SessionListener {
  changed(): void;
  /** Somebody else's message arrived through the hub. */
  heard(message: StoredMessage): void;
}

const storedCountMax = 1_000;

export class ChatSession {
  readonly person: Person;
  readonly conversationId: string;
  readonly #api: Api;
  readonly #newId: () => string;
  readonly #link: HubLink;
  readonly #outbox: Outbox;
  readonly #reporter: ViewReporter;
  #listener: SessionListener = { changed() {}, heard() {} };
  #timeline: Timeline = timelines.emptyTimeline;
  #status: LinkStatus = { state: 'connecting', failures: 0 };
  #history: HistoryState = 'loading';
  #historyProblem: string | undefined;
  #older: 'idle' | 'loading' | 'failed' = 'idle';
  #catchUp = { afterSequence: 0, upToSequence: 0 };

  constructor(options: SessionOptions) {
    this.person = options.person;
    this.conversationId = options.conversationId;
    this.#api = options.api;
    this.#newId = options.newId;
    this.#link = new HubLink(options.hubUrl, options.token, options.conversationId, {
      prepare: () => this.#loadNewest(),
      lastSequence: () => this.#timeline.lastSequence,
      status: (status) => this.#change(() => (this.#status = status)),
      joined: (afterSequence, lastSequence) => this.#joined(afterSequence, lastSequence),
      message: (value) => this.#receive(value),
      rejection: (value) => this.#reject(value),
      removed: () => this.#change(() => (this.#history = 'not-in')),
    });
    this.#reporter = new ViewReporter({
      conversationId: options.conversationId,
      timeline: () => this.#timeline,
      send: (report) => this.#link.reportView(report),
    });
    this.#outbox = new Outbox({
      post: (draft) => this.#api.send(this.conversationId, draft),
      events: {
        attempt: (id) => this.#update(timelines.attempted(this.#timeline, id)),
        accepted: (id, body) => this.#accepted(id, body),
        failed: (id, failure, waitMs) => {
          const retryAtMs = waitMs === undefined ? undefined : Date.now() + waitMs;
          this.#update(timelines.failed(this.#timeline, id, failure, retryAtMs));
        },
      },
    });
  }

  get timeline(): Timeline {
    return this.#timeline;
  }
  get status(): LinkStatus {
    return this.#status;
  }
  get history(): HistoryState {
    return this.#history;
  }
  get historyProblem(): string | undefined {
    return this.#historyProblem;
  }
  get older(): 'idle' | 'loading' | 'failed' {
    return this.#older;
  }
  /** How many messages the last join brought that were missed while away. */
  get caughtUpCount(): number {
    return timelines.countBetween(this.#timeline, this.#catchUp.afterSequence, this.#catchUp.upToSequence);
  }

  start(listener: SessionListener): void {
    this.#listener = listener;
    this.#link.start();
    this.#reporter.start();
  }

  stop(): void {
    this.#listener = { changed() {}, heard() {} };
    this.#link.stop();
    this.#reporter.stop();
    this.#outbox.stop();
  }

  tryNow(): void {
    this.#link.tryNow();
  }

  send(content: string): void {
    const { id, type } = this.person;
    const draft = { temporaryMessageId: this.#newId(), senderId: id, senderType: type, content };
    this.#update(timelines.queued(this.#timeline, draft, new Date().toISOString(), performance.now()));
    this.#outbox.send(draft);
  }

  retry(temporaryMessageId: string): void {
    this.#outbox.retryNow(temporaryMessageId);
  }

  /** Takes a refused or rejected message out and gives its text back, to be written anew under another key. */
  withdraw(temporaryMessageId: string): string {
    const content = timelines.findOutgoing(this.#timeline, temporaryMessageId)?.content ?? '';
    this.#outbox.forget(temporaryMessageId);
    this.#update(timelines.withdrawn(this.#timeline, temporaryMessageId));
    return content;
  }

  async loadOlder(): Promise<void> {
    const oldest = this.#timeline.stored[0]?.sequence;
    if (this.#older === 'loading' || !this.#timeline.hasOlder || oldest === undefined) return;
    this.#change(() => (this.#older = 'loading'));
    const outcome = await this.#api.page(this.conversationId, oldest);
    this.#change(() => {
      this.#older = outcome.kind === 'page' ? 'idle' : 'failed';
      if (outcome.kind !== 'page') return;
      this.#timeline = timelines.olderPage(this.#timeline, outcome.page, performance.now());
    });
  }

  /** For a reader at the newest message: older ones beyond a bound are let go, and can be loaded again. */
  trim(): void {
    this.#timeline = timelines.trimmed(this.#timeline, storedCountMax);
  }

  async #loadNewest(): Promise<boolean> {
    if (this.#history === 'ready') return true;
    const outcome = await this.#api.page(this.conversationId);
    this.#change(() => {
      this.#historyProblem = outcome.kind === 'failed' ? outcome.text : undefined;
      if (outcome.kind === 'missing') this.#history = outcome.orNotIn ? 'not-in' : 'missing';
      if (outcome.kind !== 'page') return;
      this.#history = 'ready';
      this.#reporter.restart(outcome.page.messages[0]?.sequence ?? 0);
      this.#timeline = timelines.newestPage(this.#timeline, outcome.page, performance.now());
    });
    if (outcome.kind === 'failed') throw new Error(outcome.text);
    return outcome.kind === 'page';
  }

  #joined(afterSequence: number, lastSequence: number): void {
    this.#change(() => (this.#catchUp = { afterSequence, upToSequence: lastSequence }));
    void this.#settleSent();
  }

  // A rejection sent while this page was away is not sent again: ask for what was taken and never came back.
  async #settleSent(): Promise<void> {
    for (const entry of this.#timeline.outgoing.filter(({ status }) => status === 'sent')) {
      const id = entry.temporaryMessageId;
      const outcome = await this.#api.lookUp(this.conversationId, id);
      if (outcome.kind === 'stored') this.#insert(outcome.message, timelines.lookedUp);
      if (outcome.kind === 'rejected') this.#update(timelines.rejected(this.#timeline, id, outcome.reason));
    }
  }

  #accepted(temporaryMessageId: string, body: JsonObject | undefined): void {
    const answer = { nowMs: performance.now(), correlationId: textOf(body, 'correlationId') };
    this.#update(timelines.accepted(this.#timeline, temporaryMessageId, answer));
    const message = parseStoredMessage(body); // in Synchronous mode the answer is the stored message
    if (message) this.#insert(message, timelines.lookedUp);
  }

  #receive(value: unknown): void {
    const message = parseStoredMessage(value);
    if (!message || message.conversationId !== this.conversationId) return;
    const isNew = message.sequence > this.#timeline.lastSequence;
    this.#insert(message, timelines.received);
    if (isNew && message.senderId !== this.person.id) this.#listener.heard(message);
  }

  #reject(value: unknown): void {
    const rejection = parseRejection(value);
    if (!rejection || rejection.conversationId !== this.conversationId) return;
    this.#outbox.forget(rejection.temporaryMessageId);
    this.#update(timelines.rejected(this.#timeline, rejection.temporaryMessageId, rejection.reason));
  }

  #insert(message: StoredMessage, insert: typeof timelines.received): void {
    this.#update(insert(this.#timeline, message, performance.now()));
    // Stored: no more tries, unless the content was another one and this page's message is still open.
    if (!timelines.findOutgoing(this.#timeline, message.temporaryMessageId)) this.#outbox.forget(message.temporaryMessageId);
  }

  #update(timeline: Timeline): void {
    if (timeline !== this.#timeline) this.#change(() => (this.#timeline = timeline));
  }

  #change(apply: () => void): void {
    apply();
    this.#listener.changed();
  }
}
