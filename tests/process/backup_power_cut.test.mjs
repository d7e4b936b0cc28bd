// Power cuts at each step of a backup and of a restore: the source keeps everything acknowledged, whatever is listed as a
// backup is whole and holds what was acknowledged before its mark, and no service starts on a restore that was cut. The
// disk is volatile_disk/; ROUNDS (6) cuts of each, 40 at most; SEED runs a failure again.
import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { runVerb, sleep, startService, temporaryFolder, until } from "../support/service.mjs";
import { WriteLog, printedSeed, randomFrom, readHistories, settle, startLoad } from "../support/traffic.mjs";
import { VolatileDisk } from "../support/volatile_disk.mjs";

const rounds = Math.min(Number(process.env.ROUNDS ?? 6), 40);
const conversations = Array.from({ length: 8 }, (_, i) => `cut-${i}`);
// The log's files are written over and let go of while they are copied.
const settings = { "Retention:MaxBytes": 2 ** 20, "Retention:CheckIntervalMs": 100 };

const verb = (name, folder, args = [], env = {}) =>
  runVerb(["backup", name, folder, "--json", ...args], { env, timeoutMs: 60_000 });
const create = (service, folder) =>
  verb("create", folder, [`--Providers:DataDirectory=${service.dataDirectory}`, "--url", service.url, "--mib-per-second", "1000"]);
const restore = (folder, data, args = [], env = {}) => verb("restore", folder, [`--Providers:DataDirectory=${data}`, ...args], env);

const acknowledged = (log) => log.entries.filter(({ outcome }) => outcome === "ok");
const numbersIn = (folder) =>
  readdirSync(join(folder, "backups")).filter((name) => name.endsWith(".json")).map((name) => Number.parseInt(name, 10));
const sizeOf = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** A service on that data has stored all these messages, or will. */
async function hasAll(t, dataDirectory, entries) {
  const copy = await startService(t, { settings, dataDirectory, conversations: [] });
  try {
    await until("what was acknowledged before the mark", async () => {
      const stored = await readHistories(copy, conversations);
      const keys = new Set([...stored.values()].flat().map((message) => message.temporaryMessageId));
      return entries.every(({ key }) => keys.has(key));
    }, undefined, 100);
  } finally {
    await copy.kill("SIGKILL");
  }
}

test(`${rounds} power cuts while backups are made`, async (t) => {
  const random = randomFrom(printedSeed(t));
  const disk = new VolatileDisk(t, { random, early: 0.4 });
  const data = disk.makeFolder("data");
  const folder = join(disk.folder, "backups");
  disk.watch("backups");
  const service = await startService(t, { settings, conversations, env: disk.env, dataDirectory: data });
  const log = new WriteLog();
  // Not while a copy is looked at, which takes longest: the more is written, the longer.
  let stopLoad;
  const load = () => (stopLoad = startLoad(service, log, { conversations, random, paddingBytes: 2_000 }));
  t.after(() => stopLoad());
  load();
  await sleep(500);

  const marks = new Map(); // number of a backup -> what was acknowledged before it was asked for
  marks.set(1, acknowledged(log));
  const first = await create(service, folder);
  assert.equal(first.code, 0, first.stderr);
  let steps = disk.steps;
  let cuts = 0;
  await service.kill("SIGKILL");
  await stopLoad();
  disk.cutPower();
  for (let round = 0; round < rounds; round += 1) {
    const after = round % 4 === 3; // the cut comes after the answer
    disk.watch("backups", after ? 0 : 1 + Math.floor(steps * random()));
    await service.start();
    load();
    await sleep(200 + 300 * random());
    const before = acknowledged(log);
    const made = await create(service, folder);
    if (made.code === 0) {
      steps = Math.max(disk.steps, 2); // fewer than thought
    } else {
      await service.exited;
      cuts += 1;
    }
    await service.kill("SIGKILL");
    await stopLoad();
    disk.cutPower();
    const here = numbersIn(folder);
    for (const number of marks.keys()) assert.ok(here.includes(number), `backup ${number} is gone`);
    if (made.code === 0) assert.ok(here.includes(JSON.parse(made.stdout).number), "an answered backup is gone");
    for (const number of here) if (!marks.has(number)) marks.set(number, before);

    const copy = join(temporaryFolder(t), "backups");
    cpSync(folder, copy, { recursive: true });
    const sound = await verb("verify", copy);
    assert.equal(sound.code, 0, sound.stderr);
    const newest = Math.max(...here);
    const restored = join(temporaryFolder(t), "data");
    const restoring = await restore(copy, restored, ["--backup", `${newest}`]);
    assert.equal(restoring.code, 0, restoring.stderr);
    await hasAll(t, restored, marks.get(newest));
  }
  disk.watch("backups");
  await service.start();
  load();
  await sleep(300);
  await stopLoad();
  await settle(service, log, conversations);
  const stored = await readHistories(service, conversations);
  const result = checkDelivery({ writes: log.entries, stored });
  t.diagnostic(`${cuts} of ${rounds} cut within a backup of about ${steps} steps, ${marks.size} backups; ${describe(result)}`);
  assert.deepEqual(result.faults.slice(0, 20), []);
  assert.ok(cuts >= rounds / 3, "too few cuts to say anything");
});

test(`${rounds} power cuts while a backup is restored`, async (t) => {
  const random = randomFrom(printedSeed(t));
  const service = await startService(t, { settings, conversations });
  const log = new WriteLog();
  const stopLoad = startLoad(service, log, { conversations, random, paddingBytes: 2_000 });
  await sleep(1_500);
  await stopLoad();
  const folder = join(temporaryFolder(t), "backups");
  const made = await create(service, folder);
  assert.equal(made.code, 0, made.stderr);
  await service.stop();

  const disk = new VolatileDisk(t, { random, early: 0.4 });
  const data = join(disk.folder, "data");
  disk.watch("data");
  const whole = await restore(folder, data, [], disk.env);
  assert.equal(whole.code, 0, whole.stderr);
  const steps = disk.steps;
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    disk.clear();
    disk.watch("data", 1 + Math.floor((steps + 1) * random()));
    const { code, signal } = await restore(folder, data, [], disk.env);
    assert.ok(code === 0 || signal === "SIGKILL", `${code}`);
    disk.cutPower();
    if (code === 0 || sizeOf(join(data, "FORMAT")) > 0) {
      await hasAll(t, data, acknowledged(log));
    } else if (existsSync(data) && readdirSync(data).length > 0) {
      const started = await runVerb(["serve", `--Providers:DataDirectory=${data}`, "--Urls=http://127.0.0.1:0"]);
      assert.notEqual(started.code, 0);
      assert.match(started.stderr, /FORMAT|belongs to|restore/);
      refused += 1;
    }
  }
  t.diagnostic(`${steps} steps; ${refused} of ${rounds} cuts left a folder that no service takes`);
});
