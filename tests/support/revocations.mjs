// What holds when a person's tokens are revoked, on one service and on two nodes: `[a, b]`, or the same one twice.

import assert from "node:assert/strict";
import { connectHub } from "./hub.mjs";
import { until } from "./service.mjs";
import { bearer } from "./tokens.mjs";
import { request } from "./traffic.mjs";

const now = () => Math.floor(Date.now() / 1000);
const reads = async (node, token) => (await request(`${node.url}/api/conversations/conv-123`, { headers: bearer(token) })).status;

export async function outAtOnce(t, [a, b], issuer) {
  const operator = issuer.program("operator");
  const revoke = (node, body) => request(`${node.url}/admin/revocations`, { method: "POST", body, headers: bearer(operator) });
  const old = issuer.person("parent-001", { iat: now() - 60 });
  const other = issuer.person("teacher-001", { iat: now() - 60 });
  const clients = await Promise.all([a, b].map((node) => connectHub(t, node, { http: { accessTokenFactory: () => old } })));
  const staying = await connectHub(t, b, { http: { accessTokenFactory: () => other } });
  await Promise.all([...clients, staying].map((client) => client.join("conv-123")));
  const ended = clients.map((client) => client.closed.then(() => performance.now()));
  const answer = await revoke(a, { sub: "parent-001", issuedBefore: new Date().toISOString() });
  const at = performance.now();
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal(answer.body.sub, "parent-001");
  for (const time of await Promise.all(ended)) assert.ok(time - at < 3000, `ended after ${time - at} ms`); // 1 s on a calm machine
  for (const node of [a, b]) await until("the old token to be refused", async () => (await reads(node, old)) === 401);
  const refused = await request(`${b.url}/api/conversations/conv-123`, { headers: bearer(old) });
  assert.match(refused.headers["www-authenticate"], /error_description="it was revoked"/);
  assert.equal(await reads(b, other), 200, "nobody else is out");
  assert.equal(staying.connection.state, "Connected");
  assert.equal(await reads(b, issuer.person("parent-001", { iat: now() + 2 })), 200, "a newer token is good");
  assert.equal(await reads(a, issuer.person("parent-001", { iat: null })), 401, "one that does not say when counts as old");
  // An earlier revocation takes nothing back.
  assert.equal((await revoke(b, { sub: "parent-001", issuedBefore: "2020-01-01T00:00:00Z" })).status, 201);
  assert.equal(await reads(a, old), 401);
  for (const [body, field] of [[{}, "sub"], [{ sub: "x", issuedBefore: "soon" }, "issuedBefore"], [{ sub: "x", issuedBefore: "2999-01-01T00:00:00Z" }, "issuedBefore"]]) {
    const wrong = await revoke(a, body);
    assert.equal(wrong.status, 400);
    assert.ok(wrong.body.errors[field], JSON.stringify(wrong.body));
  }
  return { old };
}

export const isRefused = async (node, token) => assert.equal(await reads(node, token), 401);
