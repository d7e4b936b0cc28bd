// Who may do what: every caller against every route and every hub method, asked of the real program. A route or method without
// a row here fails the test, so nothing can be added without saying whom it is for.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { connectHub } from "../support/hub.mjs";
import { runVerb, sharedScope, startService, temporaryFolder, until } from "../support/service.mjs";
import { Issuer, bearer, makeKey } from "../support/tokens.mjs";
import { request } from "../support/traffic.mjs";

const issuer = new Issuer();
const now = Math.floor(Date.now() / 1000);
const tokens = {
  anonymous: null,
  expired: issuer.person("parent-001", { exp: now - 3600, iat: now - 7200 }),
  "other issuer": issuer.person("parent-001", { iss: "https://other.example" }),
  "other key": issuer.token({ sub: "parent-001", senderType: "Parent" }, { key: makeKey("HS256", issuer.keys[0].id) }),
  revoked: issuer.person("parent-revoked", { iat: now - 60 }),
  stranger: issuer.person("parent-999"),
  reader: issuer.person("parent-reader"),
  member: issuer.person("parent-001"),
  owner: issuer.person("parent-owner"),
  removed: issuer.person("parent-removed"),
  "send:any": issuer.program("send:any"),
  "conversations:manage": issuer.program("conversations:manage"),
  "events:read": issuer.program("events:read"),
  operator: issuer.program("operator"),
};
const callers = Object.keys(tokens);
const unknown = ["anonymous", "expired", "other issuer", "other key", "revoked"];

/** The status of each caller: 401 for who is not signed in, `most` for the others, but for those that `some` names. */
const row = (most, some = {}) => Object.fromEntries(callers.map((who) => [who, some[who] ?? (unknown.includes(who) ? 401 : most)]));
const everybody = (status) => Object.fromEntries(callers.map((who) => [who, status]));

/** For who may read a conversation as one of its people. */
const inside = (status) => ({ reader: status, member: status, owner: status });

const message = { content: "hello", senderType: "Parent" };
const post = (path, body) => ({ method: "POST", path, body });
const get = (path) => ({ method: "GET", path });
const table = {
  "POST /api/conversations/{}/messages": [
    [post("/api/conversations/conv-1/messages", message), row(403, { member: 202, owner: 202, "send:any": 202 })],
    [post("/api/conversations/no-such/messages", message), row(403, { "send:any": 404 })],
    [post("/api/conversations/conv-1/messages", { ...message, senderId: "teacher-001" }), row(403, { "send:any": 202 })],
    [post("/api/conversations/conv-1/messages", { ...message, senderType: "Admin" }), row(403, { "send:any": 202 })],
  ],
  "GET /api/conversations/{}/messages": [
    [get("/api/conversations/conv-1/messages"), row(403, { ...inside(200), "conversations:manage": 200 })],
    [get("/api/conversations/no-such/messages"), row(403, { "conversations:manage": 404 })],
  ],
  "GET /api/conversations/{}/messages/{}": [
    [get(`/api/conversations/conv-1/messages/${"0".repeat(24)}`), row(403, { ...inside(404), "conversations:manage": 404 })],
  ],
  "GET /api/conversations/{}/messages/by-temporary-id/{}": [
    [get("/api/conversations/conv-1/messages/by-temporary-id/none"), row(403, { ...inside(404), "conversations:manage": 404 })],
  ],
  "POST /api/conversations": [
    [post("/api/conversations", { id: "made", participants: [] }), row(403, { "conversations:manage": 201 })],
    [post("/api/conversations", { id: "conv-1", title: "taken", participants: [] }), row(403, { "conversations:manage": 409 })],
  ],
  "GET /api/conversations/{}": [
    [get("/api/conversations/conv-1"), row(403, { ...inside(200), "conversations:manage": 200 })],
    [get("/api/conversations/no-such"), row(403, { "conversations:manage": 404 })],
  ],
  "GET /api/conversations/{}/participants": [
    [get("/api/conversations/conv-1/participants"), row(403, { ...inside(200), "conversations:manage": 200 })],
    [get("/api/conversations/no-such/participants"), row(403, { "conversations:manage": 404 })],
  ],
  "POST /api/conversations/{}/participants": [
    [post("/api/conversations/conv-1/participants", { id: "parent-new", type: "Parent" }), row(403, { owner: 202, "conversations:manage": 202 })],
    [post("/api/conversations/no-such/participants", { id: "parent-new", type: "Parent" }), row(403, { "conversations:manage": 404 })],
  ],
  "DELETE /api/conversations/{}/participants/{}": [
    [{ method: "DELETE", path: "/api/conversations/conv-1/participants/parent-new" }, row(403, { owner: 202, "conversations:manage": 202 })],
    [{ method: "DELETE", path: "/api/conversations/no-such/participants/parent-new" }, row(403, { "conversations:manage": 404 })],
  ],
  "POST /hubs/messages/negotiate": [[post("/hubs/messages/negotiate?negotiateVersion=1"), row(200)]],
  "GET /hubs/messages": [[get("/hubs/messages?id=none"), row(404)]],
  "POST /hubs/messages": [[post("/hubs/messages?id=none", {}), row(404)]],
  "DELETE /hubs/messages": [[{ method: "DELETE", path: "/hubs/messages?id=none" }, row(404)]],
  "POST /hubs/messages/refresh": [[post("/hubs/messages/refresh"), row(400)]],
  "GET /health/live": [[get("/health/live"), everybody(200)]],
  "GET /health/ready": [[get("/health/ready"), everybody(200)]],
  "GET /metrics": [[get("/metrics"), row(403, { operator: 200 })]],
  "GET /admin/dead-letters": [[get("/admin/dead-letters"), row(403, { operator: 200 })]],
  "POST /admin/dead-letters/{}": [[post("/admin/dead-letters/retry", {}), row(403, { operator: 400 })]],
  "POST /admin/backups": [[post("/admin/backups", {}), row(403, { operator: 400 })]],
  "POST /admin/revocations": [[post("/admin/revocations", {}), row(403, { operator: 400 })]],
  "GET /admin/views": [[get("/admin/views"), row(403, { operator: 200 })]],
  "GET /admin/nodes": [[get("/admin/nodes"), row(403, { operator: 200 })]],
  "GET /admin/routes": [[get("/admin/routes"), row(403, { operator: 200 })]],
};

