// The chat page as a person has it: a real Chromium, the page and the hub of the real program.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WAIT_MS, startService, until } from "../support/service.mjs";
import { messagesUrl, readHistory, request } from "../support/traffic.mjs";
import { launchChromium, openChat } from "./chromium.mjs";

let browser;
const hooks = [];
before(async () => (browser = await launchChromium({ after: (hook) => hooks.push(hook) })));
after(() => Promise.all(hooks.map((hook) => hook())));

const objectId = /^[0-9a-f]{24}$/;

async function post(service, content, sender = { senderId: "teacher-001", senderType: "Teacher" }) {
  const answer = await request(messagesUrl(service.url, "conv-123"), { method: "POST", body: { ...sender, content } });
  assert.equal(answer.status, 202);
  return answer.body;
}

/** A whole number from 0 in MessagePack. */
function messagePackInteger(bytes, at) {
  const size = { 0xcc: 1, 0xcd: 2, 0xce: 4 }[bytes[at]];
  return size ? bytes.readUIntBE(at + 1, size) : bytes[at];
}

/** Notes every status that any bubble of a pane ever shows: {text: [statuses]}. */
async function watchStatuses({ page }, personId) {
  await page.evaluate((person) => {
    const pane = document.querySelector(`[data-testid=pane][data-person="${person}"]`);
    window.shownStatuses = {};
    const note = () => {
      for (const bubble of pane.querySelectorAll("[data-testid=bubble]")) {
        const shown = (window.shownStatuses[bubble.querySelector(".content").textContent] ??= []);
        if (shown.at(-1) !== bubble.dataset.status) shown.push(bubble.dataset.status);
      }
    };
    new MutationObserver(note).observe(pane, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-status"] });
  }, personId);
  return (text) => page.evaluate((key) => window.shownStatuses[key], text);
}

test("two people talk: sending, sent, stored with the real id and sequence, and the other one has it", async (t) => {
  const service = await startService(t);
  const chat = await openChat(t, browser, service);
  const statusesOf = await watchStatuses(chat, "parent-001");
  await chat.page.route("**/messages", async (route) => { // slow enough for the first status to be painted
    await new Promise((resolve) => setTimeout(resolve, 100));
    await route.continue();
  });
  await chat.parent.send("Good morning!");
  const own = await chat.parent.has("Good morning!", "stored");
  const theirs = await chat.teacher.has("Good morning!", "stored");
  const [stored] = await readHistory(service, "conv-123");
  for (const shown of [own, theirs]) {
    assert.match(shown.messageId, objectId);
    assert.equal(shown.messageId, stored.id);
    assert.equal(shown.sequence, "1");
    assert.equal(shown.temporaryId, stored.temporaryMessageId);
  }
  const statuses = await statusesOf("Good morning!");
  assert.equal(statuses[0], "sending");
  assert.equal(statuses.at(-1), "stored");
  // The 202 and the event race each other to the page; "sent" is not seen where the event wins.
  assert.deepEqual(statuses.filter((status) => !["sending", "sent", "stored"].includes(status)), []);

  await chat.teacher.send("Good morning to you.");
  assert.equal((await chat.parent.has("Good morning to you.", "stored")).sequence, "2");
  assert.deepEqual(chat.complaints(), []);
});

test("where WebSockets are blocked the page falls back and two people still talk", async (t) => {
  const service = await startService(t);
  // As a proxy does that knows nothing of WebSockets: the client's attempt fails.
  const prepare = (context) => context.addInitScript(() => {
    window.WebSocket = class { constructor() { throw new Error("blocked"); } };
  });
  const chat = await openChat(t, browser, service, { prepare });
  await chat.parent.send("Through the back door");
  const theirs = await chat.teacher.has("Through the back door", "stored");
  assert.equal(theirs.sequence, "1");
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  const connections = (transport) => Number(metrics.match(new RegExp(
    `message_service_hub_connections\\{[^}]*protocol="messagepack"[^}]*transport="${transport}"[^}]*\\} (\\d+)`))?.[1] ?? 0);
  assert.equal(connections("longPolling"), 2, metrics.match(/message_service_hub_connections.*/g)?.join("\n"));
  assert.equal(connections("webSockets"), 0);
});

test("a message that the log has and the store does not is shown as sent", async (t) => {
  const service = await startService(t, { settings: { "MessagePersistence:FlushWhenIdle": "false", "MessagePersistence:FlushIntervalMs": 5000 } });
  const chat = await openChat(t, browser, service);
  await chat.parent.send("On its way");
  const sent = await chat.parent.has("On its way", "sent");
  assert.equal(sent.sequence, undefined);
  assert.equal(await chat.teacher.bubbles.count(), 0);
  const stored = await chat.parent.has("On its way", "stored");
  assert.equal(stored.temporaryId, sent.temporaryId);
  await chat.teacher.has("On its way", "stored");
  assert.deepEqual(chat.complaints(), []);
});

test("a message posted by another program appears to both, as text and not as markup", async (t) => {
  const service = await startService(t);
  const chat = await openChat(t, browser, service);
  const text = "<img src=x onerror=alert(1)> & \u{1F44B}\u{1F3FD} \u202Eright to left";
  await post(service, text);
  await chat.parent.has(text, "stored");
  await chat.teacher.has(text, "stored");
  assert.equal(await chat.page.locator("[data-testid=bubble] img").count(), 0);
  assert.deepEqual(chat.complaints(), []);
});

test("kill -9 and a restart: both come back by themselves and have what was posted meanwhile, in order and once", async (t) => {
  const service = await startService(t);
  const chat = await openChat(t, browser, service);
  await post(service, "before 1");
  await chat.parent.has("before 1", "stored");
  await service.kill("SIGKILL");
  await until("the page to notice", async () => (await chat.parent.connection().getAttribute("data-connection-state")) !== "live");
  await service.start();
  for (let i = 1; i <= 5; i += 1) await post(service, `meanwhile ${i}`);
  for (const pane of [chat.parent, chat.teacher]) {
    await pane.isLive();
    await pane.has("meanwhile 5", "stored");
    const texts = await pane.bubbles.locator(".content").allTextContents();
    assert.deepEqual(texts, ["before 1", ...[1, 2, 3, 4, 5].map((i) => `meanwhile ${i}`)]);
  }
  await chat.teacher.send("after");
  await chat.parent.has("after", "stored");
  assert.deepEqual(chat.complaints({ serviceWasAway: true }), []);
});

test("a service that stops tells each client how long to wait, and the page waits so long", async (t) => {
  const service = await startService(t, { settings: { "Shutdown:ReconnectWithinMs": 4_000 } });
  const chat = await openChat(t, browser, service);
  const told = [];
  const triedMs = [];
  chat.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => {
    const at = payload.indexOf("reconnectAfterMs");
    if (at >= 0) told.push({ atMs: performance.now(), waitMs: messagePackInteger(Buffer.from(payload), at + "reconnectAfterMs".length) });
  }));
  chat.page.on("request", (request) => told.length && request.url().includes("/negotiate") && triedMs.push(performance.now()));
  await chat.page.reload();
  for (const pane of [chat.parent, chat.teacher]) await pane.isLive();
  await service.kill("SIGTERM");
  await until("the word to both", () => told.length === 2);
  await service.start();
  await until("both to come back", () => triedMs.length >= 2);
  for (const pane of [chat.parent, chat.teacher]) await pane.isLive();
  const soonestMs = Math.min(...told.map(({ atMs, waitMs }) => atMs + waitMs));
  assert.ok(triedMs[0] >= soonestMs - 200, `${JSON.stringify(told)}, tried at ${triedMs}`);
});

