import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api } from '../src/client/api';
import { cutOff, json, serve } from './server';

const draft = { temporaryMessageId: 't1', senderId: 'parent-001', senderType: 'Parent', content: 'hello' };
const stored = { id: 'a1', temporaryMessageId: 't1', conversationId: 'c', sequence: 4, senderId: 'p', senderType: 'Parent', content: 'x', sentAt: '' };

test('a send posts the draft under the escaped conversation id', async (context) => {
  const { base, seen } = await serve(context, [json(202, { correlationId: 'k' })]);
  const outcome = await new Api(base).send('a/b ü', draft);
  assert.deepEqual(seen, [{ method: 'POST', url: '/api/conversations/a%2Fb%20%C3%BC/messages', body: draft }]);
  assert.deepEqual(outcome, { kind: 'accepted', body: { correlationId: 'k' } });
});

test('a cut connection is an unknown outcome', async (context) => {
  const { base } = await serve(context, [cutOff]);
  const outcome = await new Api(base).send('c', draft);
  assert.equal(outcome.kind === 'failed' && outcome.failure.certainty, 'unknown');
});

test('a page is asked for with limit and before; unknown and failed are told apart', async (context) => {
  const { base, seen } = await serve(context, [json(200, { messages: [stored], hasMore: false }), json(404, {}), json(503, { detail: 'not ready' })]);
  const api = new Api(base);
  assert.equal((await api.page('c', 17)).kind, 'page');
  assert.equal((await api.page('c')).kind, 'missing');
  assert.deepEqual(await api.page('c'), { kind: 'failed', text: 'not ready' });
  assert.deepEqual(seen.map(({ url }) => url.split('?')[1]), ['limit=50&before=17', 'limit=50', 'limit=50']);
});

test('a look-up is stored, rejected, or undecided', async (context) => {
  const answers = [json(200, stored), json(200, { status: 'Rejected', reason: 'why' }), json(202, { status: 'Pending' }), json(404, {}), cutOff];
  const { base } = await serve(context, answers);
  const api = new Api(base);
  const kinds: string[] = [];
  for (let count = 0; count < 5; count += 1) kinds.push((await api.lookUp('c', 't1')).kind);
  assert.deepEqual(kinds, ['stored', 'rejected', 'undecided', 'undecided', 'undecided']);
});

test('a conversation that somebody else just created counts as created', async (context) => {
  const { base, seen } = await serve(context, [json(201, {}), json(409, {}), json(400, { detail: 'bad id' })]);
  const api = new Api(base);
  const participants = [{ id: 'parent-001', type: 'Parent' }];
  assert.equal((await api.create('c', participants)).kind, 'created');
  assert.equal((await api.create('c', participants)).kind, 'created');
  assert.deepEqual(await api.create('c', participants), { kind: 'failed', text: 'bad id' });
  assert.deepEqual(seen[0]!.body, { id: 'c', participants });
});
