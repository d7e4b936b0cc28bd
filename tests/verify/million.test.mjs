// A million messages with one planted fault of each kind: each is found, nothing else is claimed, and it takes seconds.
import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { faultKinds } from "../support/delivery_check.mjs";
import { verify } from "../support/recorded_histories.mjs";
import { temporaryFolder } from "../support/service.mjs";

const CONVERSATIONS = 1000;
const EACH = 1000;
const JUDGED_MS = 5000;

class Lines {
  #parts = [];
  #bytes = 0;
  constructor(path) {
    this.path = path;
    this.file = openSync(path, "w");
  }
  add(line) {
    this.#parts.push(line);
    this.#bytes += line.length;
    if (this.#bytes > 1 << 22) this.flush();
  }
  flush() {
    writeSync(this.file, this.#parts.map((line) => `${line}\n`).join(""));
    this.#parts = [];
    this.#bytes = 0;
  }
  end() {
    this.flush();
    closeSync(this.file);
    return this.path;
  }
}

const keyOf = (c, i) => `0192f0c1-${String(c).padStart(4, "0")}-7000-8000-${String(i).padStart(12, "0")}`;
const contentOf = (c, i) => `Message ${i} of conversation ${c}, as people write it.`;
const row = (c, i, sequence, changes = {}) => ({ key: keyOf(c, i), content: contentOf(c, i), sequence, ...changes });
const rowText = (c, { key, content, sequence }) =>
  `{"id":"${key.slice(9, 13)}${key.slice(-12)}00000000","temporaryMessageId":"${key}","conversationId":"conv-${c}","sequence":${sequence},"senderId":"parent-001","senderType":"Parent","content":"${content}","status":"Sent","sentAt":"2026-01-27T10:30:00.000Z","persistedAt":"2026-01-27T10:30:00.004Z","correlationId":"${key}"}`;

/** By kind: changes the lists of what conversation `c` holds and its client saw; returns the key that is to be named. */
const at = 500;
const swap = (list, a, b) => ([list[a], list[b]] = [{ ...list[b], sequence: list[a].sequence }, { ...list[a], sequence: list[b].sequence }]);
const plants = {
  lost: (c, stored, seen) => (stored.splice(at, 1), seen.splice(at, 1), keyOf(c, at)),
  "refused-but-stored": (c) => keyOf(c, at),
  doubled: (c, stored, seen) => {
    for (const list of [stored, seen]) list.splice(at + 1, 0, row(c, at, list[at].sequence + 1));
    return keyOf(c, at);
  },
  altered: (c, stored, seen) => {
    for (const list of [stored, seen]) list[at].content += "!";
    return keyOf(c, at);
  },
  phantom: (c, stored, seen) => {
    for (const list of [stored, seen]) list.splice(at + 1, 0, row(c, EACH, list[at].sequence + 1));
    return keyOf(c, EACH);
  },
  reordered: (c, stored, seen) => {
    for (const list of [stored, seen]) swap(list, at, at + 1);
    return keyOf(c, at);
  },
  "sequence-not-increasing": (c, stored) => {
    [stored[at], stored[at + 1]] = [stored[at + 1], stored[at]];
    return keyOf(c, at);
  },
  "seen-phantom": (c, stored, seen) => (seen.splice(at + 1, 0, row(c, EACH, seen[at].sequence + 1)), keyOf(c, EACH)),
  "seen-altered": (c, stored, seen) => ((seen[at].content += "!"), keyOf(c, at)),
  "seen-twice": (c, stored, seen) => (seen.splice(at, 0, seen[at]), keyOf(c, at)),
  "seen-out-of-order": (c, stored, seen) => {
    [seen[at], seen[at + 1]] = [seen[at + 1], seen[at]];
    return keyOf(c, at);
  },
  "not-seen": (c, stored, seen) => (seen.splice(at, 1), keyOf(c, at)),
};

test("one fault of each kind in 1,000,000 messages is found within 5 s, and no other", async (t) => {
  const folder = temporaryFolder(t);
  const [sends, listings, views] = ["sends", "listings", "views"].map((name) => new Lines(join(folder, `${name}.jsonl`)));
  for (let i = 0; i < EACH; i += 1) {
    for (let c = 0; c < CONVERSATIONS; c += 1) {
      const head = `"conversationId":"conv-${c}","key":"${keyOf(c, i)}"`;
      const outcome = faultKinds[c] === "refused-but-stored" && i === at ? "refused" : "ok";
      sends.add(`{"event":"sending",${head},"content":"${contentOf(c, i)}","at":${i * 10 + 0.125}}`);
      sends.add(`{"event":"sent",${head},"outcome":"${outcome}","at":${i * 10 + 4.5}}`);
    }
  }
  const expected = {};
  for (let c = 0; c < CONVERSATIONS; c += 1) {
    const stored = Array.from({ length: EACH }, (_, i) => row(c, i, 2 * i + 1));
    const seen = stored.map((message) => ({ ...message }));
    const kind = faultKinds[c];
    if (kind) expected[kind] = plants[kind](c, stored, seen);
    listings.add(`{"event":"listing","conversationId":"conv-${c}"}`);
    for (const message of stored) listings.add(`{"event":"stored","message":${rowText(c, message)}}`);
    listings.add(`{"event":"listed","conversationId":"conv-${c}"}`);
    views.add(`{"event":"view","view":"v${c}","conversationId":"conv-${c}","afterSequence":0}`);
    for (const message of seen) views.add(`{"event":"received","view":"v${c}","message":${rowText(c, message)}}`);
    views.add(`{"event":"settled","view":"v${c}","upTo":${2 * EACH - 1}}`);
  }
  const files = [sends, listings, views].map((lines) => lines.end());
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const started = performance.now();
  const { counts, faults } = await verify(files);
  const ms = performance.now() - started;
  t.diagnostic(`${counts.lines} lines, ${Math.round(bytes / 1e6)} MB, judged in ${Math.round(ms)} ms`);
  assert.equal(counts.writes, CONVERSATIONS * EACH);
  assert.deepEqual(Object.fromEntries(faults.map(({ kind, key }) => [kind, key])), expected);
  assert.equal(counts.faults, faultKinds.length);
  assert.ok(ms < JUDGED_MS, `judged in ${ms} ms`);
});
