// What a signed-in hub connection may, and for how long: on each transport and in both protocols.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { HUB, connectHub, signalR } from "../support/hub.mjs";
import { sharedScope, startService, until } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { messagesUrl, request } from "../support/traffic.mjs";

const issuer = new Issuer();
const now = () => Math.floor(Date.now() / 1000);
const scope = sharedScope();
let service;
before(async () => {
  service = await startService(scope, { settings: issuer.settings(), conversations: ["conv-1"] });
});

const { WebSockets, ServerSentEvents, LongPolling } = signalR.HttpTransportType;
const connect = (t, token, transport, more = {}) =>
  connectHub(t, service, { http: { accessTokenFactory: () => token, transport }, ...more });

for (const [name, transport] of Object.entries({ WebSockets, ServerSentEvents, LongPolling })) {
  describe(name, () => {
    for (const protocol of ["json", "messagepack"]) {
      if (transport === ServerSentEvents && protocol === "messagepack") continue;
      test(`a person joins, sends and receives in ${protocol}`, async (t) => {
        const client = await connect(t, issuer.person("parent-001"), transport, { protocol });
        await client.join("conv-1");
        const sent = await client.send("conv-1", { content: `by ${name} in ${protocol}` });
        assert.deepEqual([sent.senderId, sent.senderType], ["parent-001", "Parent"], "they come from the token");
        await until("the message", () => client.received.some(({ temporaryMessageId }) => temporaryMessageId === sent.id));
        await assert.rejects(client.send("conv-1", { content: "x", senderId: "teacher-001" }), /senderId must be the signed-in person's/);
        await assert.rejects(client.join("no-such"), /there is no such conversation, or you are not in it/);
      });
    }

    test("the connection ends with its token, and the client may come back", async (t) => {
      const exp = now() + 5; // above the time that a busy machine takes to connect
      const client = await connect(t, issuer.person("parent-001", { exp }), transport);
      await client.join("conv-1");
      assert.equal(await client.closed, null);
      const late = Date.now() - exp * 1000;
      assert.ok(late > -50 && late < 4000, `${late} ms after its end`);
    });
  });
}

async function negotiated(token, at = service) {
  const { status, body } = await request(`${at.url}${HUB}/negotiate?negotiateVersion=1`, { method: "POST", headers: bearer(token) });
  assert.equal(status, 200);
  return body;
}

const refresh = (token, connectionToken, at = service) =>
  request(`${at.url}${HUB}/refresh`, {
    method: "POST",
    headers: { ...bearer(token), ...(connectionToken ? { "X-SignalR-Connection-Token": connectionToken } : {}) },
  });

test("negotiate tells the token's lifetime, and refresh answers as .NET 11 does", async () => {
  const body = await negotiated(issuer.person("parent-001", { exp: now() + 60 }));
  assert.ok(body.tokenLifetimeSeconds >= 58 && body.tokenLifetimeSeconds <= 60, `${body.tokenLifetimeSeconds}`);
  const other = issuer.person("parent-001", { exp: now() + 100 });
  const good = await refresh(other, body.connectionToken);
  assert.equal(good.status, 200);
  assert.ok(good.body.tokenLifetimeSeconds >= 98 && good.body.tokenLifetimeSeconds <= 100);
  assert.deepEqual([(await refresh(other)).status, (await refresh(other)).body], [400, { error: "missing_connection_token" }]);
  const unknown = await refresh(other, "none");
  assert.deepEqual([unknown.status, unknown.body], [404, { error: "connection_not_found" }]);
  const stolen = await refresh(issuer.person("parent-002"), body.connectionToken);
  assert.deepEqual([stolen.status, stolen.body], [403, { error: "user_changed" }]);
  assert.equal((await refresh(issuer.person("parent-001", { exp: now() - 3600 }), body.connectionToken)).status, 401);
  assert.equal((await request(`${service.url}${HUB}/refresh`, { headers: bearer(other) })).status, 405);
  assert.equal((await refresh(null, body.connectionToken)).status, 401);
});

/** A token of the same person that changes nothing, for it was issued earlier. */
const older = (token) => {
  const { sub } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  return issuer.token({ sub, iat: now() - 1000, exp: now() + 600 });
};

/** A long-polling connection by hand, for requests that Microsoft's client does not make. */
async function poller(token, at = service) {
  const { connectionToken } = await negotiated(token, at);
  const url = `${at.url}${HUB}?id=${connectionToken}`;
  const call = (method, by, body) => fetch(url, { method, body, headers: bearer(by) });
  assert.equal((await call("GET", token)).status, 200);
  assert.equal((await call("POST", token, '{"protocol":"json","version":1}\x1e')).status, 200);
  assert.equal((await (await call("GET", token)).text()), "{}\x1e");
  let text = "";
  const end = (async () => {
    for (;;) {
      const response = await call("GET", older(token));
      if (response.status === 204) return { text, at: Date.now() };
      text += await response.text();
    }
  })();
  return { connectionToken, call, end, soFar: () => text };
}

test("a refreshed token carries the connection on, and one that ends earlier takes effect too", async () => {
  const end = now() + 5;
  const first = issuer.person("parent-001", { exp: end });
  const later = issuer.person("parent-001", { iat: now() + 1, exp: now() + 60 });
  const { connectionToken, end: over } = await poller(first);
  assert.equal((await refresh(later, connectionToken)).status, 200);
  let ended = null;
  over.then((how) => (ended = how));
  await new Promise((done) => setTimeout(done, end * 1000 - Date.now() + 2500));
  assert.equal(ended, null, "the first token is over, and the connection is not");
  assert.equal((await refresh(issuer.person("parent-001", { exp: now() + 1 }), connectionToken)).status, 200);
  const { text } = await over;
  assert.match(text, /"type":7,"allowReconnect":true/);
});

const manager = { sub: "back-end", scope: "conversations:manage" };
const joinOf = (conversation) =>
  `${JSON.stringify({ type: 1, invocationId: "1", target: "JoinConversation", arguments: [conversation, 0] })}\x1e`;

/** Brings a token without rights to a back end's connection; then something is written, and the connection's end is awaited. */
async function lowered(connectionToken, at = service) {
  const plain = issuer.token({ sub: "back-end", iat: now(), exp: now() + 4 });
  assert.equal((await refresh(plain, connectionToken, at)).status, 200);
  const { status } = await request(messagesUrl(at.url, "conv-1"), {
    method: "POST", body: { content: "after the removal" }, headers: bearer(issuer.person("parent-001")),
  });
  assert.equal(status, 202);
}

test("a new token that allows less takes the client out of what it may not read any more", async () => {
  const { connectionToken, call, end, soFar } = await poller(issuer.token({ ...manager, iat: now() - 5, exp: now() + 60 }));
  await call("POST", issuer.token({ ...manager, iat: now() - 50 }), joinOf("conv-1"));
  await until("the join's answer", () => soFar().includes('"invocationId":"1","result":{"conversationId":"conv-1"'));
  await lowered(connectionToken);
  const { text } = await end;
  assert.match(text, /"target":"RemovedFromConversation","arguments":\[\{"conversationId":"conv-1"\}\]/);
  assert.ok(!text.includes("after the removal"), text);
});

test("a join that is under way when such a token comes does not outlast it", async (t) => {
  for (let round = 0; round < 4; round += 1) { // in a new process, whose first look-up takes its time
    const own = await startService(t, { settings: issuer.settings(), conversations: ["conv-1"] });
    const { connectionToken, call, end } = await poller(issuer.token({ ...manager, iat: now() - 5, exp: now() + 60 }), own);
    await call("POST", issuer.token({ ...manager, iat: now() - 50 }), joinOf("conv-1"));
    await lowered(connectionToken, own);
    const { text } = await end;
    assert.ok(!text.includes("after the removal"), text);
    assert.match(text, /RemovedFromConversation|there is no such conversation, or you are not in it/);
    await own.stop();
  }
});

test("another person's token changes nothing: poll 409, POST and DELETE 403", async () => {
  const mine = issuer.person("parent-001", { exp: now() + 30 });
  const { connectionToken } = await negotiated(mine);
  const url = `${service.url}${HUB}?id=${connectionToken}`;
  const theirs = bearer(issuer.person("parent-002"));
  const poll = await request(url, { headers: theirs });
  assert.deepEqual([poll.status, poll.body], [409, { error: "authentication_refresh_required" }]);
  for (const method of ["POST", "DELETE"]) assert.equal((await request(url, { method, headers: theirs })).status, 403, method);
});

test("a message that was refused is stored nowhere", async () => {
  const { status } = await request(messagesUrl(service.url, "conv-1"), {
    method: "POST", body: { content: "forged", temporaryMessageId: "forged" }, headers: bearer(issuer.person("parent-999")),
  });
  assert.equal(status, 403);
  const page = await request(messagesUrl(service.url, "conv-1"), { headers: bearer(issuer.person("parent-001")) });
  assert.ok(page.body.messages.every(({ content }) => content !== "forged"));
});
