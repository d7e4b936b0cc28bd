import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullJitterMs, parseRetryAfterMs, reconnectPolicy } from '../src/model/backoff';

const almostOne = () => 0.999_999_9;

test('the ceiling doubles with every failure and stops at the cap', () => {
  const ceilings = [0, 1, 2, 5, 6, 7, 1_000].map((failures) => fullJitterMs(reconnectPolicy, failures, almostOne));
  assert.deepEqual(ceilings, [500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
});

test('the jitter is full: it may be no wait at all', () => {
  assert.equal(fullJitterMs(reconnectPolicy, 9, () => 0), 0);
});

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.parse('2026-01-27T10:30:00Z');
  assert.equal(parseRetryAfterMs('3', now), 3_000);
  assert.equal(parseRetryAfterMs('Tue, 27 Jan 2026 10:30:05 GMT', now), 5_000);
  assert.equal(parseRetryAfterMs('Tue, 27 Jan 2026 10:29:00 GMT', now), 0);
  assert.equal(parseRetryAfterMs('soon', now), undefined);
  assert.equal(parseRetryAfterMs(null, now), undefined);
});
