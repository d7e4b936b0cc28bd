// The checker is checked: a run without a fault passes, and each planted fault is caught under its own name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDelivery, describe, faultKinds } from "./delivery_check.mjs";
import { conversationCount, makeRun, messageCount, plantedFaults } from "./planted_faults.mjs";

const kindsOf = ({ faults }) => new Set(faults.map(({ kind }) => kind));

test("a run without a fault passes, and says what it looked at", () => {
  const result = checkDelivery(makeRun());
  assert.deepEqual(result.faults, []);
  const { counts } = result;
  assert.equal(counts.writes, messageCount);
  assert.equal(counts.ok + counts.refused + counts.unknown, messageCount);
  assert.equal(counts.stored, counts.ok + counts.unknownButStored);
  assert.ok(counts.refused > 50 && counts.unknown > 50 && counts.unknownButStored > 20);
  assert.equal(counts.seen, 2 * counts.stored - 10 * conversationCount);
  assert.match(describe(result), /^writes 4000, ok \d+, refused \d+, unknown \d+, .*faults 0$/);
});

for (const [name, { kind, plant }] of Object.entries(plantedFaults)) {
  test(`caught: ${name}`, () => {
    const run = makeRun();
    const keys = plant(run);
    assert.ok(keys.length > 0);
    const result = checkDelivery(run);
    const caught = new Set(result.faults.filter((fault) => fault.kind === kind).map(({ key }) => key));
    for (const key of keys) assert.ok(caught.has(key), `${kind} ${key} is not in:\n${describe(result)}`);
    assert.equal(result.counts.faults, result.faults.length);
  });
}

test("every kind of fault has been planted", () => {
  const planted = new Set(Object.values(plantedFaults).map(({ kind }) => kind));
  assert.deepEqual(faultKinds.filter((kind) => !planted.has(kind)), []);
});

test("a fault in the store alone is not blamed on the clients", () => {
  const run = makeRun();
  plantedFaults["one in a thousand dropped"].plant(run);
  assert.deepEqual(kindsOf(checkDelivery(run)), new Set(["lost"]));
});

test("a key used for two writes is a mistake of the test, and said so", () => {
  const run = makeRun();
  run.writes.push({ ...run.writes[0] });
  assert.throws(() => checkDelivery(run), /key of its own/);
});
