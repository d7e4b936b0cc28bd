import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeUuid7Source } from '../src/model/uuid7';

const zeros = () => {};
const ones = (bytes: Uint8Array) => void bytes.fill(0xff);

test('an id carries the time, version 7 and the RFC variant', () => {
  const id = makeUuid7Source(() => 0x0123_4567_89ab, zeros)();
  assert.equal(id, '01234567-89ab-7000-8000-000000000000');
});

test('random bits never touch version and variant', () => {
  const id = makeUuid7Source(() => 1, ones)();
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('ids of one millisecond are unique and sort in the order they were made, past the counter too', () => {
  const next = makeUuid7Source(() => 1_700_000_000_000, ones);
  const ids = Array.from({ length: 10_000 }, next);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
});

test('a clock that goes back does not make an id smaller', () => {
  const times = [2_000, 1_000, 1_500];
  const next = makeUuid7Source(() => times.shift()!, zeros);
  const ids = [next(), next(), next()];
  assert.deepEqual([...ids].sort(), ids);
});
