// Tokens that nobody issued, and an identity provider that is slow, away or wrong: each forged token is refused, valid ones go on.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { before, test } from "node:test";
import { sharedScope, sleep, startService, until } from "../support/service.mjs";
import { Issuer, bearer, forge, makeKey, startProvider } from "../support/tokens.mjs";
import { request } from "../support/traffic.mjs";

const BEARER = "Authentication:Schemes:Bearer:";
const now = () => Math.floor(Date.now() / 1000);
const ask = (service, token) => request(`${service.url}/api/conversations/conv-1`, { headers: bearer(token) });
const statusOf = async (service, token) => (await ask(service, token)).status;

/** A service that gets its keys from a provider. */
async function startWithProvider(t, keys, settings = {}) {
  const provider = await startProvider(t, keys);
  const issuer = new Issuer({ keys, issuer: provider.url });
  const service = await startService(t, {
    settings: {
      "Auth:Mode": "Jwt", [`${BEARER}Authority`]: provider.url, [`${BEARER}ValidAudience`]: issuer.audience,
      [`${BEARER}RequireHttpsMetadata`]: false, ...settings,
    },
    conversations: ["conv-1"],
  });
  return { provider, issuer, service };
}

const scope = sharedScope();
const rsa = makeKey("RS256", "rsa");
const oct = makeKey("HS256", "oct");
let service;
let issuer;
before(async () => {
  ({ service, issuer } = await startWithProvider(scope, [rsa, oct]));
  await until("the keys", async () => (await statusOf(service, issuer.person("parent-001"))) === 200);
});

test("every algorithm is taken", async (t) => {
  const keys = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "HS256"].map((algorithm) => makeKey(algorithm));
  const all = await startWithProvider(t, keys);
  await until("the keys", async () => (await statusOf(all.service, all.issuer.person("parent-001"))) === 200);
  for (const key of keys) assert.equal(await statusOf(all.service, all.issuer.token({ sub: "parent-001" }, { key })), 200, key.algorithm);
});

test("forged tokens are refused", async () => {
  const claims = { iss: issuer.issuer, aud: issuer.audience, sub: "parent-001", iat: now(), exp: now() + 3600 };
  const good = issuer.token(claims);
  const [header, payload, signature] = good.split(".");
  const raw = (text) => Buffer.from(text).toString("base64url");
  const pem = createPublicKey(rsa.secret).export({ type: "spki", format: "pem" });
  const signed = (text) => {
    const input = `${header}.${raw(text)}`;
    return forgeRaw(input);
  };
  const forgeRaw = (input) => {
    const [head, body] = input.split(".");
    return forge(Buffer.from(head, "base64url").toString(), Buffer.from(body, "base64url").toString(), "RS256", rsa.secret);
  };
  const forged = {
    "alg none": forge({ alg: "none" }, claims, "none"),
    "alg None": forge({ alg: "None", kid: "rsa" }, claims, "none"),
    "no alg": forge({ kid: "rsa" }, claims, "RS256", rsa.secret),
    "the public key as a secret": forge({ alg: "HS256", kid: "rsa" }, claims, "HS256", pem),
    "the modulus as a secret": forge({ alg: "HS256", kid: "rsa" }, claims, "HS256", Buffer.from(rsa.jwk.n, "base64url")),
    "another key under the same id": issuer.token(claims, { key: makeKey("RS256", "rsa") }),
    "the payload of somebody else": `${header}.${raw(JSON.stringify({ ...claims, sub: "teacher-001" }))}.${signature}`,
    "no signature": `${header}.${payload}.`,
    "an empty token": "..",
    "a kid that is a path": issuer.token(claims, { key: makeKey("HS256"), header: { kid: "../../dev/null" } }),
    "a kid that is SQL": issuer.token(claims, { key: makeKey("HS256"), header: { kid: "' or 1=1 --" } }),
    "an unknown critical header": issuer.token(claims, { header: { crit: ["exp"], exp: 1 } }),
    "a claim twice": signed(JSON.stringify(claims).replace("{", '{"sub":"teacher-001",')),
    "a claim twice, spelt otherwise": signed(JSON.stringify(claims).replace("{", '{"s\\u0075b":"teacher-001",')),
    "20 KB": issuer.token({ ...claims, more: "x".repeat(15_000) }),
    "another audience": issuer.token({ ...claims, aud: "others" }),
    "another issuer": issuer.token({ ...claims, iss: "https://other.example" }),
    "no end": issuer.token({ ...claims, exp: null }),
    "an end that is text": issuer.token({ ...claims, exp: `${now() + 3600}` }),
    "no subject": issuer.token({ ...claims, sub: null }),
    "ended a second before the skew": issuer.token({ ...claims, exp: now() - 301 }),
    "not valid before the skew": issuer.token({ ...claims, nbf: now() + 303 }),
  };
  for (const [name, token] of Object.entries(forged)) {
    const { status, headers, body } = await ask(service, token);
    assert.ok(status === 401 || (name === "20 KB" && status === 431), `${name}: ${status}`);
    if (token.length > 10) assert.ok(!JSON.stringify([body, headers]).includes(token.slice(-20)), name);
  }
  const valid = {
    "as issued": good,
    "ended within the skew": issuer.token({ ...claims, exp: now() - 290 }),
    "valid within the skew": issuer.token({ ...claims, nbf: now() + 290 }),
    "a list of audiences": issuer.token({ ...claims, aud: ["others", issuer.audience] }),
    "without a kid": issuer.token(claims, { header: { kid: undefined } }),
  };
  for (const [name, token] of Object.entries(valid)) assert.equal(await statusOf(service, token), 200, name);
});