test("written while the service is down: shown as failed, sent again with the same key, stored once", async (t) => {
  const service = await startService(t);
  const chat = await openChat(t, browser, service);
  await service.kill("SIGKILL");
  await chat.parent.send("Is anybody there?");
  const failed = await chat.parent.has("Is anybody there?", "failed");
  await chat.parent.bubble("Is anybody there?").getByTestId("problem").waitFor();
  await service.start();
  const retry = chat.parent.bubble("Is anybody there?").getByTestId("retry");
  await retry.click({ timeout: 2000 }).catch(() => {}); // the page may have tried again before
  const stored = await chat.parent.has("Is anybody there?", "stored");
  assert.equal(stored.temporaryId, failed.temporaryId);
  await chat.teacher.has("Is anybody there?", "stored");
  const history = await readHistory(service, "conv-123");
  assert.deepEqual(history.map(({ temporaryMessageId }) => temporaryMessageId), [failed.temporaryId]);
  assert.deepEqual(chat.complaints({ serviceWasAway: true }), []);
});

test("an answer that is lost on the way: the same key is sent again, one message is stored and shown", async (t) => {
  const service = await startService(t);
  const chat = await openChat(t, browser, service);
  const keys = [];
  await chat.page.route("**/messages", async (route) => {
    keys.push(route.request().postDataJSON().temporaryMessageId);
    if (keys.length > 1) return route.continue();
    assert.equal((await route.fetch()).status(), 202);
    return route.abort("connectionreset");
  });
  await chat.parent.send("Once only");
  await chat.parent.has("Once only", "stored");
  await chat.teacher.has("Once only", "stored");
  await chat.parent.send("And the next");
  await chat.teacher.has("And the next", "stored");
  const history = await readHistory(service, "conv-123");
  assert.deepEqual(history.map(({ content }) => content), ["Once only", "And the next"]);
  assert.equal(history[0].temporaryMessageId, keys[0]);
  assert.deepEqual(chat.complaints({ serviceWasAway: true }), []);
});

