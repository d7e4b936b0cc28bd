// What all three pages hold, on each screen and in each scheme of colours: nothing keeps people from using them, they are
// small on the wire, and they paint soon.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { lagIsGone } from "../support/cluster.mjs";
import { sharedScope, sleep, startService } from "../support/service.mjs";
import { messagesUrl, request } from "../support/traffic.mjs";
import { barriers, launchChromium, openChat } from "./chromium.mjs";

const SCREENS = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
const COLOURS = ["light", "dark"];
const PAGES = {
  "/": { bytesMax: 200_000, isThere: (page) => page.getByText("Good morning!").first().waitFor() },
  "/dashboard": { bytesMax: 200_000, isThere: (page) => page.getByTestId("tile-accepted").filter({ hasText: /\d/ }).waitFor() },
  "/docs": { bytesMax: 250_000, isThere: (page) => page.getByText("A message is answered").first().waitFor() },
};
const PAINT_MS = 1000;
const SETTLES_MS = 3000; // the dashboard asks for its figures each second
const LOADS = 5;

const scope = sharedScope();
let browser;
let service;
const hooks = [];
after(() => Promise.all(hooks.map((hook) => hook())));

before(async () => {
  browser = await launchChromium({ after: (hook) => hooks.push(hook) });
  const post = async (senderId, senderType, content) => {
    const { status } = await request(messagesUrl(service.url, "conv-123"), { method: "POST", body: { senderId, senderType, content } });
    assert.equal(status, 202);
  };
  service = await startService(scope, { settings: { "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 60_000 } });
  await post("parent-001", "Parent", "A message that was accepted before the limit of its length was made smaller");
  await service.kill("SIGKILL");
  await service.start({ "Limits:ContentBytes": 60 });
  await lagIsGone([service]);
  await post("parent-001", "Parent", "Good morning!");
  await post("teacher-001", "Teacher", "Good morning, how can I help you?");
});

const everywhere = (name, check) => {
  suite(`nothing keeps people from using ${name}`, () => {
    for (const [screen, options] of Object.entries(SCREENS)) {
      for (const colorScheme of COLOURS) test(`${screen}, ${colorScheme}`, (t) => check(t, { ...options, colorScheme }));
    }
  });
};

async function open(t, path, options) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(service.url + path);
  await PAGES[path.split("#")[0]].isThere(page);
  return page;
}

everywhere("the chat page", async (t, contextOptions) => {
  const chat = await openChat(t, browser, service, { contextOptions });
  await chat.parent.has("Good morning, how can I help you?", "stored");
  assert.deepEqual(await barriers(chat.page), [], "with messages");
  const text = `From a ${contextOptions.colorScheme} ${contextOptions.isMobile ? "phone" : "desktop"}`;
  await chat.parent.send(text);
  await chat.parent.has(text, "stored");
  assert.deepEqual(await barriers(chat.page), [], "after a message of one's own");
});

everywhere("the dashboard", async (t, contextOptions) => {
  const token = readFileSync(join(service.dataDirectory, "admin-token"), "utf8");
  const page = await open(t, `/dashboard#token=${token}`, contextOptions);
  const letter = page.getByTestId("letter").first();
  await letter.getByTestId("look").click();
  await letter.getByTestId("record").waitFor();
  assert.deepEqual(await barriers(page), [], "with figures and a dead letter");
  await letter.getByTestId("discard").click();
  await letter.getByTestId("discard-confirm").waitFor();
  assert.deepEqual(await barriers(page), [], "before a letter is discarded");
});

everywhere("the docs page", async (t, contextOptions) => {
  const page = await open(t, "/docs", contextOptions);
  assert.deepEqual(await barriers(page), [], "as it opens");
  await page.getByText("Send a message", { exact: true }).first().click();
  await page.locator("textarea:visible").first().waitFor();
  assert.deepEqual(await barriers(page), [], "with a form");
});

/** Opens the page without anything kept from before, and lets it ask for what it wants: `{bytes, paintMs}`. */
async function load(path) {
  const context = await browser.newContext(SCREENS.desktop);
  try {
    const page = await context.newPage();
    const network = await context.newCDPSession(page);
    await network.send("Network.enable");
    let bytes = 0;
    network.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(service.url + path, { waitUntil: "load" });
    await PAGES[path].isThere(page);
    await sleep(SETTLES_MS);
    const painted = await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    const paintMs = await painted.jsonValue();
    return { bytes, paintMs };
  } finally {
    await context.close();
  }
}

for (const [path, { bytesMax }] of Object.entries(PAGES)) {
  test(`${path} is small and paints soon`, async (t) => {
    const loads = [];
    for (let at = 0; at < LOADS; at += 1) loads.push(await load(path));
    // Of the page, not of what else the machine does: the least of a few.
    const paintMs = Math.min(...loads.map((one) => one.paintMs));
    const bytes = Math.max(...loads.map((one) => one.bytes));
    t.diagnostic(`${bytes} bytes, first contentful paint after ${loads.map((one) => one.paintMs.toFixed(0)).join(", ")} ms`);
    assert.ok(bytes > 10_000 && bytes <= bytesMax, `${bytes} bytes`);
    assert.ok(paintMs <= PAINT_MS, `${paintMs} ms`);
  });
}