// The canary's conversation exists, and for everybody it is one that does not.
const canary = "$canary-7c41e2f9";
for (const questions of Object.values(table)) {
  const ofUnknown = questions.filter(([{ path }]) => path.includes("/no-such"));
  for (const [question, itsRow] of ofUnknown) {
    questions.push([{ ...question, path: question.path.replace("no-such", encodeURIComponent(canary)) }, itsRow]);
  }
}
table["POST /api/conversations"].push([post("/api/conversations", { id: canary, participants: [] }), row(403, { "conversations:manage": 409 })]);

const isPage = ({ method, pattern, needs }) =>
  method === "GET" && ["open", "operators-page"].includes(needs) && /^\/($|assets\/|dashboard$|docs|openapi\.json|icon|favicon|index|[a-z-]+\.(js|css|svg|json|html)$)/.test(pattern);

const hubTable = {
  joinconversation: { stranger: false, reader: true, member: true, owner: true, removed: false, "send:any": false, "conversations:manage": true, "events:read": false, operator: false },
  leaveconversation: { stranger: true, reader: true, member: true, owner: true, removed: true, "send:any": true, "conversations:manage": true, "events:read": true, operator: true },
  reportview: { stranger: false, reader: true, member: true, owner: true, removed: false, "send:any": false, "conversations:manage": true, "events:read": false, operator: false },
  sendmessage: { stranger: false, reader: false, member: true, owner: true, removed: false, "send:any": true, "conversations:manage": false, "events:read": false, operator: false },
};
const viewReport = { version: 1, conversationId: "conv-1", from: 1, to: 1, count: 0, hash: "6cc8e406bc2e169a", sum: "0000000000000000" };
const calls = {
  joinconversation: (client) => client.join("conv-1"),
  leaveconversation: (client) => client.leave("conv-1"),
  reportview: (client) => client.connection.invoke("ReportView", viewReport),
  sendmessage: (client) => client.send("conv-1", message),
};

