// `message-service verify` and the tests' own checker find the same in the same histories.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDelivery, faultKinds } from "../support/delivery_check.mjs";
import { makeRun, plantedFaults } from "../support/planted_faults.mjs";
import { verify, writeHistory } from "../support/recorded_histories.mjs";
import { temporaryFolder } from "../support/service.mjs";
import { printedSeed, randomFrom } from "../support/traffic.mjs";

const sorted = (faults) => faults.map(({ kind, conversationId, key }) => `${kind} ${conversationId} ${key}`).sort();

async function compare(t, run, what) {
  const theirs = checkDelivery(run);
  const ours = await verify(writeHistory(temporaryFolder(t), run));
  assert.equal(ours.code, theirs.faults.length ? 1 : 0, what);
  const byKind = Object.fromEntries(faultKinds.map((kind) => [kind, theirs.faults.filter((fault) => fault.kind === kind).length]));
  assert.deepEqual({ ...Object.fromEntries(faultKinds.map((kind) => [kind, 0])), ...ours.kinds }, byKind, what);
  for (const name of ["writes", "ok", "refused", "unknown", "unknownButStored", "stored", "views", "seen", "conversations", "faults"]) {
    assert.equal(ours.counts[name], theirs.counts[name], `${name}: ${what}`);
  }
  // 100 of a kind are named.
  if (Object.values(byKind).every((count) => count <= 100)) assert.deepEqual(sorted(ours.faults), sorted(theirs.faults), what);
}

test("a run without a fault passes both", (t) => compare(t, makeRun(), "no fault"));

for (const [name, { plant }] of Object.entries(plantedFaults)) {
  test(`the same is found: ${name}`, async (t) => {
    const run = makeRun();
    plant(run);
    await compare(t, run, name);
  });
}

/** Small runs whose every part may be wrong; the listing never goes back, where the two look at order in different ways. */
function makeBrokenRun(random) {
  const upTo = (count) => Math.floor(random() * count);
  const one = (list) => list[upTo(list.length)];
  const writes = [];
  const stored = new Map();
  for (let c = 0; c < 1 + upTo(3); c += 1) stored.set(`c${c}`, []);
  const ids = [...stored.keys()];
  for (let i = 0; i < upTo(40); i += 1) {
    const sentMs = upTo(60);
    const outcome = one(["ok", "ok", "ok", "refused", "unknown"]);
    writes.push({ conversationId: one(ids), key: `k${i}`, content: `text ${upTo(3)}`, outcome, sentMs, answeredMs: sentMs + upTo(20) });
  }
  const sender = { senderId: "p", senderType: "Parent", sentAt: "2026-01-27T10:30:00.000Z" };
  const order = random() < 0.5 ? writes : writes.toSorted((a, b) => a.sentMs - b.sentMs);
  for (const { conversationId, key, content, outcome } of order) {
    if (outcome === "refused" ? random() < 0.9 : random() < 0.05) continue;
    const history = stored.get(random() < 0.03 ? one(ids) : conversationId);
    const sequence = (history.at(-1)?.sequence ?? 0) + (random() < 0.05 ? 0 : 1 + upTo(2)) || 1;
    const message = { id: `id-${key}`, temporaryMessageId: key, conversationId, sequence, content, ...sender };
    if (random() < 0.03) message.content += "!";
    history.push(message);
    if (random() < 0.04) history.push({ ...message, sequence: sequence + upTo(2) });
  }
  const watchers = Array.from({ length: upTo(5) }, (_, n) => {
    const conversationId = one(ids);
    const afterSequence = upTo(4);
    const received = stored.get(conversationId).filter(({ sequence }) => sequence > afterSequence && random() > 0.04).map((message) => ({ ...message }));
    for (let faults = upTo(3); faults > 0 && received.length; faults -= 1) {
      const at = upTo(received.length);
      const change = upTo(5);
      if (change === 0) received.splice(upTo(received.length), 0, { ...received[at] });
      if (change === 1) received.push(...received.splice(at, 1));
      if (change === 2) received[at].content += "?";
      if (change === 3) received[at].sequence += upTo(5);
      if (change === 4) received[at].conversationId = one(ids);
    }
    return { name: `w${n}`, conversationId, afterSequence, received };
  });
  return { writes, stored, watchers };
}

test("the same is found in histories that are wrong at random", async (t) => {
  const random = randomFrom(printedSeed(t));
  const kinds = new Set();
  for (let round = 0; round < 150; round += 1) {
    const run = makeBrokenRun(random);
    for (const { kind } of checkDelivery(run).faults) kinds.add(kind);
    await compare(t, run, `round ${round}`);
  }
  assert.equal(kinds.size, faultKinds.length, `only ${[...kinds]} came about`);
});
