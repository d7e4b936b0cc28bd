// The messages one person sees, as a value. Every function returns a new timeline, or the same one if nothing changed.
// Stored messages are ordered by `sequence` and held once; what this person is sending comes after them.

import type { Draft, Page, StoredMessage } from './message';
import type { Failure } from './outcome';

export type Status = 'sending' | 'sent' | 'stored' | 'failed' | 'rejected';

export interface Entry {
  readonly key: string;
  readonly status: Status;
  readonly temporaryMessageId: string;
  readonly senderId: string;
  readonly senderType: string;
  readonly content: string;
  readonly sentAt: string;
  readonly sequence?: number;
  readonly messageId?: string;
  readonly persistedAt?: string;
  readonly correlationId?: string;
  readonly sending?: Sending;
  readonly failure?: Failure;
  readonly retryAtMs?: number;
  readonly reason?: string;
  readonly isChange?: boolean;
}

/** What only the page that sent the message knows. Times are of one monotonic clock. */
export interface Sending {
  readonly clickedAtMs: number;
  readonly attempts: number;
  readonly acceptedAfterMs?: number;
  readonly storedAfterMs?: number;
}

export interface Timeline {
  readonly stored: readonly Entry[];
  readonly outgoing: readonly Entry[];
  /** Everything up to here has been seen: what JoinConversation is asked to continue from. */
  readonly lastSequence: number;
  readonly hasOlder: boolean;
}

export const emptyTimeline: Timeline = { stored: [], outgoing: [], lastSequence: 0, hasOlder: false };

export function entriesOf(timeline: Timeline): readonly Entry[] {
  return timeline.outgoing.length === 0 ? timeline.stored : [...timeline.stored, ...timeline.outgoing];
}

export function findOutgoing(timeline: Timeline, temporaryMessageId: string): Entry | undefined {
  return timeline.outgoing.find((entry) => entry.temporaryMessageId === temporaryMessageId);
}

export function countBetween(timeline: Timeline, after: number, upTo: number): number {
  return timeline.stored.filter(({ sequence }) => sequence! > after && sequence! <= upTo).length;
}

// --- what this person sends ---

export function queued(timeline: Timeline, draft: Draft, sentAt: string, clickedAtMs: number): Timeline {
  if (findOutgoing(timeline, draft.temporaryMessageId)) return timeline;
  const entry: Entry = {
    ...draft,
    key: draft.temporaryMessageId,
    status: 'sending',
    sentAt,
    sending: { clickedAtMs, attempts: 0 },
  };
  return { ...timeline, outgoing: [...timeline.outgoing, entry] };
}

export function attempted(timeline: Timeline, temporaryMessageId: string): Timeline {
  return changeOutgoing(timeline, temporaryMessageId, (entry) => ({
    ...entry,
    status: 'sending',
    failure: undefined,
    retryAtMs: undefined,
    sending: { ...entry.sending!, attempts: entry.sending!.attempts + 1 },
  }));
}

/** The 202. It may come after the hub's event: then it only adds its time to the stored message. */
export function accepted(
  timeline: Timeline,
  temporaryMessageId: string,
  answer: { readonly nowMs: number; readonly correlationId?: string },
): Timeline {
  const apply = (entry: Entry): Entry => ({
    ...entry,
    correlationId: entry.correlationId ?? answer.correlationId,
    sending: { ...entry.sending!, acceptedAfterMs: answer.nowMs - entry.sending!.clickedAtMs },
  });
  if (findOutgoing(timeline, temporaryMessageId)) {
    return changeOutgoing(timeline, temporaryMessageId, (entry) =>
      entry.status === 'rejected' ? entry : { ...apply(entry), status: 'sent', failure: undefined, retryAtMs: undefined },
    );
  }
  const index = timeline.stored.findIndex((entry) => entry.sending && entry.temporaryMessageId === temporaryMessageId);
  if (index < 0) return timeline;
  return { ...timeline, stored: replacedAt(timeline.stored, index, apply(timeline.stored[index]!)) };
}

export function failed(timeline: Timeline, temporaryMessageId: string, failure: Failure, retryAtMs?: number): Timeline {
  return changeOutgoing(timeline, temporaryMessageId, (entry) =>
    entry.status === 'rejected' ? entry : { ...entry, status: 'failed', failure, retryAtMs },
  );
}