const scope = sharedScope();
let service;
let registered;
before(async () => {
  // Each caller asks for everything, and some of them are refused each time.
  const settings = issuer.settings({ "RateLimits:Mode": "Off", "Canary:IntervalMs": 50 });
  service = await startService(scope, { settings, conversations: [] });
  await until("the canary's conversation", async () => {
    const text = await (await fetch(`${service.url}/metrics`, { headers: bearer(tokens.operator) })).text();
    return Number(text.match(/^message_service_canary_delivered_total (\d+)$/m)[1]) > 0;
  });
  const asBackEnd = (method, path, body) => request(`${service.url}/api/conversations${path}`, { method, body, headers: bearer(tokens["conversations:manage"]) });
  const participants = [
    { id: "parent-001", type: "Parent" }, { id: "teacher-001", type: "Teacher" }, { id: "parent-owner", type: "Parent", role: "owner" },
    { id: "parent-reader", type: "Parent", role: "reader" }, { id: "parent-removed", type: "Parent" },
  ];
  assert.equal((await asBackEnd("POST", "", { id: "conv-1", participants })).status, 201);
  assert.equal((await asBackEnd("DELETE", "/conv-1/participants/parent-removed")).status, 202);
  // Accepting nodes remember a member for a few seconds; what they still accept is rejected later.
  await until("the removal is known", async () => {
    const send = { method: "POST", body: message, headers: bearer(tokens.removed) };
    return (await request(`${service.url}/api/conversations/conv-1/messages`, send)).status === 403;
  });
  const revocation = { method: "POST", body: { sub: "parent-revoked" }, headers: bearer(tokens.operator) };
  assert.equal((await request(`${service.url}/admin/revocations`, revocation)).status, 201);
  registered = (await request(`${service.url}/admin/routes`, { headers: bearer(tokens.operator) })).body;
});

test("every registered route has a row, and every row its route", () => {
  const names = registered.routes.filter((route) => !isPage(route)).map(({ method, pattern }) => `${method} ${pattern}`);
  assert.deepEqual(names.sort(), Object.keys(table).sort());
  assert.deepEqual(registered.hubMethods, Object.keys(hubTable).sort());
  for (const { method, pattern, needs } of registered.routes) assert.notEqual(needs, "", `${method} ${pattern} declares nothing`);
});

test("pages are for everybody", async () => {
  for (const route of registered.routes.filter(isPage)) assert.equal((await request(service.url + route.pattern)).status, 200, route.pattern);
});

for (const [route, questions] of Object.entries(table)) {
  for (const [{ method, path, body }, row] of questions) {
    test(`${route}: ${path} ${body ? JSON.stringify(body) : ""}`, async () => {
      for (const who of callers) {
        const { status, headers, body: answer } = await request(service.url + path, { method, body, headers: bearer(tokens[who]) });
        assert.equal(status, row[who], `${who}: ${JSON.stringify(answer)}`);
        if (status === 401) assert.match(headers["www-authenticate"], who === "anonymous" ? /^Bearer$/ : /^Bearer error="invalid_token"/);
      }
    });
  }
}

test("an unknown conversation and somebody else's are one answer, byte for byte", async () => {
  const asked = ["conv-1", "no-such", canary];
  const shapes = [
    (id) => get(`/api/conversations/${id}`),
    (id) => get(`/api/conversations/${id}/messages`),
    (id) => get(`/api/conversations/${id}/messages/by-temporary-id/x`),
    (id) => post(`/api/conversations/${id}/messages`, message),
  ];
  for (const shape of shapes) {
    const answers = [];
    for (const { method, path, body } of asked.map(encodeURIComponent).map(shape)) {
      const { status, headers, body: answer } = await request(service.url + path, { method, body, headers: bearer(tokens.stranger) });
      delete headers.date;
      answers.push({ status, headers, answer: { ...answer, traceId: "" } });
    }
    assert.deepEqual(answers[0], answers[1]);
    assert.deepEqual(answers[0], answers[2]);
  }
  const client = await connectHub(scope, service, { http: { accessTokenFactory: () => tokens.stranger } });
  const errors = await Promise.all(asked.map((id) => client.join(id).catch(({ message: text }) => text)));
  assert.equal(errors[0], errors[1]);
  assert.equal(errors[0], errors[2]);
});

