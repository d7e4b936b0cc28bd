// The description of topics and hub: it is valid, and all that the service writes is as it says.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { asyncapi, asyncapiText, checkRecord, clientsRequire } from "../support/asyncapi.mjs";
import { writeEverything } from "../support/everything.mjs";
import { repositoryRoot, startService } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { request } from "../support/traffic.mjs";

const { Parser } = clientsRequire("@asyncapi/parser");

test("it is AsyncAPI 3.0, served as it lies", async (t) => {
  const { document, diagnostics } = await new Parser().parse(asyncapiText);
  // A newer version of AsyncAPI is no fault of this one.
  assert.deepEqual(diagnostics.filter(({ code }) => code !== "asyncapi-latest-version"), []);
  assert.equal(document.version(), "3.0.0");
  const service = await startService(t);
  const answer = await fetch(`${service.url}/asyncapi.json`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^application\/json/);
  assert.equal(await answer.text(), asyncapiText);
});

test("the hub's methods are those of the program", async (t) => {
  const issuer = new Issuer();
  const service = await startService(t, { settings: issuer.settings() });
  const { body } = await request(`${service.url}/admin/routes`, { headers: bearer(issuer.program("operator")) });
  const described = Object.values(asyncapi.operations).filter(({ action, channel }) => action === "receive" && channel.$ref === "#/channels/hub")
    .flatMap(({ messages }) => messages.map(({ $ref }) => $ref.split("/").at(-1).toLowerCase()));
  assert.deepEqual(described.sort(), body.hubMethods);
});

test("the embedded log's records and the hub's events", async (t) => {
  const { seen, records } = await writeEverything(t);
  assert.deepEqual([...seen].sort(), Object.keys(asyncapi.channels.hub.messages).sort());
  for (const [channel, all] of Object.entries(records)) {
    const kinds = new Set();
    for (const record of all) checkRecord(channel, record, kinds);
    // Only Kafka has a limit above which the topic holds a reference.
    const described = Object.keys(asyncapi.channels[channel].messages).filter((name) => name !== "DeadLetterReference");
    assert.deepEqual([...kinds].sort(), described.sort());
  }
  const headersOf = (channel) => new Set(records[channel].flatMap((record) => Object.keys(record.headers)));
  for (const name of ["correlation-id", "traceparent", "authority", "requires-version", "retry-of", "discard-of"]) assert.ok(headersOf("requested").has(name), name);
  for (const name of ["correlation-id", "traceparent", "requires-version"]) assert.ok(headersOf("sent").has(name), `${name} of sent events`);
});

const folder = join(repositoryRoot, "tests/wire/records");
for (const file of readdirSync(folder)) {
  test(`records of ${file}`, () => {
    const records = JSON.parse(readFileSync(join(folder, file), "utf8"));
    assert.ok(records.length > 0);
    for (const { channel, ...record } of records) checkRecord(channel, record);
  });
}

test("records that are not so are found", () => {
  const [record] = JSON.parse(readFileSync(join(folder, "version-1.json"), "utf8"));
  const changed = (change) => ({ ...record, value: JSON.stringify({ ...JSON.parse(record.value), ...change }) });
  checkRecord("requested", changed({ more: 1 }), undefined, { stranger: true });
  for (const change of [{ more: 1 }, { content: 1 }, { content: undefined }, { requestedAt: "now" }, { eventType: "Other" }]) {
    assert.throws(() => checkRecord("requested", changed(change)), { code: "ERR_ASSERTION" }, JSON.stringify(change));
  }
  assert.throws(() => checkRecord("requested", { ...record, headers: { ...record.headers, "retry-of": "17" } }), { code: "ERR_ASSERTION" });
});
