// The page /docs in a real Chromium: reads the API's description, and tries the API.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { repositoryRoot, startService } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { readHistory, request } from "../support/traffic.mjs";
import { launchChromium } from "./chromium.mjs";

const axe = readFileSync(createRequire(join(repositoryRoot, "tests/clients/package.json")).resolve("axe-core/axe.min.js"), "utf8");

let browser;
const hooks = [];
before(async () => (browser = await launchChromium({ after: (hook) => hooks.push(hook) })));
after(() => Promise.all(hooks.map((hook) => hook())));

/** The page, with what it complains of and how many bytes each of its files took. */
async function openDocs(t, service) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints = [];
  const files = new Map();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("response", (response) => files.set(response.url(), Number(response.headers()["content-length"])));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP violation: ${event.violatedDirective} ${event.sample}`));
  });
  await page.goto(`${service.url}/docs`);
  await page.getByText("A message is answered").first().waitFor();
  return { page, complaints, files };
}

const open = (page, name) => page.getByText(name, { exact: true }).first().click();

/** Fills the form of "Send a message" and sends it; waits for the status that the page shows. */
async function tryToSend(page, content, status) {
  await open(page, "Send a message");
  await page.getByPlaceholder("conv-123").first().fill("conv-123");
  const body = page.locator("textarea:visible").first();
  await body.fill(JSON.stringify({ senderId: "parent-001", senderType: "Parent", content }));
  await page.getByRole("button", { name: "Execute" }).click();
  await page.getByText(`Response Status: ${status}`).waitFor();
}

/** What axe finds that keeps people from using the page. */
async function barriers(page) {
  // A button that changes its colours is between two states.
  await page.waitForFunction(() => {
    const roots = (root) => [root, ...[...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? roots(shadowRoot) : []))];
    return roots(document).every((root) => root.getAnimations().length === 0);
  });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.flat().join(" ")} ${node.any[0]?.message ?? ""}`));
}

test("a message sent by the page is a 202, and the page breaks no policy", async (t) => {
  const service = await startService(t);
  const { page, complaints, files } = await openDocs(t, service);
  assert.deepEqual(await barriers(page), []);
  await tryToSend(page, "Tried", "Accepted (202)");
  assert.deepEqual((await readHistory(service, "conv-123")).map(({ content }) => content), ["Tried"]);
  assert.deepEqual(await barriers(page), []);
  for (const name of ["Make a conversation", "A page of stored messages", "Begin a SignalR connection", "Figures for Prometheus", "Authentication"]) {
    await open(page, name);
    assert.deepEqual(await barriers(page), [], name);
  }
  assert.deepEqual(complaints, []);
  const elsewhere = [...files.keys()].filter((url) => !url.startsWith(service.url));
  assert.deepEqual(elsewhere, []);
});

test("the page is at most 250 KB on the wire", async (t) => {
  const service = await startService(t);
  const { files } = await openDocs(t, service);
  const bytes = [...files.values()].reduce((sum, one) => sum + one, 0);
  t.diagnostic(`${bytes} bytes`);
  assert.ok(files.size >= 4 && bytes > 50_000 && bytes <= 250_000, `${[...files]}`);
});

test("where sign-in is on, the page sends the token that was set", async (t) => {
  const issuer = new Issuer();
  const service = await startService(t, { settings: issuer.settings(), conversations: [] });
  const made = await request(`${service.url}/api/conversations`, { method: "POST", headers: bearer(issuer.program("conversations:manage")),
    body: { id: "conv-123", participants: [{ id: "parent-001", type: "Parent" }] } });
  assert.equal(made.status, 201);
  const { page, complaints } = await openDocs(t, service);
  await tryToSend(page, "Without a token", "Unauthorized (401)");
  complaints.length = 0; // Chromium prints the 401
  await open(page, "Authentication");
  await page.getByPlaceholder("JWT").fill(issuer.person("parent-001"));
  await page.getByRole("button", { name: "Set" }).first().click();
  await tryToSend(page, "With a token", "Accepted (202)");
  assert.deepEqual(complaints, []);
  const { body } = await request(`${service.url}/api/conversations/conv-123/messages`, { headers: bearer(issuer.person("parent-001")) });
  assert.deepEqual(body.messages.map(({ content }) => content), ["With a token"]);
});
