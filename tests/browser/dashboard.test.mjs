// The operators' page in a real Chromium, on the real program with messages going through it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { lagIsGone } from "../support/cluster.mjs";
import { WAIT_MS, sleep, startService, until } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { WriteLog, messagesUrl, readHistory, request, startLoad } from "../support/traffic.mjs";
import { barriers, launchChromium, noteComplaints } from "./chromium.mjs";

let browser;
const hooks = [];
before(async () => (browser = await launchChromium({ after: (hook) => hooks.push(hook) })));
after(() => Promise.all(hooks.map((hook) => hook())));

/** The page, with what it was sent: `{page, complaints, tile(id), isIn(state), letter(id), asked}`. */
async function openDashboard(t, url, { contextOptions = {}, fragment = "" } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...contextOptions });
  t.after(() => context.close());
  const page = await context.newPage();
  const dashboard = {
    page,
    complaints: await noteComplaints(page),
    asked: [],
    tile: (id) => page.getByTestId(`tile-${id}`).textContent(),
    letter: (id) => page.locator(`[data-testid=letter][data-id="${id}"]`),
    isIn: (state) => until(`a page that is ${state}`, async () => (await page.getByTestId("state").getAttribute("data-state")) === state, WAIT_MS, 25),
    giveToken: async (form, token) => {
      await form.getByTestId("token-input").fill(token);
      await form.getByTestId("token-submit").click();
    },
  };
  page.on("request", (sent) => dashboard.asked.push(new URL(sent.url()).pathname));
  await page.goto(`${url}/dashboard${fragment}`);
  return dashboard;
}

const numberOf = (text) => Number(text.replaceAll(",", ""));
const adminToken = (service) => readFileSync(join(service.dataDirectory, "admin-token"), "utf8");
const isRefusal = (text) => /status of 40[13]/.test(text); // Chromium prints the answers by which the page learns that it needs a token

const assertAccessible = async (page, what) => assert.deepEqual(await barriers(page), [], what);

async function assertFits(page) {
  const { wide, screen } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, screen: innerWidth }));
  assert.ok(wide <= screen, `${wide} of ${screen} pixels`);
}

test("the figures of a node under load, and no lag after it; everybody can read them", async (t) => {
  const service = await startService(t);
  const log = new WriteLog();
  const stop = startLoad(service, log, { connections: 4, conversations: ["conv-123"], pauseMs: 20 });
  const dashboard = await openDashboard(t, service.url);
  await dashboard.isIn("live");
  await sleep(3_000);
  const [before, beganMs] = [log.count("ok"), performance.now()];
  await sleep(8_000);
  const real = (log.count("ok") - before) / ((performance.now() - beganMs) / 1000);
  const shown = numberOf(await dashboard.tile("accepted"));
  assert.ok(shown > 0.6 * real && shown < 1.6 * real, `${shown} shown, ${real.toFixed(1)} posted in a second`);
  const cell = (panel, row, column) => dashboard.page.getByTestId(panel).locator(`tr[data-row="${row}"] td`).nth(column).textContent();
  assert.match(await cell("latency", "Accepted", 0), /^[\d.]+ (µs|ms)$/);
  assert.match(await cell("latency", "Stored", 1), /^[\d.]+ (µs|ms|s)$/);
  assert.match(await cell("batches", "idle", 1), /^[\d,]+$/);
  assert.match(await dashboard.page.getByTestId("refusals").textContent(), /None since the node started/);
  assert.match(await dashboard.page.locator("[data-field=Version]").textContent(), /^\d+\.\d+\.\d+/);
  assert.equal(await dashboard.page.locator("[data-field=Ready]").textContent(), "yes");
  assert.ok((await dashboard.page.locator(".chart canvas").count()) === 3);
  await assertAccessible(dashboard.page, "light");
  await dashboard.page.emulateMedia({ colorScheme: "dark" });
  await assertAccessible(dashboard.page, "dark");

  await stop();
  await until("no lag and no rate", async () => (await dashboard.tile("lag")) === "0" && (await dashboard.tile("accepted")) === "0");
  assert.equal(await cell("lag", "0", 0), "0");
  assert.equal(await cell("lag", "0", 1), "now");
  assert.deepEqual(dashboard.complaints(), []);
});

test("it asks its own node for everything", async (t) => {
  const service = await startService(t);
  const dashboard = await openDashboard(t, service.url);
  const elsewhere = [];
  dashboard.page.on("request", (sent) => sent.url().startsWith(service.url) || elsewhere.push(sent.url()));
  await dashboard.page.reload();
  await dashboard.page.getByTestId("tile-accepted").filter({ hasText: "0" }).waitFor();
  assert.deepEqual(elsewhere, []);
});