test("no keys: the service starts, says that it is not ready, and answers 503", async (t) => {
  const { provider, service: waiting, issuer: later } = await startWithProvider(t, [rsa], { [`${BEARER}RefreshSeconds`]: 1 });
  provider.answer = (_, response) => response.writeHead(500).end();
  await waiting.restart();
  const { status, headers, body } = await ask(waiting, later.person("parent-001"));
  assert.deepEqual([status, body.reason, headers["retry-after"]], [503, "no-keys", "5"]);
  const ready = await request(`${waiting.url}/health/ready`);
  assert.equal(ready.status, 503);
  assert.match(ready.body, /sign-in: no keys/);
  provider.answer = null;
  await until("the keys", async () => (await statusOf(waiting, later.person("parent-001"))) === 200);
});

test("a new key is fetched for the first token that names it, and strangers cause one fetch in a minute", async (t) => {
  const { provider, service: rotating, issuer: own } = await startWithProvider(t, [rsa], { [`${BEARER}RefreshSeconds`]: 3600 });
  await until("the keys", async () => (await statusOf(rotating, own.person("parent-001"))) === 200);
  const next = makeKey("ES256", "next");
  provider.keys = [rsa, next];
  const before = provider.asked;
  assert.equal(await statusOf(rotating, own.token({ sub: "parent-001" }, { key: next })), 200);
  assert.equal(provider.asked, before + 1);
  for (let n = 0; n < 20; n += 1) assert.equal(await statusOf(rotating, own.token({ sub: "parent-001" }, { key: makeKey("ES256") })), 401);
  assert.equal(provider.asked, before + 1);
  assert.equal(await statusOf(rotating, own.token({ sub: "parent-001", iss: "https://other.example" }, { key: makeKey("ES256") })), 401);
});

test("a key that leaves the set takes its remembered tokens along", async (t) => {
  const next = makeKey("ES256", "next");
  const { provider, service: rotating, issuer: own } = await startWithProvider(t, [rsa, next], { [`${BEARER}RefreshSeconds`]: 1 });
  const old = own.person("parent-001");
  await until("the keys", async () => (await statusOf(rotating, old)) === 200);
  provider.keys = [next];
  await until("the old token to be refused", async () => (await statusOf(rotating, old)) === 401);
  assert.equal(await statusOf(rotating, own.token({ sub: "parent-001" }, { key: next })), 200);
});

test("a provider that is slow, silent or wrong harms nobody", async (t) => {
  const { provider, service: own, issuer: known } = await startWithProvider(t, [rsa], { [`${BEARER}RefreshSeconds`]: 1 });
  const token = known.person("parent-001");
  await until("the keys", async () => (await statusOf(own, token)) === 200);
  const many = JSON.stringify({ keys: Array.from({ length: 10_000 }, (_, at) => ({ ...oct.jwk, kid: `${at}` })) });
  const answers = {
    silence: () => {},
    "an error": (_, response) => response.writeHead(503).end("down"),
    garbage: (_, response) => response.end("<html>"),
    "an empty object": (_, response) => response.end("{}"),
    "10,000 keys": (_, response) => response.end(many),
    "a redirect": (_, response) => response.writeHead(302, { Location: "http://127.0.0.1:1/" }).end(),
    "a broken connection": (asked) => asked.socket.destroy(),
  };
  for (const [name, answer] of Object.entries(answers)) {
    provider.answer = answer;
    await sleep(1500);
    const begun = performance.now();
    assert.equal(await statusOf(own, token), 200, name);
    assert.equal(await statusOf(own, known.token({ sub: "parent-001" }, { key: makeKey("ES256") })), 401, name);
    assert.ok(performance.now() - begun < 3000, name);
  }
});

test("rotation under load: no wrong answer where the new key is published ahead", async (t) => {
  const { provider, service: own, issuer: known } = await startWithProvider(t, [rsa], { [`${BEARER}RefreshSeconds`]: 1, "RateLimits:Mode": "Off" });
  await until("the keys", async () => (await statusOf(own, known.person("parent-001"))) === 200);
  let key = rsa;
  let going = true;
  const wrong = [];
  let count = 0;
  const load = Array.from({ length: 4 }, async () => {
    while (going) {
      const status = await statusOf(own, known.token({ sub: "parent-001", jti: `${count}` }, { key }));
      count += 1;
      if (status !== 200) wrong.push(status);
    }
  });
  for (let n = 0; n < 3; n += 1) {
    const next = makeKey(["ES256", "EdDSA", "RS256"][n], `next-${n}`);
    provider.keys = [key, next];
    await sleep(2200); // more than RefreshSeconds ahead
    const old = key;
    key = next;
    await sleep(500);
    provider.keys = [next];
    assert.notEqual(old, key);
  }
  going = false;
  await Promise.all(load);
  assert.deepEqual(wrong, []);
  assert.ok(count > 100, `${count}`);
});