for (const [method, row] of Object.entries(hubTable)) {
  test(`hub method ${method}`, async (t) => {
    for (const [who, may] of Object.entries(row)) {
      const client = await connectHub(t, service, { http: { accessTokenFactory: () => tokens[who] } });
      const done = await calls[method](client).then(() => true, ({ message: text }) => {
        assert.match(text, /not in it|senderType|scope|only read/, who);
        return false;
      });
      assert.equal(done, may, who);
    }
  });
}

test("who is not signed in gets no hub", async () => {
  for (const who of unknown) {
    await assert.rejects(connectHub(scope, service, { http: { accessTokenFactory: () => tokens[who] ?? "" } }), /401/, who);
  }
});

test("the data folder's token is an operator's", async () => {
  const token = readFileSync(join(service.dataDirectory, "admin-token"), "utf8");
  assert.equal((await request(`${service.url}/metrics`, { headers: bearer(token) })).status, 200);
  assert.equal((await request(`${service.url}/api/conversations/conv-1`, { headers: bearer(token) })).status, 401);
});

test("participants may make conversations where a setting lets them", async (t) => {
  const settings = issuer.settings({ "Conversations:Creators": "Participants", "Conversations:WithoutParticipants": "Open" });
  const open = await startService(t, { settings, conversations: [] });
  const make = async (who, body) => (await request(`${open.url}/api/conversations`, { method: "POST", body, headers: bearer(tokens[who]) })).status;
  const participants = [{ id: "parent-001", type: "Parent" }, { id: "teacher-001", type: "Teacher" }];
  assert.equal(await make("member", { id: "a", participants }), 201);
  assert.equal(await make("stranger", { id: "b", participants }), 403);
  assert.equal(await make("stranger", { id: "a", participants: [{ id: "parent-999", type: "Parent" }] }), 403, "taken looks like forbidden");
  assert.equal(await make("conversations:manage", { id: "c", participants: [] }), 201);
  const { status } = await request(`${open.url}/api/conversations/c/messages`, { method: "POST", body: message, headers: bearer(tokens.stranger) });
  assert.equal(status, 202, "a conversation that names nobody is open here");
});

test("without sign-in an address that others reach stops the start", async (t) => {
  const settings = { Urls: "http://0.0.0.0:0" };
  await assert.rejects(startService(t, { settings, conversations: [] }), /nobody has to sign in: set Auth:Mode=Jwt/);
  await startService(t, { settings: { ...settings, "Auth:AllowAnonymous": true }, conversations: [] });
});

test("a development key signs in who asks on the loopback, and nobody else", async (t) => {
  const key = join(temporaryFolder(t), "key.json");
  assert.equal((await runVerb(["keys", "create", "--out", key])).code, 0);
  const settings = { "Auth:Mode": "Jwt", "Auth:DevelopmentKeyFile": key };
  await assert.rejects(startService(t, { settings: { ...settings, Urls: "http://0.0.0.0:0" }, conversations: [] }), /it signs in whoever asks/);
  const own = await startService(t, { settings, conversations: ["conv-1"] });
  const body = { sub: "parent-001", senderType: "Parent" };
  const ask = (headers) => request(`${own.url}/development/tokens`, { method: "POST", body, headers });
  assert.equal((await ask({ Host: "evil.example" })).status, 403, "a name that was made to point here");
  const { token } = (await ask({})).body;
  assert.equal((await request(`${own.url}/api/conversations/conv-1`, { headers: bearer(token) })).status, 200);
  await assert.rejects(startService(t, { settings: { ...settings, "Auth:DevelopmentKeyFile": "/none" }, conversations: [] }), /Auth:DevelopmentKeyFile: \/none cannot be read/);
});

test("what sign-in lacks is named all at once", async (t) => {
  const settings = { "Auth:Mode": "Jwt", "Providers:DataDirectory": temporaryFolder(t) };
  await assert.rejects(startService(t, { settings, conversations: [] }), (error) => {
    for (const key of ["Authority", "ValidIssuer", "ValidAudience"]) assert.match(error.message, new RegExp(`Authentication:Schemes:Bearer:${key}: must be set`));
    return true;
  });
});
