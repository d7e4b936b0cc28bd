// Who takes part in a conversation may change: roles, removals, later members, on the embedded default.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { connectHub } from "../support/hub.mjs";
import { issuer, participantScenarios, race, raceRounds, settings } from "../support/participants.mjs";
import { sharedScope, startService, until } from "../support/service.mjs";
import { bearer } from "../support/tokens.mjs";
import { request } from "../support/traffic.mjs";

describe("on the embedded log and store", () => {
  const scope = sharedScope();
  let nodes;
  before(async () => {
    const service = await startService(scope, { settings: settings() });
    nodes = [service, service];
  });
  for (const { name, run } of participantScenarios) test(name, (t) => run(t, nodes));
  test("removals against sends, joins and reads", { timeout: 1_500_000 }, (t) => race(t, nodes, { rounds: raceRounds }));
});

const manage = issuer.program("conversations:manage");
const asked = (service, path, token, body, method = body ? "POST" : "GET") =>
  request(`${service.url}/api/conversations${path}`, { method, body, headers: bearer(token) });

test("changes are entries of the conversation where a setting wants it", async (t) => {
  const service = await startService(t, { settings: issuer.settings({ "Conversations:SystemEntries": true, "Conversations:HistoryForNewMembers": "FromBeginning" }), conversations: [] });
  const participants = [{ id: "anna", type: "Parent", role: "owner" }];
  assert.equal((await asked(service, "", manage, { id: "school", participants })).status, 201);
  const anna = await connectHub(t, service, { http: { accessTokenFactory: () => issuer.person("anna") } });
  await anna.join("school");
  assert.equal((await asked(service, "/school/messages", issuer.person("anna"), { content: "first" })).status, 202);
  assert.equal((await asked(service, "/school/participants", manage, { id: "tom", type: "Parent" })).status, 202);
  await until("the entry", () => anna.received.length === 2);
  assert.deepEqual(anna.received[1].participantChange, { action: "set", id: "tom", type: "Parent", role: "member" });
  const tom = await until("tom is in", async () => {
    const { status, body } = await asked(service, "/school/messages", issuer.person("tom"));
    return status === 200 && body.messages;
  });
  assert.deepEqual(tom.map(({ content, participantChange }) => participantChange?.id ?? content), ["first", "tom"], "he sees everything");
});

test("who makes a conversation owns it", async (t) => {
  const service = await startService(t, { settings: issuer.settings({ "Conversations:Creators": "Participants" }), conversations: [] });
  const participants = [{ id: "anna", type: "Parent" }, { id: "tom", type: "Parent" }];
  const { status, body } = await asked(service, "", issuer.person("anna"), { id: "school", participants });
  assert.equal(status, 201);
  assert.deepEqual(body.participants.map(({ id, role }) => [id, role]), [["anna", "owner"], ["tom", undefined]]);
  assert.equal((await asked(service, "", issuer.person("anna"), { id: "school", participants })).status, 201, "the same again");
});

test("synchronous mode judges as it stores", async (t) => {
  const service = await startService(t, { settings: issuer.settings({ "MessagePersistence:Mode": "Synchronous" }), conversations: [] });
  const participants = [{ id: "anna", type: "Parent", role: "owner" }, { id: "tom", type: "Parent" }];
  assert.equal((await asked(service, "", manage, { id: "school", participants })).status, 201);
  assert.equal((await asked(service, "/school/messages", issuer.person("tom"), { content: "first" })).status, 201);
  const removed = await asked(service, "/school/participants/tom", issuer.person("anna"), undefined, "DELETE");
  assert.equal(removed.status, 201, JSON.stringify(removed.body));
  assert.equal((await asked(service, "/school/messages", issuer.person("tom"), { content: "second" })).status, 403);
});

test("without sign-in anybody may change who takes part, and a removal still counts", async (t) => {
  const service = await startService(t, { conversations: ["conv-1"] });
  const send = (key) => asked(service, "/conv-1/messages", "", { senderId: "parent-001", senderType: "Parent", content: "x", temporaryMessageId: key });
  assert.equal((await send("before")).status, 202);
  assert.equal((await asked(service, "/conv-1/participants/parent-001", "", undefined, "DELETE")).status, 202);
  assert.equal((await send("after")).status, 202);
  const standing = await until("the judgement", async () => {
    const { status, body } = await asked(service, "/conv-1/messages/by-temporary-id/after", "");
    return status === 200 && body;
  });
  assert.deepEqual(standing, { status: "Rejected", reason: "the sender was removed from the conversation" });
});
