import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as timelines from '../src/model/timeline';
import type { Timeline } from '../src/model/timeline';
import { message } from './messages';

const draft = (temporaryMessageId: string, content = 'hello') => ({ temporaryMessageId, senderId: 'parent-001', senderType: 'Parent', content });
const failure = { certainty: 'not-taken', text: 'busy' } as const;

function receiveAll(timeline: Timeline, sequences: readonly number[]): Timeline {
  return sequences.reduce((sum, sequence) => timelines.received(sum, message(sequence), 0), timeline);
}

const sequencesOf = (timeline: Timeline) => timeline.stored.map(({ sequence }) => sequence);
const sending = (...ids: string[]) => ids.reduce((sum, id) => timelines.queued(sum, draft(id), '', 100), timelines.emptyTimeline);
const own = (sequence: number, id: string, content = 'hello') =>
  message(sequence, { temporaryMessageId: id, senderId: 'parent-001', senderType: 'Parent', content });

test('messages are ordered by sequence, gaps and all, and held once', () => {
  const timeline = receiveAll(timelines.emptyTimeline, [5, 2, 9, 5, 2, 7]);
  assert.deepEqual(sequencesOf(timeline), [2, 5, 7, 9]);
  assert.equal(timeline.lastSequence, 9);
});

test('a message that is already there changes nothing, not even the object', () => {
  const timeline = receiveAll(timelines.emptyTimeline, [1, 2]);
  assert.equal(timelines.received(timeline, message(2), 0), timeline);
});

test('what is being sent stands after what is stored', () => {
  const timeline = receiveAll(sending('a', 'b'), [3]);
  assert.deepEqual(timelines.entriesOf(timeline).map(({ key }) => key), ['#3', 'a', 'b']);
});

test('sending, sent, stored: the bubble keeps its key and learns its times', () => {
  let timeline = timelines.attempted(sending('a'), 'a');
  assert.equal(timeline.outgoing[0]!.status, 'sending');
  timeline = timelines.accepted(timeline, 'a', { nowMs: 112, correlationId: 'corr' });
  assert.equal(timeline.outgoing[0]!.status, 'sent');
  timeline = timelines.received(timeline, own(1, 'a'), 148);
  assert.deepEqual(timeline.outgoing, []);
  const entry = timeline.stored[0]!;
  assert.deepEqual([entry.key, entry.status, entry.messageId, entry.sequence, entry.correlationId], ['a', 'stored', 'id-1', 1, 'corr']);
  assert.deepEqual(entry.sending, { clickedAtMs: 100, attempts: 1, acceptedAfterMs: 12, storedAfterMs: 48 });
});

test('the 202 may come after the event: it only adds its time', () => {
  let timeline = timelines.received(sending('a'), own(1, 'a'), 130);
  timeline = timelines.accepted(timeline, 'a', { nowMs: 140 });
  assert.equal(timeline.stored[0]!.status, 'stored');
  assert.deepEqual([timeline.stored[0]!.sending!.acceptedAfterMs, timeline.stored[0]!.sending!.storedAfterMs], [40, 30]);
});

test('a failed message that was stored after all is stored, and a late failure does not change that', () => {
  let timeline = timelines.failed(sending('a'), 'a', failure, 5_000);
  assert.deepEqual([timeline.outgoing[0]!.status, timeline.outgoing[0]!.retryAtMs], ['failed', 5_000]);
  timeline = timelines.received(timeline, own(1, 'a'), 200);
  assert.equal(timelines.failed(timeline, 'a', failure), timeline);
  assert.equal(timelines.rejected(timeline, 'a', 'why'), timeline);
  assert.deepEqual([timeline.stored[0]!.status, timeline.stored[0]!.failure], ['stored', undefined]);
});

test('a new try clears the failure and counts', () => {
  let timeline = timelines.attempted(sending('a'), 'a');
  timeline = timelines.attempted(timelines.failed(timeline, 'a', failure, 1), 'a');
  const entry = timeline.outgoing[0]!;
  assert.deepEqual([entry.status, entry.failure, entry.retryAtMs, entry.sending!.attempts], ['sending', undefined, undefined, 2]);
});

test('a rejected message stays rejected, whatever a slow answer says', () => {
  let timeline = timelines.rejected(sending('a'), 'a', 'other content');
  timeline = timelines.failed(timelines.accepted(timeline, 'a', { nowMs: 1 }), 'a', failure);
  assert.deepEqual([timeline.outgoing[0]!.status, timeline.outgoing[0]!.reason], ['rejected', 'other content']);
  assert.deepEqual(timelines.withdrawn(timeline, 'a').outgoing, []);
});

test('the same key with other content, or of another sender, is another message', () => {
  let timeline = timelines.received(sending('a'), own(1, 'a', 'something else'), 0);
  timeline = timelines.received(timeline, message(2, { temporaryMessageId: 'a', content: 'hello' }), 0);
  assert.deepEqual(timelines.entriesOf(timeline).map(({ key }) => key), ['#1', '#2', 'a']);
});

test('the same draft is queued once', () => {
  const timeline = sending('a');
  assert.equal(timelines.queued(timeline, draft('a'), '', 0), timeline);
});

test('pages move the ends, and only what came in order moves lastSequence', () => {
  const newest = { messages: [message(8), message(9)], hasMore: true };
  let timeline = timelines.newestPage(timelines.emptyTimeline, newest, 0);
  assert.deepEqual([timeline.lastSequence, timeline.hasOlder], [9, true]);
  timeline = timelines.olderPage(timeline, { messages: [message(5), message(7)], hasMore: false }, 0);
  assert.deepEqual([sequencesOf(timeline), timeline.lastSequence, timeline.hasOlder], [[5, 7, 8, 9], 9, false]);
  timeline = timelines.lookedUp(timeline, message(20), 0);
  assert.deepEqual([sequencesOf(timeline).at(-1), timeline.lastSequence], [20, 9]);
});

test('an empty older page ends the scrolling back, whatever it claims', () => {
  const timeline = timelines.olderPage(receiveAll(timelines.emptyTimeline, [4]), { messages: [], hasMore: true }, 0);
  assert.equal(timeline.hasOlder, false);
});

test('trimming keeps the newest, and says that there are older ones', () => {
  const timeline = timelines.trimmed(receiveAll(sending('a'), [1, 2, 3, 4]), 2);
  assert.deepEqual([sequencesOf(timeline), timeline.hasOlder, timeline.outgoing.length], [[3, 4], true, 1]);
  assert.equal(timelines.trimmed(timeline, 2), timeline);
});

test('catching up counts what lies between two places', () => {
  assert.equal(timelines.countBetween(receiveAll(timelines.emptyTimeline, [1, 2, 4, 7, 8]), 2, 7), 2);
});

test('two thousand messages in a shuffled order come out sorted', () => {
  const sequences = Array.from({ length: 2_000 }, (_, index) => ((index * 7_919) % 2_003) + 1);
  const sorted = [...new Set(sequences)].sort((left, right) => left - right);
  assert.deepEqual(sequencesOf(receiveAll(timelines.emptyTimeline, sequences)), sorted);
});
