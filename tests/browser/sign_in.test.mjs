// The chat page of a service that asks for a sign-in, in a real Chromium.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runVerb, sleep, startService, temporaryFolder } from "../support/service.mjs";
import { Issuer } from "../support/tokens.mjs";
import { launchChromium, openChat } from "./chromium.mjs";

let browser;
const hooks = [];
before(async () => (browser = await launchChromium({ after: (hook) => hooks.push(hook) })));
after(() => Promise.all(hooks.map((hook) => hook())));

// Chromium prints the 401 by which the page learns that it must sign in.
const isNoise = (text) => /status of 401 \(Unauthorized\)/.test(text);

test("with a development key the page signs both people in by itself", async (t) => {
  const key = join(temporaryFolder(t), "key.json");
  assert.equal((await runVerb(["keys", "create", "--out", key])).code, 0);
  assert.notEqual((await runVerb(["keys", "create", "--out", key])).code, 0, "an existing key is left alone");
  const service = await startService(t, { settings: { "Auth:Mode": "Jwt", "Auth:DevelopmentKeyFile": key, "Conversations:Creators": "Participants" } });
  const chat = await openChat(t, browser, service);
  await chat.parent.send("Signed in!");
  await chat.teacher.has("Signed in!", "stored");
  await chat.teacher.send("So am I.");
  await chat.parent.has("So am I.", "stored");
  assert.deepEqual(chat.complaints().filter((text) => !isNoise(text)), []);

  const { stdout } = await runVerb(["token", "create", "--key", key, "--sub", "parent-001", "--type", "Parent", "--ttl", "5m"]);
  const answer = await fetch(`${service.url}/api/conversations/conv-123`, { headers: { Authorization: `Bearer ${stdout.trim()}` } });
  assert.equal(answer.status, 200, "the verb's token is the page's");
  const late = await runVerb(["token", "create", "--key", key, "--sub", "parent-001", "--ttl", "-1h"]);
  const refused = await fetch(`${service.url}/api/conversations/conv-123`, { headers: { Authorization: `Bearer ${late.stdout.trim()}` } });
  assert.equal(refused.status, 401);
});

test("the page brings new tokens to its open connections", async (t) => {
  const issuer = new Issuer();
  const service = await startService(t, { settings: issuer.settings() });
  const seconds = 6;
  let negotiated = 0;
  let refreshed = 0;
  const prepare = async (context) => {
    await context.route("**/development/tokens", (route) => {
      const { sub, senderType } = route.request().postDataJSON();
      const now = Math.floor(Date.now() / 1000);
      return route.fulfill({ json: { token: issuer.token({ sub, senderType, exp: now + seconds }), expiresIn: seconds } });
    });
    context.on("request", (request) => {
      if (request.url().includes("/negotiate")) negotiated += 1;
      if (request.url().endsWith("/refresh")) refreshed += 1;
    });
  };
  const chat = await openChat(t, browser, service, { prepare });
  await sleep(2 * seconds * 1000 + 2000);
  await chat.parent.send("Still here.");
  await chat.teacher.has("Still here.", "stored");
  assert.equal(negotiated, 2, "each connection is the first one");
  assert.ok(refreshed >= 4, `${refreshed}`);
});

test("a page that cannot sign in says so", async (t) => {
  const service = await startService(t, { settings: new Issuer().settings() });
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${service.url}/`);
  await page.getByText("sign in: send a bearer token").first().waitFor();
});

/** Lets the page sign in with tokens of `issuer`. */
const signsInBy = (issuer) => (context) =>
  context.route("**/development/tokens", (route) => {
    const { sub, senderType } = route.request().postDataJSON();
    return route.fulfill({ json: { token: issuer.token({ sub, senderType }), expiresIn: 3600 } });
  });

test("who is removed is told so, and who sends too much waits", async (t) => {
  const issuer = new Issuer();
  const settings = issuer.settings({ "RateLimits:Sends:PerSecond": 1, "RateLimits:Sends:Burst": 2 });
  const service = await startService(t, { settings });
  const chat = await openChat(t, browser, service, { prepare: signsInBy(issuer) });
  for (const text of ["one", "two", "three"]) await chat.parent.send(text);
  await chat.parent.root.getByText(/too many requests of the kind "sends"/).first().waitFor();
  for (const text of ["one", "two", "three"]) await chat.teacher.has(text, "stored"); // the page tries again by itself
  const { status } = await fetch(`${service.url}/api/conversations/conv-123/participants/teacher-001`, {
    method: "DELETE", headers: { Authorization: `Bearer ${issuer.program("conversations:manage")}` },
  });
  assert.equal(status, 202);
  await chat.teacher.root.getByText("or you are not in it").waitFor();
  assert.ok(await chat.teacher.root.getByTestId("composer").isDisabled());
  await chat.parent.send("without the teacher");
  await chat.parent.has("without the teacher", "stored");
  assert.equal(await chat.teacher.bubble("without the teacher").count(), 0);
});
