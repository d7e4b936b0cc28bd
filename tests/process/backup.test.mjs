// Backups while posts go on: everything that was answered 202 before the verb is in the backup, in order; a damaged one
// is refused; a restored folder goes on with a history of its own.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { get, history, postMessage } from "../support/http.mjs";
import { runVerb, startService, temporaryFolder, until } from "../support/service.mjs";

const small = { "Retention:MaxBytes": 2 ** 20, "Retention:CheckIntervalMs": 100 };
const large = "x".repeat(8_000);

/** Posts one after the other until it is told to stop; returns what was accepted. */
function posting(service) {
  const accepted = [];
  let going = true;
  const done = (async () => {
    for (let n = 0; going; n += 1) {
      const posted = await postMessage(service, { content: `${n} ${large}` });
      assert.equal(posted.status, 202);
      accepted.push(posted.json.id);
    }
  })();
  return { accepted, stop: async () => ((going = false), done) };
}

const verb = (name, folder, ...more) => runVerb(["backup", name, folder, "--json", ...more], { timeoutMs: 60_000 });
const create = (service, folder, ...more) =>
  verb("create", folder, `--Providers:DataDirectory=${service.dataDirectory}`, "--url", service.url, ...more);

test("backups under load, while retention writes over segments: all that was accepted is there, in order", async (t) => {
  const service = await startService(t, { settings: small });
  const folder = join(temporaryFolder(t), "backups");
  const load = posting(service);
  const marks = [];
  for (let round = 1; round <= 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    marks.push(load.accepted.length);
    const made = await create(service, folder);
    assert.equal(made.code, 0, made.stderr);
    assert.equal(JSON.parse(made.stdout).number, round);
  }
  await load.stop();
  const verified = await verb("verify", folder);
  assert.equal(verified.code, 0, verified.stderr);
  assert.equal(verified.stdout.trim().split("\n").length, 3);

  const ids = new Set();
  for (const [at, mark] of marks.entries()) {
    const data = join(temporaryFolder(t), "data");
    const restored = await verb("restore", folder, `--Providers:DataDirectory=${data}`, "--backup", `${at + 1}`);
    assert.equal(restored.code, 0, restored.stderr);
    const copy = await startService(t, { settings: small, dataDirectory: data, conversations: [] });
    const stored = await until("what was accepted", async () => {
      const all = await history(copy);
      return all.length >= mark && all;
    });
    assert.deepEqual(stored.map((message) => message.temporaryMessageId), load.accepted.slice(0, stored.length));
    ids.add((await get(copy, "/api/conversations/conv-123")).json.historyId);
    await copy.stop();
  }
  ids.add((await get(service, "/api/conversations/conv-123")).json.historyId);
  assert.equal(ids.size, 4, "each restored folder has a history of its own");
});

test("--keep removes older ones and their files; a damaged or foreign folder, or a full data folder, is refused", async (t) => {
  const service = await startService(t, {});
  const folder = join(temporaryFolder(t), "backups");
  for (let n = 0; n < 3; n += 1) {
    await postMessage(service, { content: `${n}` });
    assert.equal((await create(service, folder, "--keep", "2")).code, 0);
  }
  assert.deepEqual(readdirSync(join(folder, "backups")).sort(), ["2.json", "3.json"]);
  assert.equal(readdirSync(join(folder, "log")).length, 2);
  assert.equal(statSync(folder).mode & 0o077, 0, "for its user only");

  const inside = await create(service, join(service.dataDirectory, "backups"));
  assert.equal(inside.code, 1);
  assert.match(inside.stderr, /cannot lie in the data folder/);
  const foreign = temporaryFolder(t);
  writeFileSync(join(foreign, "letter.txt"), "mine");
  assert.match((await create(service, foreign)).stderr, /letter\.txt, which is no part of a backup/);

  const occupied = await verb("restore", folder, `--Providers:DataDirectory=${service.dataDirectory}`);
  assert.match(occupied.stderr, /is not empty/);

  const file = join(folder, "log", readdirSync(join(folder, "log"))[0]);
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(file, bytes);
  assert.match((await verb("verify", folder)).stderr, /is damaged/);
  const data = join(temporaryFolder(t), "data");
  const damaged = await verb("restore", folder, `--Providers:DataDirectory=${data}`, "--backup", file.includes("to-2") ? "2" : "3");
  assert.equal(damaged.code, 1);
  assert.ok(!existsSync(data), "nothing is made of a damaged backup");
});

test("a folder that cannot be looked at is an error of the verb, and the service goes on", async (t) => {
  const service = await startService(t, {});
  const folder = temporaryFolder(t);
  symlinkSync("loop", join(folder, "loop"));
  for (const hard of [join(folder, "loop", "backups"), join(folder, "x".repeat(300))]) {
    const made = await create(service, hard);
    assert.equal(made.code, 1, made.stderr);
    assert.match(made.stderr, /cannot look at .*: (Too many levels of symbolic links|File name too long)/);
    assert.match((await verb("verify", hard)).stderr, /cannot look at/);
    const elsewhere = await runVerb(["lag", `--Providers:DataDirectory=${hard}`]);
    assert.equal(elsewhere.code, 1, elsewhere.stderr);
  }
  assert.equal((await create(service, join(folder, "backups"))).code, 0, "the next one is made");
});

test("a backup is made although older ones cannot be removed; a foreign folder stays as it was", async (t) => {
  const service = await startService(t, {});
  const folder = join(temporaryFolder(t), "backups");
  assert.equal((await create(service, folder)).code, 0);
  writeFileSync(join(folder, "backups", "1.json"), "damaged");
  const made = await create(service, folder, "--keep", "1");
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stderr, /older backups could not be removed: .*1\.json/);
  assert.equal(JSON.parse(made.stdout).number, 2);
  const foreign = temporaryFolder(t);
  writeFileSync(join(foreign, "letter.txt"), "mine");
  assert.equal((await create(service, foreign)).code, 1);
  assert.deepEqual(readdirSync(foreign), ["letter.txt"]);
});

test("without a running service the verb opens the folder itself", async (t) => {
  const service = await startService(t, {});
  await postMessage(service, { content: "one" });
  await service.stop();
  const made = await create(service, join(temporaryFolder(t), "backups"));
  assert.equal(made.code, 0, made.stderr);
  assert.equal(JSON.parse(made.stdout).logEnd, 1);
});

test("a stop ends a backup that is under way, in its usual time; the next one goes on", async (t) => {
  const service = await startService(t, { settings: { "Shutdown:TimeoutMs": 5_000 } });
  for (let n = 0; n < 40; n += 1) await Promise.all(Array.from({ length: 25 }, () => postMessage(service, { content: large })));
  const folder = join(temporaryFolder(t), "backups");
  const under_way = create(service, folder, "--mib-per-second", "1");
  await until("the backup's files", () => existsSync(join(folder, "store")));
  const other = await create(service, folder);
  assert.match(other.stderr, /under way already/, "one at a time");
  const answers = await Promise.all(Array.from({ length: 50 }, () => history(service)));
  assert.ok(answers.every((messages) => messages.length > 0), "requests have their threads");

  const started = performance.now();
  const { code } = await service.stop();
  const took = performance.now() - started;
  assert.equal(code, 0);
  assert.ok(took < 5_000, `${took} ms`);
  const ended = await under_way;
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /is stopping, and no backup was made/);
  assert.match((await verb("verify", folder)).stderr, /no complete backup/);

  await service.start();
  const made = await create(service, folder);
  assert.equal(made.code, 0, made.stderr);
  assert.equal((await verb("verify", folder)).code, 0);
});
