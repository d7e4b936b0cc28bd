import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api } from '../src/client/api';
import { SignIn } from '../src/client/sign_in';
import { cutOff, json, serve } from './server';

const person = { id: 'parent-001', type: 'Parent', initial: 'P' };
const page = json(200, { messages: [], hasMore: false });

test('nobody is asked for a token before the service answers 401', async (context) => {
  const { base, seen } = await serve(context, [page]);
  assert.equal((await new Api(base, new SignIn(base, person)).page('c')).kind, 'page');
  assert.equal(seen.length, 1);
});

test('after a 401 the page signs in once, and asks again with the token', async (context) => {
  const { base, seen } = await serve(context, [json(401, {}), json(200, { token: 't', expiresIn: 3600 }), page, page]);
  const signIn = new SignIn(base, person);
  const api = new Api(base, signIn);
  assert.equal((await api.page('c')).kind, 'page');
  assert.equal((await api.page('c')).kind, 'page');
  assert.deepEqual(seen.map(({ url }) => url.split('?')[0]), ['/api/conversations/c/messages', '/development/tokens', '/api/conversations/c/messages', '/api/conversations/c/messages']);
  assert.deepEqual(seen[1]!.body, { sub: 'parent-001', senderType: 'Parent' });
  assert.equal(await signIn.token(), 't');
});

test('a token that ends soon is replaced before it is used', async (context) => {
  const { base } = await serve(context, [json(200, { token: 'a', expiresIn: 30 }), json(200, { token: 'b', expiresIn: 3600 })]);
  const signIn = new SignIn(base, person);
  assert.equal(await signIn.renew(), 'a');
  assert.equal(await signIn.token(), 'b');
  assert.equal(await signIn.token(), 'b');
});

test('a service that signs in elsewhere leaves its 401 to be seen', async (context) => {
  const { base } = await serve(context, [json(401, { detail: 'sign in' }), json(404, {}), json(401, { detail: 'sign in' }), cutOff]);
  const api = new Api(base, new SignIn(base, person));
  for (let count = 0; count < 2; count += 1) assert.deepEqual(await api.page('c'), { kind: 'failed', text: 'sign in' });
});
