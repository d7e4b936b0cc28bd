// The operators' page beside a node that takes thousands of messages a second, and over hours: what it costs its reader, and its node.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runVerb, sleep, startService, temporaryFolder } from "../support/service.mjs";
import { launchChromium, noteComplaints } from "./chromium.mjs";

const RATE = 5000;
const LOAD_S = 20;
const LONG_TASK_MS = 200; // a person notices more
const CHART_S = 300; // from then on, each new second takes the place of an old one
const MiB = 1024 * 1024;

let browser;
const hooks = [];
before(async () => (browser = await launchChromium({ after: (hook) => hooks.push(hook) })));
after(() => Promise.all(hooks.map((hook) => hook())));

/** CPU time of a process so far, in seconds. */
function cpuSeconds(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).map(Number);
  return (user + system) / 100;
}

async function openDashboard(t, service, prepare = () => {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints = await noteComplaints(page);
  await prepare(page);
  await page.goto(`${service.url}/dashboard`);
  await page.locator("[data-testid=state][data-state=live]").waitFor();
  return { page, complaints };
}

/** In the page: its long tasks, and each text that the tile of accepted messages shows, with its time. */
function watch() {
  window.longTasks = [];
  window.shown = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration }))))
    .observe({ type: "longtask", buffered: true });
  const note = () => {
    const text = document.querySelector("[data-testid=tile-accepted]")?.textContent;
    if (text && text !== window.shown.at(-1)?.text) window.shown.push({ text, at: performance.now() });
  };
  document.addEventListener("DOMContentLoaded", () => new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true }));
}

test(`${RATE} messages a second: the figures move with each look, and the page stays quick`, { timeout: 120_000 }, async (t) => {
  const service = await startService(t, { settings: { "Logging:Level": "Warning" } });
  const { page, complaints } = await openDashboard(t, service, (opened) => opened.addInitScript(watch));
  const file = join(temporaryFolder(t), "bench.json");
  const bench = runVerb(["bench", "http", "--url", service.url, "--rate", `${RATE}`, "--connections", "64", "--warmup", "0",
    "--duration", `${LOAD_S}`, "--quiet", "--json", file], { timeoutMs: 90_000 });
  await sleep(12_000); // the tile speaks of ten seconds
  const from = await page.evaluate(() => performance.now());
  await sleep(6_000);
  const { shown, longTasks } = await page.evaluate((since) => ({
    shown: window.shown.filter(({ at }) => at >= since),
    longTasks: window.longTasks.filter(({ startTime }) => startTime >= since).map(({ duration }) => duration),
  }), from);
  const { code, stdout, stderr } = await bench;
  assert.equal(code, 0, stdout + stderr);
  const { requests_per_s: real } = JSON.parse(readFileSync(file, "utf8")).result;
  const rates = shown.map(({ text }) => Number(text.replaceAll(",", "")));
  t.diagnostic(`${real.toFixed(0)} accepted in a second; shown in 6 s: ${rates.join(", ")}; long tasks: ${longTasks.map(Math.round).join(", ") || "none"} ms`);
  assert.ok(real > RATE / 2, "too little load to say anything");
  for (const rate of rates) assert.ok(rate > 0.7 * real && rate < 1.3 * real, `${rate} shown, ${real} accepted`);
  assert.ok(rates.length >= 4, "a look is every second");
  assert.ok(Math.max(0, ...longTasks) <= LONG_TASK_MS, `${longTasks}`);
  assert.ok(longTasks.reduce((sum, ms) => sum + ms, 0) <= 600, "a tenth of the time at most");
  assert.deepEqual(complaints(), []);
});

test("an open page costs its node next to nothing", async (t) => {
  const service = await startService(t);
  const costOf = async (seconds) => {
    const begun = cpuSeconds(service.pid);
    await sleep(seconds * 1000);
    return (cpuSeconds(service.pid) - begun) / seconds;
  };
  await sleep(1000);
  const alone = await costOf(8);
  await openDashboard(t, service);
  await sleep(1000);
  const watched = await costOf(8);
  t.diagnostic(`of one core: ${(100 * alone).toFixed(2)} % alone, ${(100 * watched).toFixed(2)} % beside the page`);
  assert.ok(watched - alone <= 0.02, `${(100 * (watched - alone)).toFixed(2)} % of a core`);
});

test("its memory does not grow with the time that it is open", { timeout: 300_000 }, async (t) => {
  const service = await startService(t);
  const { page } = await openDashboard(t, service, (opened) => opened.clock.install());
  const developer = await page.context().newCDPSession(page);
  await developer.send("HeapProfiler.enable");
  const live = async (seconds) => {
    for (let second = 0; second < seconds; second += 1) {
      const answered = page.waitForResponse((answer) => answer.url().endsWith("/metrics"));
      await page.clock.runFor(1000);
      await (await answered).finished();
    }
    await developer.send("HeapProfiler.collectGarbage");
    return (await developer.send("Runtime.getHeapUsage")).usedSize;
  };
  const full = await live(2 * CHART_S);
  const later = await live(3 * CHART_S);
  t.diagnostic(`${(full / MiB).toFixed(2)} MiB after ${2 * CHART_S / 60} minutes, ${(later / MiB).toFixed(2)} MiB after ${5 * CHART_S / 60}`);
  assert.ok(later - full < MiB, `${full} and then ${later} bytes`);
});
