// The page /docs in a real Chromium: reads the API's description, and tries the API.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startService } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { readHistory, request } from "../support/traffic.mjs";
import { barriers, launchChromium } from "./chromium.mjs";

let browser;
const hooks = [];
before(async () => (browser = await launchChromium({ after: (hook) => hooks.push(hook) })));
after(() => Promise.all(hooks.map((hook) => hook())));

/** The page, with what it complains of and what it asked for. */
async function openDocs(t, service) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints = [];
  const asked = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP violation: ${event.violatedDirective} ${event.sample}`));
  });
  await page.goto(`${service.url}/docs`);
  await page.getByText("A message is answered").first().waitFor();
  return { page, complaints, asked };
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

test("a message sent by the page is a 202, and the page breaks no policy", async (t) => {
  const service = await startService(t);
  const { page, complaints, asked } = await openDocs(t, service);
  assert.deepEqual(await barriers(page), []);
  await tryToSend(page, "Tried", "Accepted (202)");
  assert.deepEqual((await readHistory(service, "conv-123")).map(({ content }) => content), ["Tried"]);
  assert.deepEqual(await barriers(page), []);
  for (const name of ["Make a conversation", "A page of stored messages", "Begin a SignalR connection", "Figures for Prometheus", "Authentication"]) {
    await open(page, name);
    assert.deepEqual(await barriers(page), [], name);
  }
  assert.deepEqual(complaints, []);
  assert.deepEqual(asked.filter((url) => !url.startsWith(service.url)), []);
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