export function rejected(timeline: Timeline, temporaryMessageId: string, reason: string): Timeline {
  return changeOutgoing(timeline, temporaryMessageId, (entry) => ({
    ...entry,
    status: 'rejected',
    reason,
    failure: undefined,
    retryAtMs: undefined,
  }));
}

export function withdrawn(timeline: Timeline, temporaryMessageId: string): Timeline {
  const outgoing = timeline.outgoing.filter((entry) => entry.temporaryMessageId !== temporaryMessageId);
  return outgoing.length === timeline.outgoing.length ? timeline : { ...timeline, outgoing };
}

function changeOutgoing(timeline: Timeline, temporaryMessageId: string, change: (entry: Entry) => Entry): Timeline {
  const index = timeline.outgoing.findIndex((entry) => entry.temporaryMessageId === temporaryMessageId);
  if (index < 0) return timeline;
  const entry = timeline.outgoing[index]!;
  const changed = change(entry);
  return changed === entry ? timeline : { ...timeline, outgoing: replacedAt(timeline.outgoing, index, changed) };
}

function replacedAt(entries: readonly Entry[], index: number, entry: Entry): readonly Entry[] {
  return entries.map((old, position) => (position === index ? entry : old));
}

// --- what the service says is stored ---

/** A message of the hub, which sends in order and leaves none out: it moves `lastSequence`. */
export function received(timeline: Timeline, message: StoredMessage, nowMs: number): Timeline {
  const next = inserted(timeline, message, nowMs);
  return message.sequence > next.lastSequence ? { ...next, lastSequence: message.sequence } : next;
}

/** A message that was looked up by its key: those before it may not have been seen, so `lastSequence` stays. */
export function lookedUp(timeline: Timeline, message: StoredMessage, nowMs: number): Timeline {
  return inserted(timeline, message, nowMs);
}

export function newestPage(timeline: Timeline, page: Page, nowMs: number): Timeline {
  const next = page.messages.reduce((sum, message) => received(sum, message, nowMs), timeline);
  return { ...next, hasOlder: page.hasMore };
}

export function olderPage(timeline: Timeline, page: Page, nowMs: number): Timeline {
  const next = page.messages.reduce((sum, message) => inserted(sum, message, nowMs), timeline);
  return { ...next, hasOlder: page.hasMore && page.messages.length > 0 };
}

/** Keeps the newest `count`: a page that stays open for days does not grow; older ones can be loaded again. */
export function trimmed(timeline: Timeline, count: number): Timeline {
  if (timeline.stored.length <= count) return timeline;
  return { ...timeline, stored: timeline.stored.slice(-count), hasOlder: true };
}

function inserted(timeline: Timeline, message: StoredMessage, nowMs: number): Timeline {
  const at = insertionIndex(timeline.stored, message.sequence);
  if (timeline.stored[at]?.sequence === message.sequence) return timeline;
  const own = timeline.outgoing.find((entry) => isSameMessage(entry, message));
  const entry = storedEntry(message, own, nowMs);
  return {
    ...timeline,
    stored: [...timeline.stored.slice(0, at), entry, ...timeline.stored.slice(at)],
    outgoing: own ? timeline.outgoing.filter((other) => other !== own) : timeline.outgoing,
  };
}

// Content counts: the same key with other content is a conflict, and the outgoing one will be rejected.
function isSameMessage(entry: Entry, message: StoredMessage): boolean {
  return (
    entry.temporaryMessageId === message.temporaryMessageId &&
    entry.senderId === message.senderId &&
    entry.content === message.content
  );
}

function storedEntry(message: StoredMessage, own: Entry | undefined, nowMs: number): Entry {
  const sending = own?.sending;
  return {
    key: own?.key ?? `#${message.sequence}`,
    status: 'stored',
    temporaryMessageId: message.temporaryMessageId,
    senderId: message.senderId,
    senderType: message.senderType,
    content: message.content,
    sentAt: message.sentAt,
    sequence: message.sequence,
    messageId: message.id,
    persistedAt: message.persistedAt,
    correlationId: message.correlationId ?? own?.correlationId,
    ...(message.isChange ? { isChange: true } : {}),
    sending: sending && { ...sending, storedAfterMs: nowMs - sending.clickedAtMs },
  };
}

function insertionIndex(stored: readonly Entry[], sequence: number): number {
  let low = 0;
  let high = stored.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stored[middle]!.sequence! < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