test("on a phone nothing is wider than the screen, and the arrow keys read the charts", async (t) => {
  const service = await startService(t);
  const contextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const dashboard = await openDashboard(t, service.url, { contextOptions });
  await dashboard.page.getByTestId("tile-accepted").filter({ hasText: "0" }).waitFor();
  await assertFits(dashboard.page);
  await assertAccessible(dashboard.page, "phone");
  const rates = dashboard.page.getByTestId("rates");
  await until("some seconds in the chart", async () => dashboard.asked.filter((path) => path === "/metrics").length >= 4);
  await rates.locator(".chart").focus();
  await dashboard.page.keyboard.press("ArrowLeft");
  assert.match(await rates.locator(".legend-time").textContent(), /^at \d\d:\d\d:\d\d$/);
  await dashboard.page.keyboard.press("Escape");
  assert.equal(await rates.locator(".legend-time").textContent(), "");
  assert.deepEqual(dashboard.complaints(), []);
});

test("a node that goes away and comes back: since when, and that it has started again", async (t) => {
  const service = await startService(t);
  const dashboard = await openDashboard(t, service.url);
  const post = () => request(messagesUrl(service.url, "conv-123"), { method: "POST", body: { senderId: "parent-001", senderType: "Parent", content: "x" } });
  for (let i = 0; i < 20; i += 1) assert.equal((await post()).status, 202);
  await dashboard.page.locator('tr[data-row="idle"]').waitFor();
  await service.kill("SIGKILL");
  await dashboard.isIn("away");
  await assertAccessible(dashboard.page, "away");
  assert.match(await dashboard.page.getByTestId("note").textContent(), /No figures since \d\d:\d\d:\d\d: no answer/);
  await service.start();
  await dashboard.isIn("live");
  await until("the note", async () => /away from [\d:]{8} to [\d:]{8}\. The node has started again once/.test(await dashboard.page.getByTestId("note").textContent()));
  for (let second = 0; second < 4; second += 1) {
    assert.ok(numberOf(await dashboard.tile("accepted")) >= 0, "no counter goes backwards");
    await sleep(500);
  }
  assert.deepEqual(dashboard.complaints({ serviceWasAway: true }), []);
});

test("it asks nothing while it is hidden, or paused", async (t) => {
  const service = await startService(t);
  const dashboard = await openDashboard(t, service.url);
  await dashboard.isIn("live");
  const hide = (hidden) => dashboard.page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  const askedIn = async (ms) => {
    await sleep(300); // a question that is on its way
    const before = dashboard.asked.length;
    await sleep(ms);
    return dashboard.asked.length - before;
  };
  await hide(true);
  assert.equal(await askedIn(2500), 0);
  await hide(false);
  assert.ok((await askedIn(2500)) >= 2);
  await dashboard.page.getByTestId("pause").click();
  await dashboard.isIn("paused");
  assert.equal(await askedIn(2500), 0);
  await dashboard.page.getByTestId("pause").click();
  await dashboard.isIn("live");
  assert.deepEqual(dashboard.complaints(), []);
});

