import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePage, parseRejection, parseStoredMessage } from '../src/model/message';

const stored = { id: 'a1', temporaryMessageId: 't1', conversationId: 'c', sequence: 4, senderId: 'p', senderType: 'Parent', content: 'x', sentAt: '2026-01-27T10:30:00.000Z' };

test('a stored message is taken field by field, and unknown fields are left out', () => {
  assert.deepEqual(parseStoredMessage({ ...stored, extra: 1 }), { ...stored, persistedAt: undefined, correlationId: undefined });
});

test('times come as text, or from MessagePack as dates', () => {
  const packed = parseStoredMessage({ ...stored, sentAt: new Date(stored.sentAt), persistedAt: new Date('2026-01-27T10:30:01.020Z') });
  assert.deepEqual(packed, { ...stored, persistedAt: '2026-01-27T10:30:01.020Z', correlationId: undefined });
  assert.equal(parseStoredMessage({ ...stored, sentAt: new Date(Number.NaN) })?.sentAt, '');
});

test('what is not a stored message is not one', () => {
  for (const bad of [null, 'x', [], {}, { ...stored, id: '' }, { ...stored, sequence: 0 }, { ...stored, sequence: 1.5 }, { ...stored, content: 3 }]) {
    assert.equal(parseStoredMessage(bad), undefined, JSON.stringify(bad));
  }
});

test('a page keeps the good messages and says whether there are more', () => {
  const page = parsePage({ messages: [stored, { nonsense: true }], hasMore: true });
  assert.deepEqual(page.messages.map(({ id }) => id), ['a1']);
  assert.equal(page.hasMore, true);
  assert.deepEqual(parsePage('nothing'), { messages: [], hasMore: false });
});

test('a rejection names its message', () => {
  assert.deepEqual(parseRejection({ temporaryMessageId: 't', conversationId: 'c', reason: 'r' }), { temporaryMessageId: 't', conversationId: 'c', reason: 'r' });
  assert.equal(parseRejection({ reason: 'r' }), undefined);
});
