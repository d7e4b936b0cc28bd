// Makes a service write every kind of record and event, and collects them: see asyncapi.mjs.

import assert from "node:assert/strict";
import { asyncapi, checkHubMessage, topics } from "./asyncapi.mjs";
import { connectHub } from "./hub.mjs";
import { runVerb, startService, until } from "./service.mjs";
import { Issuer, bearer } from "./tokens.mjs";
import { request } from "./traffic.mjs";

const events = Object.values(asyncapi.operations)
  .filter(({ action, channel }) => action === "send" && channel.$ref === "#/channels/hub")
  .flatMap(({ messages }) => messages.map(({ $ref }) => $ref.split("/").at(-1)));

/**
 * A hub client gets each event, every kind of record is written; all that comes by the hub is checked.
 * Returns `{seen, records}`: the names of the hub's messages, and by channel `[{key, value, headers}]` as `tail` prints them.
 */
export async function writeEverything(t, settings = {}) {
  const issuer = new Issuer();
  const seen = new Set();
  const all = issuer.settings({ "RateLimits:Mode": "Off", "Conversations:SystemEntries": true,
    "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 500, ...settings });
  const service = await startService(t, { settings: all, conversations: [] });
  const flags = [`--Providers:DataDirectory=${service.dataDirectory}`, ...Object.entries(all).map(([key, value]) => `--${key}=${value}`)];
  const backEnd = issuer.program("conversations:manage send:any");

  const ask = async (status, method, path, body, { as = backEnd, headers = {} } = {}) => {
    const answer = await request(`${service.url}/api/conversations${path}`, { method, body, headers: { ...bearer(as), ...headers } });
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const person = (id) => ({ id, type: "Parent" });
  const messages = "/school/messages";
  await ask(201, "POST", "", { id: "school", participants: [{ ...person("anna"), role: "owner" }, person("tom")] });
  await ask(202, "POST", messages, { content: "first" }, { as: issuer.person("anna") });

  const got = [];
  const client = (id) => connectHub(t, service, {
    http: { accessTokenFactory: () => issuer.person(id) },
    configure: (connection) => {
      for (const name of events) {
        connection.on(name, (...parameters) => {
          assert.equal(parameters.length, 1);
          got.push([id, name, parameters[0]]);
        });
      }
    },
  });
  const has = (id, name, matches = () => true) => until(`${name} of ${id}`, () => got.some((one) => one[0] === id && one[1] === name && matches(one[2])));
  const call = async (hub, method, result, ...parameters) => {
    checkHubMessage(method, parameters, seen);
    checkHubMessage(result, (await hub.connection.invoke(method, ...parameters)) ?? null, seen);
  };
  const [anna, tom] = await Promise.all(["anna", "tom"].map(client));
  await call(anna, "JoinConversation", "Joined", "school", 0);
  await call(tom, "JoinConversation", "Joined", "school");
  await has("anna", "ReceiveMessage");
  const report = { version: 1, conversationId: "school", from: 1, to: 1, count: 0, hash: "6cc8e406bc2e169a", sum: "0000000000000000" };
  await call(anna, "ReportView", "Reported", report);
  await call(anna, "SendMessage", "Accepted", "school", { content: "by the hub" });
  const traced = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Correlation-ID": "correlated" };
  await ask(202, "POST", messages, { senderId: "school-office", senderType: "Admin", content: "by a back end" }, { headers: traced });
  await has("tom", "ReceiveMessage", ({ content }) => content === "by a back end");

  await ask(202, "POST", "/school/participants", { ...person("eve"), role: "reader" });
  await has("tom", "ParticipantsChanged", ({ change }) => change.id === "eve");
  // Both are in one batch: tom may still write when he is asked, and is removed when it is stored.
  await ask(202, "DELETE", "/school/participants/tom");
  await ask(202, "POST", messages, { content: "too late", temporaryMessageId: "late" }, { as: issuer.person("tom") });
  await has("anna", "ParticipantsChanged", ({ change }) => change.action === "remove");
  await has("tom", "RemovedFromConversation");
  await has("anna", "ReceiveMessage", ({ participantChange }) => participantChange?.action === "remove");
  await has("anna", "MessageRejected", ({ temporaryMessageId }) => temporaryMessageId === "late");
  const dead = async (action) => {
    const verb = await runVerb(["dead", action, "--reason", "not-a-participant", "--json", "--url", service.url, ...flags], { timeoutMs: 120_000 });
    return verb.stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line).result);
  };
  assert.deepEqual(await dead("retry"), ["failed again"]);
  assert.deepEqual(await dead("discard"), ["discarded"]);
  await call(anna, "LeaveConversation", "Left", "school");

  const records = {};
  for (const [channel, topic] of Object.entries(topics)) {
    const { code, stdout, stderr } = await runVerb(["tail", topic, "--from-beginning", "--once", "--json", ...flags], { timeoutMs: 60_000 });
    assert.equal(code, 0, stderr);
    records[channel] = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  }
  await service.stop();
  await has("anna", "ServiceStopping");
  for (const [, name, payload] of got) checkHubMessage(name, payload, seen);
  return { seen, records };
}
