// A page of another origin in a real Chromium: the hub takes it where Cors:AllowedOrigins names its origin, and only there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { get, goodMessage, history } from "../support/http.mjs";
import { HUB } from "../support/hub.mjs";
import { repositoryRoot, sharedScope, startService, until } from "../support/service.mjs";
import { launchChromium } from "./chromium.mjs";

const client = readFileSync(join(repositoryRoot, "web/node_modules/@microsoft/signalr/dist/browser/signalr.min.js"));
const ways = [
  { name: "WebSockets", transport: "WebSockets" },
  { name: "WebSockets-not-negotiated", transport: "WebSockets", skipNegotiation: true },
  { name: "ServerSentEvents", transport: "ServerSentEvents" },
  { name: "LongPolling", transport: "LongPolling" },
];

/** A site that has nothing but Microsoft's client: its origin. */
async function startSite(t) {
  const server = createServer((request, response) => {
    const script = request.url === "/signalr.js";
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html; charset=utf-8");
    response.end(script ? client : '<!doctype html><title>elsewhere</title><script src="/signalr.js"></script>');
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A page of that site with a connection, not started: `{page, answers, complaints}`, with what came over the network. */
async function openPage(t, origin, service, way) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const answers = [];
  const complaints = [];
  page.on("response", (response) => response.url().startsWith(service.url) && answers.push(response));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(origin);
  await page.evaluate(({ url, transport, skipNegotiation }) => {
    const { HttpTransportType, HubConnectionBuilder, LogLevel } = window.signalR;
    window.received = [];
    window.hub = new HubConnectionBuilder()
      .withUrl(url, { transport: HttpTransportType[transport], skipNegotiation })
      .configureLogging(LogLevel.None)
      .build();
    window.hub.on("ReceiveMessage", (message) => window.received.push(message));
  }, { url: service.url + HUB, ...way });
  return { page, answers, complaints };
}

const start = ({ page }) => page.evaluate(() => window.hub.start().then(() => null, (error) => error.message));
const invoke = ({ page }, ...call) => page.evaluate((its) => window.hub.invoke(...its), call);
const received = ({ page }) => page.evaluate(() => window.received);

let browser;
let site;
let otherSite;
let service;
const scope = sharedScope();
before(async () => {
  browser = await launchChromium(scope);
  [site, otherSite] = await Promise.all([startSite(scope), startSite(scope)]);
  service = await startService(scope, {
    conversations: ways.map(({ name }) => name),
    settings: { "Cors:AllowedOrigins": site },
  });
});

describe("a page of an origin that is allowed", () => {
  for (const way of ways) {
    test(`chats over ${way.name}`, async (t) => {
      const pages = [await openPage(t, site, service, way), await openPage(t, site, service, way)];
      for (const page of pages) {
        assert.equal(await start(page), null);
        assert.deepEqual(await invoke(page, "JoinConversation", way.name, 0), { conversationId: way.name, lastSequence: 0 });
      }
      for (const [n, page] of [...pages, ...pages].entries()) {
        const message = { ...goodMessage, content: `from there ${n + 1} ☃`, temporaryMessageId: `${way.name} ${n + 1}` };
        assert.equal((await invoke(page, "SendMessage", way.name, message)).id, message.temporaryMessageId);
        await until("both have it", async () => (await Promise.all(pages.map(received))).every(({ length }) => length === n + 1));
      }
      const stored = await history(service, way.name);
      assert.deepEqual(stored.map(({ temporaryMessageId }) => temporaryMessageId), [1, 2, 3, 4].map((n) => `${way.name} ${n}`));
      for (const page of pages) {
        assert.deepEqual(await received(page), stored);
        for (const answer of page.answers) {
          assert.equal(await answer.headerValue("access-control-allow-origin"), site, answer.url());
          assert.equal(await answer.headerValue("access-control-allow-credentials"), "true");
          assert.match(await answer.headerValue("vary"), /\bOrigin\b/i);
        }
        assert.equal(page.answers.length > 0, !way.skipNegotiation);
        assert.deepEqual(page.complaints, []);
        await page.page.evaluate(() => window.hub.stop());
      }
    });
  }
});

describe("a page of an origin that is not allowed", () => {
  for (const way of ways) {
    test(`is kept out over ${way.name}`, async (t) => {
      const page = await openPage(t, otherSite, service, way);
      assert.match(await start(page), way.skipNegotiation ? /^WebSocket failed to connect/ : /^Failed to complete negotiation/);
      assert.ok(page.complaints.some((text) => (way.skipNegotiation ? /Unexpected response code: 403/ : /blocked by CORS policy/).test(text)),
        page.complaints.join("\n"));
      await until("nobody is connected", async () =>
        !/^message_service_hub_connections\{[^}]*\} [1-9]/m.test((await get(service, "/metrics")).text), 10_000); // before Hub:DisconnectTimeoutMs
    });
  }
});
