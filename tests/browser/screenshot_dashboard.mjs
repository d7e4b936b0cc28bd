// Makes docs/images/dashboard.png: the page of the real program under the load of `bench`, with one dead letter.
//   node tests/browser/screenshot_dashboard.mjs

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repacked } from "../support/png.mjs";
import { repositoryRoot, runVerb, sleep, startService } from "../support/service.mjs";
import { Watcher, messagesUrl, request } from "../support/traffic.mjs";
import { launchChromium } from "./chromium.mjs";

const picture = join(repositoryRoot, "docs/images/dashboard.png");
const bytesMax = 150 * 1024;
const conversations = Array.from({ length: 8 }, (_, i) => `bench-${i}`);
const storesLater = { "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 60_000 };
const hooks = [];
const owner = { after: (hook) => hooks.push(hook) };

try {
  const service = await startService(owner, { settings: storesLater, conversations });
  const content = "A message that was accepted before the limit of its length was made smaller";
  await request(messagesUrl(service.url, conversations[0]), { method: "POST", body: { senderId: "parent-001", senderType: "Parent", content } });
  await service.kill("SIGKILL");
  await service.start({ "Limits:ContentBytes": 60 });

  const browser = await launchChromium(owner);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light", locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(`${service.url}/dashboard#token=${readFileSync(join(service.dataDirectory, "admin-token"), "utf8")}`);

  const watchers = Array.from({ length: 12 }, (_, i) => new Watcher(service, `client ${i}`, [conversations[i % conversations.length]]));
  const bench = (seconds, perSecond) => {
    const args = { url: service.url, connections: 16, rate: perSecond, duration: seconds, warmup: 0, conversations: conversations.length, "content-bytes": 50 };
    return runVerb(["bench", "http", "--quiet", ...Object.entries(args).map(([name, value]) => `--${name}=${value}`)], { timeoutMs: 120_000 });
  };
  const loads = [bench(80, 800)];
  await sleep(25_000);
  loads.push(bench(25, 1_600));
  await sleep(43_000);
  const bytes = repacked(await page.screenshot({ fullPage: true }));
  writeFileSync(picture, bytes);
  for (const { code, stdout } of await Promise.all(loads)) if (code !== 0) throw new Error(stdout);
  await Promise.all(watchers.map((watcher) => watcher.stop()));
  console.log(`${picture}: ${bytes.length} bytes`);
  if (bytes.length > bytesMax) process.exitCode = 1;
} finally {
  for (const hook of hooks) await hook();
}
