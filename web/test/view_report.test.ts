import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ViewReporter } from '../src/client/view_reporter';
import { parseStoredMessage } from '../src/model/message';
import * as timelines from '../src/model/timeline';
import type { Timeline } from '../src/model/timeline';
import { ViewHash, hashOfMessage } from '../src/model/view_hash';
import { nextReport, reportMessagesMax, withReport, type ReportedRange, type ViewReport } from '../src/model/view_report';
import { message } from './messages';

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const receivedAll = (timeline: Timeline, sequences: readonly number[]): Timeline =>
  sequences.reduce((sum, sequence) => timelines.received(sum, message(sequence), 0), timeline);
const page = (sequences: readonly number[], hasMore: boolean) => ({ messages: sequences.map((sequence) => message(sequence)), hasMore });

function expected(from: number, to: number, sequences: readonly number[]): ViewReport {
  const hash = new ViewHash();
  for (const n of sequences) hash.add(n, hashOfMessage(`id-${n}`, 'teacher-001', `message ${n}`));
  return { version: 1, conversationId: 'conv-123', from, to, count: sequences.length, hash: hash.rolling, sum: hash.sum };
}

const next = (timeline: Timeline, reported?: ReportedRange, floor = 0) => nextReport('conv-123', timeline, reported, floor);

test('an empty timeline has nothing to report', () => {
  assert.equal(next(timelines.emptyTimeline), undefined);
});

test('only what is new since the last report, with the gaps around it', () => {
  let timeline = receivedAll(timelines.emptyTimeline, [3, 4, 7]);
  const first = next(timeline)!;
  assert.deepEqual(first, expected(3, 7, [3, 4, 7]));
  const reported = withReport(undefined, first);
  assert.equal(next(timeline, reported), undefined);
  timeline = receivedAll(timeline, [9, 10]);
  const second = next(timeline, reported)!;
  assert.deepEqual(second, expected(8, 10, [9, 10]));
  assert.deepEqual(withReport(reported, second), { from: 3, to: 10 });
});

test('a message that was looked up ahead of the others is not reported before them', () => {
  const timeline = timelines.lookedUp(receivedAll(timelines.emptyTimeline, [1, 2]), message(5), 0);
  assert.deepEqual(next(timeline), expected(1, 2, [1, 2]));
});

test('older messages are reported when they are loaded', () => {
  const newest = timelines.newestPage(timelines.emptyTimeline, page([11, 12, 13], true), 0);
  const reported = withReport(undefined, next(newest)!);
  const more = timelines.olderPage(newest, page([8, 9], false), 0);
  const older = next(more, reported)!;
  assert.deepEqual(older, expected(8, 10, [8, 9]));
  assert.deepEqual(withReport(reported, older), { from: 8, to: 13 });
});

test('what was let go before it was reported is left out', () => {
  const timeline = timelines.trimmed(receivedAll(timelines.emptyTimeline, numbers(1, 30)), 10);
  assert.deepEqual(next(timeline, { from: 1, to: 5 }), expected(21, 30, numbers(21, 30)));
});

test('nothing before a gap is reported any more', () => {
  const timeline = receivedAll(timelines.emptyTimeline, [1, 2, 3, 90, 91]);
  assert.deepEqual(next(timeline, undefined, 90), expected(90, 91, [90, 91]));
  assert.equal(next(timeline, { from: 90, to: 91 }, 90), undefined);
});

test('a long timeline is reported in parts that a report may have', () => {
  const timeline = timelines.newestPage(timelines.emptyTimeline, page(numbers(1, 2500), false), 0);
  const parts: ViewReport[] = [];
  let reported: ReportedRange | undefined;
  for (let report = next(timeline); report; report = next(timeline, reported)) {
    parts.push(report);
    reported = withReport(reported, report);
  }
  assert.deepEqual(parts.map(({ from, to, count }) => [from, to, count]), [[1, 1000, reportMessagesMax], [1001, 2000, reportMessagesMax], [2001, 2500, 500]]);
  const older = timelines.newestPage(timelines.emptyTimeline, page(numbers(1, 2500), false), 0);
  const downwards = next(older, { from: 2001, to: 2500 })!;
  assert.deepEqual([downwards.from, downwards.to, downwards.count], [1001, 2000, reportMessagesMax]);
});

test('entries about participants are no messages', () => {
  const change = parseStoredMessage({ ...message(2), participantChange: { action: 'set' } })!;
  assert.equal(change.isChange, true);
  const timeline = receivedAll(timelines.received(receivedAll(timelines.emptyTimeline, [1]), change, 0), [3]);
  assert.deepEqual(next(timeline), expected(1, 3, [1, 3]));
});

test('the reporter sends what is new, waits while there is no connection, and longer after each refusal', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent: ViewReport[] = [];
  let timeline = receivedAll(timelines.emptyTimeline, [1]);
  let answer: () => Promise<boolean> = async () => true;
  const reporter = new ViewReporter({
    conversationId: 'conv-123',
    timeline: () => timeline,
    everyMs: 100,
    send: (report) => {
      sent.push(report);
      return answer();
    },
  });
  const pass = async (ms: number): Promise<void> => {
    t.mock.timers.tick(ms);
    for (let i = 0; i < 10; i += 1) await Promise.resolve();
  };
  reporter.start();
  await pass(100);
  await pass(100);
  assert.deepEqual(sent.map(({ from, to }) => [from, to]), [[1, 1]]);

  timeline = receivedAll(timeline, [2]);
  answer = async () => false;
  await pass(100);
  answer = async () => {
    throw new Error('too many reports wait to be compared');
  };
  await pass(100);
  await pass(100);
  assert.equal(sent.length, 3, 'the wait has doubled');
  answer = async () => true;
  await pass(100);
  assert.deepEqual(sent.slice(1).map(({ from, to }) => [from, to]), [[2, 2], [2, 2], [2, 2]]);
  await pass(100);
  assert.equal(sent.length, 4);

  timeline = receivedAll(timelines.emptyTimeline, [50]);
  reporter.restart(50);
  await pass(100);
  assert.deepEqual(sent.slice(4).map(({ from, to }) => [from, to]), [[50, 50]]);
  timeline = receivedAll(timeline, [51]);
  reporter.stop();
  await pass(1000);
  assert.equal(sent.length, 5);
});
