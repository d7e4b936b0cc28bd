// The verb over files: what is cut off, what is wrong, exit codes.
import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeRun } from "../support/planted_faults.mjs";
import { verify, writeHistory, writeLines } from "../support/recorded_histories.mjs";
import { runVerb, startService, temporaryFolder } from "../support/service.mjs";

const message = (key, sequence) => ({
  id: `id-${key}`, temporaryMessageId: key, conversationId: "c", sequence, senderId: "p", senderType: "Parent", content: "text",
  sentAt: "2026-01-27T10:30:00.000Z",
});
const sent = (key, at) => [
  { event: "sending", conversationId: "c", key, content: "text", at },
  { event: "sent", conversationId: "c", key, outcome: "ok", at: at + 1 },
];

test("a file of sends that is cut off at any byte claims nothing", async (t) => {
  const folder = temporaryFolder(t);
  const sends = [{ event: "recording" }, ...sent("a", 1), ...sent("b", 3)].map((line) => `${JSON.stringify(line)}\n`).join("");
  const listing = writeLines(join(folder, "listing.jsonl"), [
    { event: "listing", conversationId: "c" },
    { event: "stored", message: message("a", 1) },
    { event: "stored", message: message("b", 2) },
    { event: "listed", conversationId: "c" },
  ]);
  const path = join(folder, "sends.jsonl");
  for (let bytes = 0; bytes <= sends.length; bytes += 7) {
    writeFileSync(path, sends.slice(0, bytes));
    const { kinds, counts } = await verify([path, listing], "--others-write");
    assert.deepEqual(kinds, {}, `${bytes} bytes`);
    assert.equal(counts.stored, 2);
  }
});

test("what a process left half is passed over when the next one begins to record, and only then", async (t) => {
  const folder = temporaryFolder(t);
  const half = (next) => {
    const path = writeLines(join(folder, "a.jsonl"), [{ event: "recording" }, ...sent("a", 1)]);
    appendFileSync(path, `{"event":"sending","conversa\n${JSON.stringify(next)}\n`);
    return path;
  };
  const { counts } = await verify([half({ event: "recording" })], "--store", "none");
  assert.equal(counts.cutOff, 1);
  const { code, stderr } = await runVerb(["verify", half(sent("b", 3)[0]), "--store", "none"]);
  assert.equal(code, 2);
  assert.match(stderr, /a\.jsonl:4: is not JSON: incomplete JSON near byte \d+\n$/);
});

test("mistakes name the file, the line and the field", async (t) => {
  const folder = temporaryFolder(t);
  const good = { event: "view", view: "v", conversationId: "c", afterSequence: 0 };
  const wrong = {
    "sequence must be a whole number": { event: "received", view: "v", message: { ...message("a", 1), sequence: -1 } },
    "view has not begun": { event: "received", view: "w", message: message("a", 1) },
    "event 'stored' is outside of a listing": { event: "stored", message: message("a", 1) },
    "outcome must be one of unknown, ok, refused": { ...sent("a", 1)[1], outcome: "fine" },
    "event must be one of recording, sending, sent, view, received, settled, listing, stored, listed": { event: "seen" },
  };
  for (const [text, line] of Object.entries(wrong)) {
    const path = writeLines(join(folder, "a.jsonl"), [good, line]);
    const { code, stdout, stderr } = await runVerb(["verify", path]);
    assert.equal(code, 2, text);
    assert.equal(stdout, "");
    assert.ok(stderr.includes(`${path}:2: `) && stderr.includes(text), stderr);
  }
  for (const args of [[join(folder, "missing.jsonl")], [folder], []]) assert.equal((await runVerb(["verify", ...args])).code, 2);
});

test("without a listing and without a store nothing is judged, and that is said", async (t) => {
  const path = writeLines(join(temporaryFolder(t), "a.jsonl"), sent("a", 1));
  const { code, stdout, stderr } = await runVerb(["verify", path]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /1 conversations have no listing.*--store/);
  assert.equal((await runVerb(["verify", path, "--store", "none"])).code, 0);
  const gone = await runVerb(["verify", path, "--store", "http://127.0.0.1:1", "--wait", "0"]);
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /127\.0\.0\.1/);
});

test("a fault on the first line is named, behind a byte order mark too", async (t) => {
  const path = join(temporaryFolder(t), "a.jsonl");
  const lines = [...sent("a", 1), { event: "listing", conversationId: "c" }, { event: "listed", conversationId: "c" }];
  writeFileSync(path, `\uFEFF${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
  const { code, stdout } = await runVerb(["verify", path]);
  assert.equal(code, 1);
  assert.match(stdout, /\nlost: a in c: /);
});

test("a conversation that the service can never have is empty, and a name that a terminal would obey is shown harmless", async (t) => {
  const service = await startService(t);
  const id = `\u001b]0;x\u0007${"y".repeat(200)}`;
  const of = (outcome) => sent("a", 1).map((line) => ({ ...line, conversationId: id, ...(line.outcome && { outcome }) }));
  const folder = temporaryFolder(t);
  const refused = await runVerb(["verify", writeLines(join(folder, "a.jsonl"), of("refused")), "--store", service.url]);
  assert.equal(refused.code, 0, refused.stderr);
  const lost = await runVerb(["verify", writeLines(join(folder, "b.jsonl"), of("ok")), "--store", service.url]);
  assert.equal(lost.code, 1);
  assert.match(lost.stdout, /lost: a in \?\]0;x\?yyy/);
});

test("people read one line of counts, and each fault with its file and line", async (t) => {
  const folder = temporaryFolder(t);
  const run = makeRun();
  const well = await runVerb(["verify", ...writeHistory(folder, run)]);
  assert.equal(well.code, 0);
  assert.match(well.stdout, /^writes 4000, ok \d+, .*, faults 0\n$/);
  const [listing] = writeHistory(folder, run).slice(1, 2);
  const lines = readFileSync(listing, "utf8").trimEnd().split("\n");
  const gone = lines.findIndex((line) => line.includes('"key-100"'));
  lines.splice(gone, 1);
  writeFileSync(listing, `${lines.join("\n")}\n`);
  const { code, stdout } = await runVerb(["verify", ...["sends", "listings"].map((name) => join(folder, `${name}.jsonl`))]);
  assert.equal(code, 1);
  assert.match(stdout, /\nlost: key-100 in conv-0: acknowledged, and not in the listing \(.*sends\.jsonl:202\)\n$/);
});
