// Makes docs/images/dashboard.png: the page of the real program, with messages going through it and one dead letter.
//   node tests/browser/screenshot_dashboard.mjs

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repacked } from "../support/png.mjs";
import { repositoryRoot, sleep, startService } from "../support/service.mjs";
import { WriteLog, Watcher, messagesUrl, request, startLoad } from "../support/traffic.mjs";
import { launchChromium } from "./chromium.mjs";

const picture = join(repositoryRoot, "docs/images/dashboard.png");
const bytesMax = 150 * 1024;
const conversations = Array.from({ length: 8 }, (_, i) => `conv-${i}`);
const storesLater = { "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 60_000 };
const hooks = [];
const owner = { after: (hook) => hooks.push(hook) };

try {
  const service = await startService(owner, { settings: storesLater, conversations });
  const content = "A message that was accepted before the limit of its length was made smaller";
  await request(messagesUrl(service.url, "conv-0"), { method: "POST", body: { senderId: "parent-001", senderType: "Parent", content } });
  await service.kill("SIGKILL");
  await service.start({ "Limits:ContentBytes": 60 });

  const browser = await launchChromium(owner);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light", locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(`${service.url}/dashboard#token=${readFileSync(join(service.dataDirectory, "admin-token"), "utf8")}`);

  const watchers = Array.from({ length: 12 }, (_, i) => new Watcher(service, `client ${i}`, [conversations[i % conversations.length]]));
  const load = (connections, pauseMs) => startLoad(service, new WriteLog(), { connections, conversations, pauseMs });
  const stops = [load(8, 40)];
  await sleep(25_000);
  const burst = load(8, 30);
  await sleep(25_000);
  await burst();
  await sleep(18_000);
  const bytes = repacked(await page.screenshot({ fullPage: true }));
  writeFileSync(picture, bytes);
  for (const stop of stops) await stop();
  await Promise.all(watchers.map((watcher) => watcher.stop()));
  console.log(`${picture}: ${bytes.length} bytes`);
  if (bytes.length > bytesMax) process.exitCode = 1;
} finally {
  for (const hook of hooks) await hook();
}
