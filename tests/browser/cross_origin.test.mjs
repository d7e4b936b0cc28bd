// A page of another origin in a real Chromium: the hub takes it where Cors:AllowedOrigins names its origin, and only there.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { besidesHistory, get, goodMessage, history } from "../support/http.mjs";
import { sharedScope, startService, until } from "../support/service.mjs";
import { launchChromium } from "./chromium.mjs";
import { invoke, openPage, received, start, startSite, stop, ways } from "./elsewhere.mjs";

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
      const pages = [await openPage(t, browser, site, service, way), await openPage(t, browser, site, service, way)];
      for (const page of pages) {
        assert.equal(await start(page), null);
        assert.deepEqual(besidesHistory(await invoke(page, "JoinConversation", way.name, 0)), { conversationId: way.name, lastSequence: 0 });
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
        await stop(page);
      }
    });
  }
});

describe("a page of an origin that is not allowed", () => {
  for (const way of ways) {
    test(`is kept out over ${way.name}`, async (t) => {
      const page = await openPage(t, browser, otherSite, service, way);
      assert.match(await start(page), way.skipNegotiation ? /^WebSocket failed to connect/ : /^Failed to complete negotiation/);
      assert.ok(page.complaints.some((text) => (way.skipNegotiation ? /Unexpected response code: 403/ : /blocked by CORS policy/).test(text)),
        page.complaints.join("\n"));
      await until("nobody is connected", async () =>
        !/^message_service_hub_connections\{[^}]*\} [1-9]/m.test((await get(service, "/metrics")).text), 10_000); // before Hub:DisconnectTimeoutMs
    });
  }
});