test("without sign-in dead letters need the data folder's token; a limit that was made smaller plants some", async (t) => {
  const storesLater = { "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 60_000 };
  const service = await startService(t, { settings: storesLater });
  const body = { senderId: "parent-001", senderType: "Parent", content: "x".repeat(100), temporaryMessageId: "k1" };
  assert.equal((await request(messagesUrl(service.url, "conv-123"), { method: "POST", body })).status, 202);
  await service.kill("SIGKILL");
  await service.start({ "Limits:ContentBytes": 50 });
  await lagIsGone([service]);
  const dashboard = await openDashboard(t, service.url);
  const panel = dashboard.page.getByTestId("dead-letters");
  await panel.getByText("1 open on the partitions that this node reads").waitFor();
  assert.equal(await dashboard.tile("dead"), "1");
  await dashboard.giveToken(panel, "0".repeat(64));
  await panel.getByTestId("token-problem").filter({ hasText: "The service refused this token" }).waitFor();
  await dashboard.giveToken(panel, adminToken(service));
  await dashboard.letter("0/0").waitFor();
  assert.match(await dashboard.letter("0/0").textContent(), /invalid.*conv-123.*1 attempt.*content/);
  await dashboard.letter("0/0").getByTestId("retry").click();
  await until("another attempt", async () => (await dashboard.letter("0/0").getAttribute("data-attempts")) === "2");
  assert.deepEqual(dashboard.complaints().filter((text) => !isRefusal(text)), []);
});

test("with sign-in: a token of an operator, and dead letters that are looked at, retried and discarded", async (t) => {
  const issuer = new Issuer();
  const service = await startService(t, { settings: issuer.settings(), conversations: [] });
  const manage = (method, path, body) => request(`${service.url}/api/conversations${path}`, { method, body, headers: bearer(issuer.program("conversations:manage")) });
  const participants = [{ id: "parent-001", type: "Parent" }, { id: "teacher-001", type: "Teacher" }];
  assert.equal((await manage("POST", "", { id: "conv-1", participants })).status, 201);

  const dashboard = await openDashboard(t, service.url);
  const main = dashboard.page.locator("main > form");
  await dashboard.isIn("signed-out");
  assert.equal(await dashboard.page.getByTestId("tile-accepted").isVisible(), false);
  await assertAccessible(dashboard.page, "sign-in");
  await dashboard.giveToken(main, issuer.person("parent-001"));
  await main.getByTestId("token-problem").filter({ hasText: "scope operator" }).waitFor();
  await dashboard.giveToken(main, issuer.program("operator"));
  await dashboard.isIn("live");
  await dashboard.page.getByText("None is open.").waitFor();
  const stored = await dashboard.page.evaluate(() => [localStorage.length, document.cookie, Object.keys(sessionStorage)]);
  assert.deepEqual(stored, [0, "", ["message-service.operator-token"]]);

  // Whoever was removed a moment ago is still answered 202; the message is a dead letter.
  const post = (content) => request(messagesUrl(service.url, "conv-1"), { method: "POST", body: { content }, headers: bearer(issuer.person("parent-001")) });
  assert.equal((await post("while in it")).status, 202);
  assert.equal((await manage("DELETE", "/conv-1/participants/parent-001")).status, 202);
  for (const content of ["first <b>late</b>", "second late"]) assert.equal((await post(content)).status, 202);
  const plantedMs = performance.now();
  const letters = dashboard.page.getByTestId("letter");
  await until("two letters", async () => (await letters.count()) === 2);
  const tookMs = performance.now() - plantedMs;
  t.diagnostic(`on the page after ${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs < 5_000, `${tookMs.toFixed(0)} ms`);
  assert.equal(await dashboard.tile("dead"), "2");

  const [first, second] = [letters.nth(0), letters.nth(1)];
  const [firstId, secondId] = await letters.evaluateAll((all) => all.map(({ dataset }) => dataset.id));
  await first.getByTestId("look").click();
  await first.getByTestId("record").getByText('"content":"first <b>late</b>"').waitFor();
  await assertAccessible(dashboard.page, "letters");
  assert.equal((await manage("POST", "/conv-1/participants", { id: "parent-001", type: "Parent" })).status, 202);
  await first.getByTestId("retry").click();
  await until("one letter", async () => (await letters.count()) === 1);
  assert.equal(await letters.nth(0).getAttribute("data-id"), secondId);
  assert.equal(await dashboard.page.getByTestId("dead-letters-said").textContent(), `${firstId} is in the log again. It stays here if it fails again.`);
  const answer = await request(`${messagesUrl(service.url, "conv-1")}?after=0`, { headers: bearer(issuer.program("conversations:manage")) });
  assert.deepEqual(answer.body.messages.map(({ content }) => content), ["while in it", "first <b>late</b>"]);

  const rest = dashboard.letter(secondId);
  await rest.getByTestId("discard").focus();
  await dashboard.page.keyboard.press("Enter");
  await rest.getByTestId("discard-confirm").waitFor();
  await sleep(1_500);
  assert.equal(await letters.count(), 1, "asked once, and nothing has happened");
  await dashboard.page.keyboard.press("Escape");
  assert.equal(await rest.getByTestId("discard-confirm").isVisible(), false);
  await rest.getByTestId("discard").click();
  await rest.getByTestId("discard-confirm").click();
  await dashboard.page.getByText("None is open.").waitFor();
  await service.logged(/An operator acts who=back-end action="POST \/admin\/dead-letters\/discard"/);

  await dashboard.page.reload();
  await dashboard.isIn("live");
  await dashboard.page.getByTestId("forget").click();
  await dashboard.isIn("signed-out");
  assert.equal(await dashboard.page.evaluate(() => sessionStorage.length), 0);
  assert.deepEqual(dashboard.complaints().filter((text) => !isRefusal(text)), []);
});

test("a token in the address signs in, and leaves the address", async (t) => {
  const issuer = new Issuer();
  const service = await startService(t, { settings: issuer.settings(), conversations: [] });
  const dashboard = await openDashboard(t, service.url, { fragment: `#token=${issuer.program("operator")}` });
  await dashboard.isIn("live");
  assert.equal(dashboard.page.url(), `${service.url}/dashboard`);
  assert.deepEqual(dashboard.complaints(), []);
});

test("a node without the role api, at the operators' own address", async (t) => {
  const settings = { "Management:Urls": "http://127.0.0.1:0", ...new Issuer().settings() };
  const service = await startService(t, { settings, roles: "persister,hub" });
  const [, management] = service.stdout.match(/Now listening on: \S+\s+Now listening on: (http:\/\/127\.0\.0\.1:\d+)/);
  const dashboard = await openDashboard(t, management);
  await dashboard.isIn("live");
  await until("figures", async () => (await dashboard.tile("lag")) === "0");
  assert.equal((await request(`${service.url}/`)).status, 404);
  assert.deepEqual(dashboard.complaints(), []);
});
