// G1 to G6 under `kill -9`: whatever moment the service is killed at, every 202 is stored exactly once and in order, and
// every client's view is the history. ROUNDS (20) kills; SEED runs a failure again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { sleep, startService } from "../support/service.mjs";
import { WriteLog, Watcher, printedSeed, randomFrom, readHistories, settle, startLoad, viewsAtTheEnd } from "../support/traffic.mjs";

const rounds = Number(process.env.ROUNDS ?? 20);
const conversations = Array.from({ length: 8 }, (_, i) => `crash-${i}`);

async function killWhileStarting(service, afterMs) {
  const starting = service.start().catch(() => {});
  await sleep(afterMs);
  await service.kill("SIGKILL");
  await starting;
}

test(`${rounds} kills under load: nothing acknowledged is lost, doubled, reordered or invented`, async (t) => {
  const random = randomFrom(printedSeed(t));
  const service = await startService(t, { conversations });
  const log = new WriteLog();
  const watchers = [new Watcher(service, "from the beginning", conversations, 0)];
  t.after(() => Promise.all(watchers.map((watcher) => watcher.stop())));
  const stopLoad = startLoad(service, log, { conversations, random });
  t.after(stopLoad);

  const downMs = [];
  for (let round = 0; round < rounds; round += 1) {
    await sleep(100 + 900 * random());
    if (round === Math.floor(rounds / 4)) watchers.push(new Watcher(service, "from where it was", conversations));
    await service.kill("SIGKILL");
    const killedMs = performance.now();
    if (round % 5 === 2) await killWhileStarting(service, 80 * random());
    await service.start();
    downMs.push(performance.now() - killedMs);
  }
  await sleep(300);
  await stopLoad();
  await settle(service, log, conversations);
  const stored = await readHistories(service, conversations);
  const views = await viewsAtTheEnd(watchers, stored);
  const result = checkDelivery({ writes: log.entries, stored, watchers: views });
  t.diagnostic(describe(result));
  t.diagnostic(`down for at most ${Math.max(...downMs).toFixed(0)} ms a round, watchers connected ${watchers.map((w) => w.connects)} times`);
  assert.deepEqual(result.faults.slice(0, 20), []);
  assert.equal(views.length, 2 * conversations.length);
  assert.ok(watchers.every((watcher) => watcher.connects >= 2), "a watcher never came back");
  assert.ok(result.counts.ok > 50 * rounds, "too little load to say anything");
});
