// How often one caller may do something: each limit over HTTP and over the hub, what counts once, and what has no limit.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { HUB, connectHub } from "../support/hub.mjs";
import { startService, until } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { messagesUrl, request } from "../support/traffic.mjs";

const issuer = new Issuer();
const parent = issuer.person("parent-001");
const teacher = issuer.person("teacher-001");
const program = issuer.program("send:any conversations:manage");

/** How many calls were over that limit: `rate_limited` or, in a dry run, `rate_limit_dry_run`. */
async function over(service, name, limit) {
  const { body } = await request(`${service.url}/metrics`, { headers: bearer(issuer.program("operator")) });
  return Number(body.match(new RegExp(`^message_service_${name}_total\\{limit="${limit}"\\} (\\d+)$`, "m"))[1]);
}

/** Generous in all but what `limits` says: {Sends: [perSecond, burst]}. */
function start(t, limits, more = {}) {
  const rates = Object.entries(limits).flatMap(([name, [perSecond, burst]]) => [
    [`RateLimits:${name}:PerSecond`, perSecond], [`RateLimits:${name}:Burst`, burst],
  ]);
  return startService(t, { settings: issuer.settings({ ...Object.fromEntries(rates), ...more }), conversations: ["conv-1", "conv-2"] });
}

const send = (service, token, { conversation = "conv-1", key, content = "hello" } = {}) =>
  request(messagesUrl(service.url, conversation), { method: "POST", body: { content, senderType: token === parent ? "Parent" : "Teacher", temporaryMessageId: key ?? randomUUID() }, headers: bearer(token) });
const statuses = async (count, ask) => {
  const all = [];
  for (let n = 0; n < count; n += 1) all.push((await ask()).status);
  return all;
};

test("a person sends as often as the rate says, others are not slowed, and what was refused is stored nowhere", async (t) => {
  const service = await start(t, { Sends: [1, 3] });
  assert.deepEqual(await statuses(3, () => send(service, parent)), [202, 202, 202]);
  const key = randomUUID();
  const refused = await send(service, parent, { key });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers["retry-after"], "1");
  assert.equal(refused.headers["ratelimit-policy"], '"sends";q=3;w=3');
  assert.equal(refused.headers.ratelimit, '"sends";r=0;t=1');
  assert.match(refused.headers["content-type"], /^application\/problem\+json/);
  assert.deepEqual([refused.body.status, refused.body.title, refused.body.reason], [429, "Too Many Requests", "rate-limit"]);
  assert.match(refused.body.detail, /try again in 1 s/);
  assert.equal((await send(service, parent, { conversation: "conv-2" })).status, 429, "the person, not the conversation");
  assert.equal((await send(service, teacher)).status, 202);
  assert.equal((await send(service, program)).status, 202, "a back end has no limit of a person");
  assert.equal((await request(`${messagesUrl(service.url, "conv-1")}/by-temporary-id/${key}`, { headers: bearer(parent) })).status, 404);
  await until("the next token", async () => (await send(service, parent, { key })).status === 202);
  assert.ok((await over(service, "rate_limited", "sends")) >= 2);
});

test("a repetition counts once", async (t) => {
  const service = await start(t, { Sends: [1, 2] });
  const key = randomUUID();
  assert.deepEqual(await statuses(10, () => send(service, parent, { key })), Array(10).fill(202));
  assert.equal((await send(service, parent)).status, 202, "the second one");
  assert.equal((await send(service, parent)).status, 429);
  assert.equal((await send(service, parent, { key })).status, 202, "and it is answered above the limit too");
});

test("on the hub a call above the limit fails, and leaving has none", async (t) => {
  const service = await start(t, { Sends: [1, 2], Joins: [1, 2] });
  const client = await connectHub(t, service, { http: { accessTokenFactory: () => parent } });
  const message = { content: "hello" };
  await client.send("conv-1", message);
  await client.send("conv-1", message);
  await assert.rejects(client.send("conv-1", message), /too many requests of the kind "sends"; try again in 1 s/);
  await client.join("conv-1");
  await client.join("conv-1");
  await assert.rejects(client.join("conv-1"), /"joins"/);
  for (let n = 0; n < 20; n += 1) await client.leave("conv-1");
});

test("a conversation takes so many messages, whoever sends them", async (t) => {
  const service = await start(t, { Conversations: [1, 3] });
  assert.deepEqual([await statuses(2, () => send(service, parent)), await statuses(2, () => send(service, teacher))], [[202, 202], [202, 429]]);
  assert.equal((await send(service, program)).status, 429);
  assert.equal((await send(service, parent, { conversation: "conv-2" })).status, 202);
});

test("reads and connections have limits of their own", async (t) => {
  const service = await start(t, { Reads: [1, 2], Connects: [1, 3] });
  const read = () => request(messagesUrl(service.url, "conv-1"), { headers: bearer(parent) });
  assert.deepEqual(await statuses(3, read), [200, 200, 429]);
  assert.equal((await send(service, parent)).status, 202, "sending goes on");
  const negotiate = () => request(`${service.url}${HUB}/negotiate?negotiateVersion=1`, { method: "POST", headers: bearer(parent) });
  assert.deepEqual(await statuses(4, negotiate), [200, 200, 200, 429]);
  assert.equal((await negotiate()).headers["ratelimit-policy"], '"connects";q=3;w=3');
  await connectHub(t, service, { http: { accessTokenFactory: () => teacher } });
  await assert.rejects(connectHub(t, service, { http: { accessTokenFactory: () => parent } }), /429/);
});

test("an address that brings refused tokens is refused before they are checked, and known people behind it go on", async (t) => {
  const service = await start(t, { SignIn: [1, 5] });
  const ask = (token) => () => request(`${service.url}/api/conversations/conv-1`, { headers: token ? bearer(token) : {} });
  assert.equal((await ask(parent)()).status, 200);
  const forged = new Issuer().person("parent-001");
  assert.deepEqual(await statuses(7, ask(forged)), [401, 401, 401, 401, 401, 429, 429]);
  assert.equal((await ask(null)()).status, 429);
  assert.equal((await ask(parent)()).status, 200);
});

test("a dry run counts and refuses nothing; off does neither", async (t) => {
  const dry = await start(t, { Sends: [1, 1] }, { "RateLimits:Mode": "DryRun" });
  assert.deepEqual(await statuses(3, () => send(dry, parent)), [202, 202, 202]);
  assert.equal(await over(dry, "rate_limit_dry_run", "sends"), 2);
  assert.equal(await over(dry, "rate_limited", "sends"), 0);
  const off = await start(t, { Sends: [1, 1] }, { "RateLimits:Mode": "Off" });
  assert.deepEqual(await statuses(3, () => send(off, parent)), [202, 202, 202]);
  assert.equal(await over(off, "rate_limit_dry_run", "sends"), 0);
});

test("nobody is told from another without sign-in", async (t) => {
  const service = await startService(t, { settings: { "RateLimits:Sends:PerSecond": 1, "RateLimits:Sends:Burst": 1 } });
  const post = () => request(messagesUrl(service.url, "conv-123"), { method: "POST", body: { senderId: "a", senderType: "Parent", content: "x" } });
  assert.deepEqual(await statuses(3, post), [202, 202, 202]);
});
