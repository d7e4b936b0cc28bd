// G1 to G6 under power cuts: what was not synced may be gone, in part and in any order, and still every 202 is stored
// once and in order, and no client was shown what is not. The disk is volatile_disk/; ROUNDS (10) cuts in each case;
// SEED runs a failure again.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe as suite, test } from "node:test";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { WAIT_MS, sleep, startService, until } from "../support/service.mjs";
import { WriteLog, Watcher, printedSeed, randomFrom, readHistories, settle, startLoad, viewsAtTheEnd } from "../support/traffic.mjs";
import { VolatileDisk } from "../support/volatile_disk.mjs";

const rounds = Number(process.env.ROUNDS ?? 10);
const conversations = Array.from({ length: 8 }, (_, i) => `cut-${i}`);

/**
 * A service whose folder is on such a disk. `cut()` ends it and leaves what has reached the disk; `cutWhileStarting(moment)`
 * does so in the middle of a start, when that promise of the folder resolves; `startOver()` leaves an empty disk.
 */
async function startOnVolatileDisk(t, { random, early, settings }) {
  const disk = new VolatileDisk(t, { random, early });
  const service = await startService(t, { settings, conversations, env: disk.env, dataDirectory: disk.folder });

  async function cut() {
    await service.kill("SIGKILL");
    disk.cutPower();
  }
  async function cutWhileStarting(moment) {
    const starting = service.start().catch(() => {});
    await moment(disk.folder);
    await cut();
    await starting;
  }
  async function startOver() {
    await service.kill("SIGKILL");
    disk.clear();
  }
  return { service, cut, cutWhileStarting, startOver };
}

const cases = [
  ["nothing arrives unsynced", { early: 0 }],
  ["anything may arrive, in part and in any order", { early: 0.4 }],
  ["files are filled, let go of and written over", { early: 0.4, paddingBytes: 12_000, share: 1 / 4, settings: { "Retention:MaxBytes": 2 ** 20, "Retention:CheckIntervalMs": 100 } }],
  ["the store alone", { early: 0.4, settings: { "MessagePersistence:Mode": "Synchronous" } }],
];

suite(`${rounds} power cuts under load, each: nothing acknowledged is lost, doubled, reordered or invented`, () => {
  // The check keeps every message, so large ones get a share of the rounds.
  for (const [name, { early, settings = {}, paddingBytes, share = 1 }] of cases) {
    test(name, async (t) => {
      const random = randomFrom(printedSeed(t));
      const { service, cut, cutWhileStarting } = await startOnVolatileDisk(t, { random, early, settings });
      const log = new WriteLog();
      const watcher = new Watcher(service, "from the beginning", conversations, 0);
      t.after(() => watcher.stop());
      const stopLoad = startLoad(service, log, { conversations, random, paddingBytes });
      t.after(stopLoad);
      for (let round = 0; round < Math.max(rounds * share, 10); round += 1) {
        await sleep(100 + 900 * random());
        await cut();
        if (round % 3 === 1) await cutWhileStarting(() => sleep(80 * random()));
        await service.start();
      }
      await sleep(300);
      await stopLoad();
      await settle(service, log, conversations);
      const stored = await readHistories(service, conversations);
      const views = await viewsAtTheEnd([watcher], stored);
      const result = checkDelivery({ writes: log.entries, stored, watchers: views });
      t.diagnostic(describe(result));
      assert.deepEqual(result.faults.slice(0, 20), []);
      assert.ok(result.counts.ok > 20 * rounds, "too little load to say anything");
    });
  }
});

/** The moment in which a name must not be missing that was made before. */
const storeIsMade = (folder) => until("the store's folder", () => existsSync(join(folder, "db")), WAIT_MS, 0);

test(`a first start that is cut at any moment, ${rounds} times: the next one serves`, async (t) => {
  const random = randomFrom(printedSeed(t));
  const { service, cut, cutWhileStarting, startOver } = await startOnVolatileDisk(t, { random, early: 0.4 });
  for (let round = 0; round < rounds; round += 1) {
    await startOver();
    await cutWhileStarting(round % 2 === 0 ? () => sleep(150 * random()) : storeIsMade);
    await service.start();
    const log = new WriteLog();
    assert.equal((await log.write(service, conversations[0])).outcome, "ok");
    await cut();
    await service.start();
    await settle(service, log, conversations.slice(0, 1));
    const stored = await readHistories(service, conversations.slice(0, 1));
    assert.deepEqual(checkDelivery({ writes: log.entries, stored }).faults, []);
  }
});
