// One data folder under two programs: the previous one and this one, in turn, and one that writes newer records.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { previousProgram, skipWithoutPrevious } from "../support/previous.mjs";
import { binary, runVerb, startService, until } from "../support/service.mjs";
import { Watcher, WriteLog, readHistories, settle, startLoad, viewsAtTheEnd } from "../support/traffic.mjs";

const conversations = ["upgrade-0", "upgrade-1", "upgrade-2", "upgrade-3"];

test("to this program and back under load loses, doubles and reorders nothing", { skip: skipWithoutPrevious, timeout: 120_000 }, async (t) => {
  const service = await startService(t, { conversations, program: previousProgram });
  const log = new WriteLog();
  const stopLoad = startLoad(service, log, { conversations });
  const watcher = new Watcher(service, "client", conversations, 0);
  t.after(() => watcher.stop());
  const moreAreStored = async () => {
    const before = log.count("ok");
    await until("more messages", () => log.count("ok") > before + 200);
  };
  await moreAreStored();
  for (const program of [binary, previousProgram, binary, previousProgram]) {
    await service.replace(program);
    await moreAreStored();
  }
  await service.kill("SIGKILL"); // what is in the log and not stored is the other program's to store
  await service.replace(binary);
  await stopLoad();
  await settle(service, log, conversations);
  const stored = await readHistories(service, conversations);
  const result = checkDelivery({ writes: log.entries, stored, watchers: await viewsAtTheEnd([watcher], stored) });
  t.diagnostic(describe(result));
  assert.deepEqual(result.faults.slice(0, 20), []);
  assert.ok(result.counts.ok > 1000, "too little load to say anything");
});

test("a folder with newer records is refused by name, and its own program goes on with it", async (t) => {
  const service = await startService(t, { settings: { "Testing:RecordVersion": 3 } });
  const format = () => readFileSync(join(service.dataDirectory, "FORMAT"), "utf8");
  assert.equal(format(), "message-service data, format 4\n", "nothing newer was written yet, and an older program may come back");
  const log = new WriteLog();
  await until("the first record of version 3", async () => {
    assert.equal((await log.write(service, "conv-123")).outcome, "ok");
    return format() === "message-service data, format 4, records 3\n";
  });
  for (let i = 0; i < 10; i += 1) await log.write(service, "conv-123");
  await service.kill("SIGKILL");

  const folder = `--Providers:DataDirectory=${service.dataDirectory}`;
  const refused = await runVerb(["serve", "--Urls=http://127.0.0.1:0", folder]);
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /may hold records of version 3, and this program reads up to version 2/);
  const looked = await runVerb(["doctor", folder]);
  assert.equal(looked.code, 1, looked.stdout);
  assert.match(looked.stdout, /WRONG\s+data folder: .*records of version 3/);
  if (previousProgram) {
    const { code, stderr } = await runVerb(["serve", "--Urls=http://127.0.0.1:0", folder], { program: previousProgram });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /a data format that this version does not know/);
  }

  await service.start();
  await settle(service, log, ["conv-123"]);
  const result = checkDelivery({ writes: log.entries, stored: await readHistories(service, ["conv-123"]) });
  assert.deepEqual(result.faults, []);
});
