// Clients that are not ours, signed in: each gives its token in the way that its makers provide, is who the token says,
// and is kept out of what is not his.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { launchChromium } from "../browser/chromium.mjs";
import * as elsewhere from "../browser/elsewhere.mjs";
import { besidesHistory } from "../support/http.mjs";
import { javaClients, javaScriptClients, pythonClients } from "../support/foreign_clients.mjs";
import { sharedScope, startService, until } from "../support/service.mjs";
import { Issuer, bearer, makeKey } from "../support/tokens.mjs";
import { messagesUrl, request } from "../support/traffic.mjs";

const issuer = new Issuer();
const hourAgo = Math.floor(Date.now() / 1000) - 3600; // beyond the skew
const badTokens = {
  "signed by somebody else": () => issuer.token({ sub: "parent-001" }, { key: makeKey("HS256", issuer.keys[0].id) }),
  "that has ended": () => issuer.person("parent-001", { exp: hourAgo }),
};
const refusal = /401|AuthorizationError|^WebSocket failed to connect/; // what became of an upgrade is hidden in Node

/** A page of another site as the other clients are: start(), call(), received, stop(). */
class Page {
  constructor(page) {
    this.page = page;
  }
  async start() {
    const error = await elsewhere.start(this.page);
    if (error) throw new Error([error, ...this.page.complaints].join("\n"));
  }
  call(...its) {
    return elsewhere.invoke(this.page, ...its);
  }
  get received() {
    return elsewhere.received(this.page);
  }
  stop() {
    return elsewhere.stop(this.page).then(() => null);
  }
}

const pages = elsewhere.ways.map((way) => ({
  ...way,
  name: `chromium-${way.name}`,
  open: async (t, service, { token }) => new Page(await elsewhere.openPage(t, browser, site, service, { ...way, token })),
}));
const clients = [...javaScriptClients, ...pages, ...javaClients, ...pythonClients].filter(({ skip }) => !skip);

const scope = sharedScope();
let browser;
let site;
let service;
before(async () => {
  [browser, site] = await Promise.all([launchChromium(scope), elsewhere.startSite(scope)]);
  service = await startService(scope, {
    conversations: clients.map(({ name }) => name),
    // signalrcore's stop() waits for the next that the server sends
    settings: issuer.settings({ "Hub:KeepAliveIntervalMs": 300, "Cors:AllowedOrigins": site }),
  });
  const made = await request(`${service.url}/api/conversations`, {
    method: "POST", headers: bearer(issuer.program("conversations:manage")),
    body: { id: "theirs", participants: [{ id: "teacher-001", type: "Teacher" }, { id: "parent-002", type: "Parent" }] },
  });
  assert.equal(made.status, 201);
});

async function teacherWrites(conversationId, content) {
  const { status, body } = await request(messagesUrl(service.url, conversationId), {
    method: "POST", headers: bearer(issuer.person("teacher-001")), body: { content },
  });
  assert.equal(status, 202);
  return body.id;
}

const notHis = ({ message }) => /there is no such conversation, or you are not in it/.test(message) || assert.fail(message);

describe("a signed-in client joins, sends as the one it is, receives, and is kept out of what is not his", { concurrency: 2 }, () => {
  for (const { name, open } of clients) {
    test(name, async (t) => {
      const client = await open(t, service, { token: issuer.person("parent-001") });
      await client.start();
      assert.deepEqual(besidesHistory(await client.call("JoinConversation", name, 0)), { conversationId: name, lastSequence: 0 });
      const sent = await client.call("SendMessage", name, { content: `by ${name}` });
      assert.deepEqual([sent.senderId, sent.senderType], ["parent-001", "Parent"], "as the token says");
      await until("its own message", async () => (await client.received).length === 1);

      await assert.rejects(client.call("JoinConversation", "theirs", 0), notHis);
      await assert.rejects(client.call("SendMessage", "theirs", { content: "forged" }), notHis);
      await teacherWrites("theirs", "not for him");
      const answer = await teacherWrites(name, "for him");
      await until("the answer", async () => (await client.received).length >= 2);
      const received = await client.received;
      assert.deepEqual(received.map(({ temporaryMessageId }) => temporaryMessageId), [sent.id, answer]);
      assert.deepEqual(received.map(({ senderId }) => senderId), ["parent-001", "teacher-001"]);
      assert.equal(await client.stop(), null, "a good end");
    });
  }
});

for (const [what, token] of Object.entries(badTokens)) {
  describe(`a token ${what} is refused at the connect`, { concurrency: 2 }, () => {
    for (const { name, open } of clients) {
      test(name, async (t) => {
        const client = await open(t, service, { token: token() });
        await assert.rejects(client.start(), ({ message }) => refusal.test(message) || assert.fail(message));
      });
    }
  });
}

test("each was refused by one 401, what was forged is stored nowhere, and nobody is left connected", async () => {
  const page = await request(messagesUrl(service.url, "theirs"), { headers: bearer(issuer.person("teacher-001")) });
  assert.ok(page.body.messages.length > 0 && page.body.messages.every(({ content }) => content === "not for him"));
  const metrics = async () => (await request(`${service.url}/metrics`, { headers: bearer(issuer.program("operator")) })).body;
  await until("no connection", async () => !/^message_service_hub_connections\{[^}]*\} [1-9]/m.test(await metrics()));
  const refused = [...(await metrics()).matchAll(/^message_service_http_requests_total\{.*status="401".*\} (\d+)$/gm)];
  assert.equal(refused.reduce((sum, [, count]) => sum + Number(count), 0), clients.length * Object.keys(badTokens).length, refused.join("\n"));
});
