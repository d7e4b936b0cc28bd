import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Api } from '../src/client/api';
import { Outbox } from '../src/client/outbox';
import { cutOff, json, serve, type Seen } from './server';

const draft = (id: string) => ({ temporaryMessageId: id, senderId: 'parent-001', senderType: 'Parent', content: `content of ${id}` });
const quick = { baseMs: 2, capMs: 5 };

async function outboxFor(context: TestContext, answers: Parameters<typeof serve>[1], automaticRetries = 5) {
  const { base, seen } = await serve(context, answers);
  const api = new Api(base);
  const events: string[] = [];
  let settled = 0;
  let wake = () => {};
  const settle = (event: string) => {
    events.push(event);
    settled += 1;
    wake();
  };
  const outbox = new Outbox({
    post: (message) => api.send('c', message),
    policy: quick,
    automaticRetries,
    events: {
      attempt: (id) => events.push(`attempt ${id}`),
      accepted: (id) => settle(`accepted ${id}`),
      failed: (id, failure, waitMs) => {
        const event = `${failure.certainty} ${id}`;
        if (waitMs === undefined) settle(`${event} for good`);
        else events.push(event);
      },
    },
  });
  context.after(() => outbox.stop());
  const untilSettled = async (count: number) => {
    while (settled < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { outbox, events, seen, untilSettled };
}

const keysOf = (seen: readonly Seen[]) => seen.map(({ body }) => (body as { temporaryMessageId: string }).temporaryMessageId);

test('busy, unknown and cut off are tried again with the same key until taken', async (context) => {
  const answers = [json(503, {}, { 'Retry-After': '0' }), json(504, {}), cutOff, json(429, {}), json(202, {})];
  const { outbox, events, seen, untilSettled } = await outboxFor(context, answers);
  outbox.send(draft('a'));
  await untilSettled(1);
  assert.deepEqual(keysOf(seen), ['a', 'a', 'a', 'a', 'a']);
  assert.deepEqual(events.filter((event) => !event.startsWith('attempt')), ['not-taken a', 'unknown a', 'unknown a', 'not-taken a', 'accepted a']);
});

test('a refusal is not tried again by itself, but when asked', async (context) => {
  const { outbox, events, untilSettled } = await outboxFor(context, [json(400, {}), json(202, {})]);
  outbox.send(draft('a'));
  await untilSettled(1);
  assert.deepEqual(events, ['attempt a', 'refused a for good']);
  outbox.retryNow('a');
  await untilSettled(2);
  assert.equal(events.at(-1), 'accepted a');
});

test('automatic tries are bounded', async (context) => {
  const { outbox, seen, untilSettled } = await outboxFor(context, [], 2);
  outbox.send(draft('a'));
  await untilSettled(1);
  assert.equal(seen.length, 3);
});

test('a wait longer than a minute is left to the person', async (context) => {
  const { outbox, events, untilSettled } = await outboxFor(context, [json(503, {}, { 'Retry-After': '3600' })]);
  outbox.send(draft('a'));
  await untilSettled(1);
  assert.equal(events.at(-1), 'not-taken a for good');
});

test('first tries go out in the order of sending; a failed one does not hold up the next', async (context) => {
  const { outbox, seen, untilSettled } = await outboxFor(context, [json(400, {}), json(202, {}), json(202, {})]);
  for (const id of ['a', 'b', 'c']) outbox.send(draft(id));
  await untilSettled(3);
  assert.deepEqual(keysOf(seen), ['a', 'b', 'c']);
});

test('a forgotten message is not sent again', async (context) => {
  const { outbox, events, seen, untilSettled } = await outboxFor(context, [json(400, {}), json(202, {})]);
  outbox.send(draft('a'));
  outbox.send(draft('b'));
  outbox.forget('b');
  await untilSettled(1);
  outbox.retryNow('b');
  outbox.forget('a');
  outbox.retryNow('a');
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(seen.length, 1);
  assert.deepEqual(events, ['attempt a', 'refused a for good']);
});