test("scrolling back through 120 messages loads every one, once and in order", async (t) => {
  const service = await startService(t);
  for (let i = 1; i <= 120; i += 1) await post(service, `line ${i}`);
  const chat = await openChat(t, browser, service);
  await chat.parent.has("line 120", "stored");
  assert.ok((await chat.parent.bubbles.count()) < 120, "not all at once");
  const list = chat.parent.root.getByTestId("log");
  await until("the first message", async () => {
    await list.evaluate((element) => element.scrollTo({ top: 0 }));
    return (await chat.parent.bubble("line 1").count()) === 1;
  }, WAIT_MS, 100);
  const sequences = await chat.parent.bubbles.evaluateAll((all) => all.map(({ dataset }) => Number(dataset.sequence)));
  assert.deepEqual(sequences, Array.from({ length: 120 }, (_, i) => i + 1));
  assert.deepEqual(chat.complaints(), []);
});

/** Lets `window.heard(text)` settle when a WebSocket brings this text. To be called before the page opens. */
function listenToWebSockets(context) {
  return context.addInitScript(() => {
    const waiting = new Map();
    window.heard = (text) => new Promise((resolve) => waiting.set(text, resolve));
    window.WebSocket = class extends WebSocket {
      constructor(...options) {
        super(...options);
        this.addEventListener("message", ({ data }) => {
          const bytes = typeof data === "string" ? data : new TextDecoder().decode(data);
          for (const [text, resolve] of waiting) if (bytes.includes(text)) resolve(performance.now());
        });
      }
    };
  });
}

/** Milliseconds from fetch() in the page to the event that brings the message, one message at a time. */
function measureRoundTrips({ page }, count) {
  return page.evaluate(async (total) => {
    const tookMs = [];
    for (let i = 0; i < total; i += 1) {
      const temporaryMessageId = crypto.randomUUID();
      const body = JSON.stringify({ senderId: "parent-001", senderType: "Parent", content: `measured ${i}`, temporaryMessageId });
      const heard = window.heard(temporaryMessageId);
      const startedMs = performance.now();
      await fetch("api/conversations/conv-123/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body });
      tookMs.push((await heard) - startedMs);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return tookMs.sort((a, b) => a - b);
  }, count);
}

test("from POST to ReceiveMessage in the browser: a few milliseconds in the median of 30", async (t) => {
  const service = await startService(t, { settings: { "Logging:Level": "Warning" } });
  const chat = await openChat(t, browser, service, { prepare: listenToWebSockets });
  await measureRoundTrips(chat, 5); // the first ones compile the page's code
  const mostMs = 20; // on a quiet machine below 10; on a shared one the disk and the browser take as much again
  let median = Infinity;
  for (let attempt = 0; attempt < 3 && median >= mostMs; attempt += 1) { // other work on the machine is not the service's
    const tookMs = await measureRoundTrips(chat, 30);
    median = tookMs[15];
    t.diagnostic(`POST to ReceiveMessage: median ${median.toFixed(1)} ms, fastest ${tookMs[0].toFixed(1)}, slowest ${tookMs[29].toFixed(1)}`);
  }
  assert.ok(median < mostMs, `${median.toFixed(1)} ms`);
  assert.deepEqual(chat.complaints(), []);
});

test("on a phone: one person at a time, nothing wider than the screen, and it works", async (t) => {
  const service = await startService(t);
  const contextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const chat = await openChat(t, browser, service, { contextOptions });
  assert.deepEqual([await chat.parent.root.isVisible(), await chat.teacher.root.isVisible()], [true, false]);
  await chat.parent.send("From the bus, with a word_that_is_much_longer_than_any_phone_has_ever_been_wide_so_it_must_be_broken");
  await until("the bubble", async () => (await chat.parent.bubbles.first().getAttribute("data-status")) === "stored");
  await chat.page.getByTestId("tab-teacher-001").tap();
  assert.deepEqual([await chat.parent.root.isVisible(), await chat.teacher.root.isVisible()], [false, true]);
  assert.equal(await chat.teacher.bubbles.count(), 1);
  const { wide, screen } = await chat.page.evaluate(() => ({ wide: document.documentElement.scrollWidth, screen: innerWidth }));
  assert.ok(wide <= screen, `${wide} of ${screen} pixels`);
  const composer = await chat.teacher.root.getByTestId("composer").boundingBox();
  assert.ok(composer.y + composer.height <= 844, "the composer is on the screen");
  assert.deepEqual(chat.complaints(), []);
});
