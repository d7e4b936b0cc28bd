import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderProblem, parseDeadLetters, parseRecord } from '../src/dashboard/model/dead_letter';
import { History } from '../src/dashboard/model/history';
import { parseNodes } from '../src/dashboard/model/nodes';
import * as texts from '../src/dashboard/model/texts';

test('figures as people read them', () => {
  assert.deepEqual([undefined, 0, 0.04, 4.06, 99.96, 5123.4].map(texts.rateText), ['–', '0', '< 0.1', '4.1', '100.0', '5,123']);
  assert.deepEqual([undefined, 0.000_052, 0.0031, 0.25, 1.25].map(texts.secondsText), ['–', '52 µs', '3.1 ms', '250 ms', '1.25 s']);
  assert.equal(texts.quantileText({ value: 10, orMore: true }, texts.secondsText), '> 10 s');
  assert.equal(texts.quantileText(undefined, texts.secondsText), '–');
  assert.deepEqual([undefined, 512, 1536, 3.5 * 2 ** 30].map(texts.bytesText), ['–', '512 B', '1.5 KiB', '3.5 GiB']);
  assert.deepEqual([0, 59.6, 3600, 90_061].map(texts.durationText), ['0 s', '1 min 0 s', '1 h 0 min', '1 d 1 h']);
  assert.equal(texts.timeToZeroText({ kind: 'seconds', seconds: 0 }), 'now');
  assert.equal(texts.timeToZeroText({ kind: 'seconds', seconds: 0.2 }), '1 s');
  assert.equal(texts.timeToZeroText({ kind: 'never' }), 'never at this rate');
  assert.equal(texts.percentText(1, 0), '–');
});

test('the history is bounded, has gaps where nobody looked, and begins anew when the clock is set back', () => {
  const history = new History(2, { rowsMax: 4, gapMs: 3_000 });
  history.add(10_000, [1, undefined]);
  history.add(11_000, [2, 5]);
  history.add(20_000, [3, 6]);
  assert.deepEqual(history.times, [10, 11, 11.001, 20]);
  assert.deepEqual(history.column(0), [1, 2, null, 3]);
  assert.deepEqual(history.column(1), [null, 5, null, 6]);
  history.add(21_000, [4, 7]);
  assert.deepEqual(history.times, [11, 11.001, 20, 21]);
  history.add(1_000, [9, 9]);
  assert.deepEqual(history.times, [1]);
  assert.deepEqual(history.column(1), [9]);
});

test('dead letters: what is no letter is left out', () => {
  const letter = { id: '0/1', conversationId: 'c', temporaryMessageId: 'k', reason: 'invalid', error: 'too long', attempts: 2, failedAt: '2026-01-27T10:30:00.000Z' };
  assert.deepEqual(parseDeadLetters({ letters: [letter, { id: 5 }, 'x'], more: true }), { letters: [letter], more: true });
  assert.deepEqual(parseDeadLetters({ letters: [{ id: '0/2' }] })!.letters[0]!.conversationId, '');
  assert.equal(parseDeadLetters({}), undefined);
});

test('a record is shown as it was: text, or hex where it is none', () => {
  const record = { id: '0/1', key: 'c', value: '{"big":12345678901234567890}', headers: [{ name: 'a', value: 'b' }, { nameHex: 'ff', valueHex: '00' }] };
  assert.deepEqual(parseRecord({ records: [record] })!.fields, [
    { name: 'key', text: 'c' },
    { name: 'header a', text: 'b' },
    { name: 'header ff', text: '00' },
    { name: 'value', text: '{"big":12345678901234567890}' },
  ]);
  assert.match(parseRecord({ records: [] })!.gone!, /not in the topic/);
  assert.equal(parseRecord({ records: [{ id: '0/1', gone: 'retention took it' }] })!.gone, 'retention took it');
  assert.equal(parseRecord('x'), undefined);
});

test('what the log said to an order', () => {
  assert.equal(orderProblem({ results: [{ id: '0/1', position: '0/7' }] }), undefined);
  assert.equal(orderProblem({ results: [{ id: '0/1', error: 'it is not open' }] }), 'it is not open');
  assert.equal(orderProblem(undefined), 'the answer cannot be read');
});

test('nodes: those that are present by name, then those that are silent, the latest first', () => {
  const node = (id: string, silentForMs: number, isPresent: boolean) => ({ id, name: `machine ${id}`, roles: 'api', program: '0.1.0', reads: 2, waits: [], silentForMs, isPresent });
  const nodes = parseNodes({ nodes: [node('d', 90_000, false), node('b', 10, true), node('c', 20_000, false), node('a', 1_900, true), { id: 'x' }, 5] })!;
  assert.deepEqual(nodes.map(({ id }) => id), ['a', 'b', 'c', 'd']);
  assert.equal(nodes[0]!.silentFor, 1.9);
  assert.equal(parseNodes({}), undefined);
});
