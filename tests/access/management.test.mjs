// The doors of operators: an address of their own, and a line for what they do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runVerb, startService, temporaryFolder } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { request } from "../support/traffic.mjs";

const issuer = new Issuer();
const operator = issuer.program("operator");
const member = issuer.person("parent-001");

/** A service with such an address: `{service, management}`. */
async function start(t, settings) {
  const service = await startService(t, { settings: { "Management:Urls": "http://127.0.0.1:0", ...settings }, conversations: ["conv-1"] });
  const [, management] = service.stdout.match(/Now listening on: \S+\s+Now listening on: (http:\/\/127\.0\.0\.1:\d+)/);
  return { service, management };
}
const status = async (url, token, method = "GET", body) => (await request(url, { method, body, headers: token ? bearer(token) : {} })).status;

test("an address of Management:Urls has health, figures and operators' routes, and nothing else", async (t) => {
  const { service, management } = await start(t, issuer.settings());
  for (const path of ["/health/live", "/health/ready", "/metrics", "/admin/nodes", "/dashboard"]) assert.equal(await status(management + path), 200, path);
  assert.equal(await status(`${management}/admin/routes`), 401);
  assert.equal(await status(`${management}/admin/routes`, member), 403);
  assert.equal(await status(`${management}/admin/routes`, operator), 200);
  for (const path of ["/", "/openapi.json", "/api/conversations/conv-1", "/api/conversations/conv-1/messages", "/hubs/messages?id=x"]) {
    assert.equal(await status(management + path, member), 404, path);
  }
  assert.equal(await status(`${management}/hubs/messages/negotiate?negotiateVersion=1`, member, "POST"), 404);
  const dashboard = (await request(`${management}/dashboard`)).body;
  for (const [, asset] of dashboard.matchAll(/="\.(\/assets\/[^"]+)"/g)) assert.equal(await status(management + asset), 200, asset);
  // The main address is as it was.
  assert.equal(await status(`${service.url}/dashboard`), 200);
  assert.equal(await status(`${service.url}/metrics`), 401);
  assert.equal(await status(`${service.url}/metrics`, member), 403);
  assert.equal(await status(`${service.url}/metrics`, operator), 200);
  assert.equal(await status(`${service.url}/health/ready`), 200);
  assert.equal(await status(`${service.url}/api/conversations/conv-1`, member), 200);
});

test("what an operator does is in the log, with who did it, and reading is not", async (t) => {
  const { service, management } = await start(t, issuer.settings());
  assert.equal(await status(`${management}/admin/routes`, operator), 200);
  assert.equal(await status(`${management}/admin/revocations`, operator, "POST", { sub: "somebody" }), 201);
  await service.logged(/An operator acts who=back-end action="?POST \/admin\/revocations"? from=127\.0\.0\.1/);
  assert.equal(service.output.match(/An operator acts/g).length, 1);
  assert.ok(!service.output.includes(operator), "no token in the log");
  const folder = `--Providers:DataDirectory=${service.dataDirectory}`;
  const { code, stderr } = await runVerb(["dead", "list", folder, `--Urls=${service.url}`, `--Management:Urls=${management}`]);
  assert.equal(code, 0, stderr);
  await service.logged(/An operator acts who="the data folder's token" action="POST \/admin\/dead-letters\/list"/);
});

test("without sign-in the address may be one that others reach, and figures are open on it", async (t) => {
  const service = await startService(t, { settings: { "Management:Urls": "http://0.0.0.0:0" }, conversations: [] });
  const [, port] = service.stdout.match(/Now listening on: \S+\s+Now listening on: http:\/\/0\.0\.0\.0:(\d+)/);
  assert.equal(await status(`http://127.0.0.1:${port}/metrics`), 200);
  assert.equal(await status(`http://127.0.0.1:${port}/admin/routes`), 401);
  assert.equal(await status(`http://127.0.0.1:${port}/`), 404);
});

test("a wrong address is named", async (t) => {
  const settings = { "Management:Urls": "nowhere", "Providers:DataDirectory": temporaryFolder(t) };
  await assert.rejects(startService(t, { settings, conversations: [] }), /Management:Urls: must be http:\/\/HOST:PORT/);
});
