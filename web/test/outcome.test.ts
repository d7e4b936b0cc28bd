import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyAnswer, describeProblem, type Certainty } from '../src/model/outcome';

function certaintyOf(status: number): Certainty | 'accepted' {
  const outcome = classifyAnswer({ status, retryAfter: null, body: undefined }, 0);
  return outcome.kind === 'accepted' ? 'accepted' : outcome.failure.certainty;
}

test('an answer is taken, refused, certainly not taken, or unknown', () => {
  const byStatus = { 201: 'accepted', 202: 'accepted', 429: 'not-taken', 503: 'not-taken', 500: 'unknown', 502: 'unknown', 504: 'unknown' };
  for (const [status, certainty] of Object.entries(byStatus)) assert.equal(certaintyOf(Number(status)), certainty, status);
  for (const status of [400, 401, 403, 404, 409, 413, 415]) assert.equal(certaintyOf(status), 'refused', String(status));
});

test('Retry-After comes along with the failure', () => {
  const outcome = classifyAnswer({ status: 503, retryAfter: '2', body: undefined }, 0);
  assert.equal(outcome.kind === 'failed' && outcome.failure.retryAfterMs, 2_000);
});

test('a problem is told with its detail and every field', () => {
  const body = { title: 'Bad Request', detail: 'The message is not valid.', errors: { content: ['is empty'], senderId: ['is missing', 'is short'] } };
  assert.equal(describeProblem(400, body), 'The message is not valid.\ncontent: is empty\nsenderId: is missing is short');
});

test('an answer without a problem body still says something', () => {
  assert.equal(describeProblem(502, undefined), 'The service answered 502.');
  assert.equal(describeProblem(404, { title: 'Not Found' }), 'Not Found');
});
