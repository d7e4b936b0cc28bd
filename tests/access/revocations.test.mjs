// A person's older tokens are revoked, on the embedded default: at once, and over a restart.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefused, outAtOnce } from "../support/revocations.mjs";
import { runVerb, startService, until } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { request } from "../support/traffic.mjs";

const issuer = new Issuer();

test("a revoked person is out at once, and stays out after a restart", async (t) => {
  const service = await startService(t, { settings: issuer.settings() });
  const { old } = await outAtOnce(t, [service, service], issuer);
  await service.restart();
  await isRefused(service, old);
});

test("the verb revokes by the data folder's own token", async (t) => {
  const service = await startService(t, { settings: issuer.settings() });
  const token = issuer.person("parent-001", { iat: Math.floor(Date.now() / 1000) - 60 });
  const reads = async () => (await request(`${service.url}/api/conversations/conv-123`, { headers: bearer(token) })).status;
  assert.equal(await reads(), 200);
  const verb = (...more) => runVerb(["revocations", "add", "--sub", "parent-001", "--url", service.url, ...more]);
  const without = await verb("--data-directory", "/none");
  assert.equal(without.code, 2);
  assert.match(without.stderr, /--token, or the service's --data-directory/);
  const { code, stdout, stderr } = await verb("--data-directory", service.dataDirectory);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Revoked the older tokens of parent-001/);
  await until("the token to be refused", async () => (await reads()) === 401);
});

test("a revocation is kept as long as the setting says", async (t) => {
  const service = await startService(t, { settings: issuer.settings({ "Auth:RevocationsKeptSeconds": 1 }) });
  const old = issuer.person("parent-001", { iat: Math.floor(Date.now() / 1000) - 60 });
  const revoke = (body) => request(`${service.url}/admin/revocations`, { method: "POST", body, headers: bearer(issuer.program("operator")) });
  assert.equal((await revoke({ sub: "parent-001" })).status, 201);
  await isRefused(service, old);
  await until("it to be over", async () => {
    await revoke({ sub: "somebody" }); // what need not be kept any more goes with the next one
    return (await request(`${service.url}/api/conversations/conv-123`, { headers: bearer(old) })).status === 200;
  });
});
