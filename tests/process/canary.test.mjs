// The canary in one process: it measures the whole way of a message; to clients its conversation does not exist; what is
// accepted and not delivered shows, and piles up nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lagIsGone, metric } from "../support/cluster.mjs";
import { postMessage } from "../support/http.mjs";
import { connectHub } from "../support/hub.mjs";
import { runVerb, sleep, startService, until, waitsForMore } from "../support/service.mjs";
import { readHistory, request } from "../support/traffic.mjs";

const canary = "$canary-7c41e2f9";
const posted = (service) => metric(service, "canary_posts_total", 'outcome="ok"');
const delivered = (service) => metric(service, "canary_delivered_total");
const waiting = (service) => metric(service, "canary_waiting_seconds");
const started = (t, everyMs, more = {}) => startService(t, { settings: { "Canary:IntervalMs": everyMs, ...more } });

test("it posts, hears and reads its messages one after the other, and times them; without the setting there is none", async (t) => {
  const service = await started(t, 5);
  await until("50 messages", async () => (await delivered(service)) >= 50);
  assert.equal(await metric(service, "canary_lost_total"), 0);
  assert.ok((await waiting(service)) < 1);
  for (const stage of ["accepted", "delivered", "read"]) {
    assert.ok((await metric(service, "canary_duration_seconds_count", `stage="${stage}"`)) >= 49, stage);
    assert.ok((await metric(service, "canary_duration_seconds_sum", `stage="${stage}"`)) > 0, stage);
  }
  assert.ok((await posted(service)) - (await delivered(service)) <= 1, "one is under way at most");
  assert.equal(await metric(service, "publish_total"), 0, "its messages are no requests");
  assert.doesNotMatch(service.output, /Flushing batch/, "they do not fill the log");
  assert.equal((await postMessage(service)).status, 202);
  await service.logged(/Flushing batch: \d+ messages/);

  const without = await startService(t);
  await sleep(300);
  assert.equal(await metric(without, "canary_posts_total"), 0);
});

test("its conversation is an unknown one to clients, and does not disturb theirs", async (t) => {
  const service = await started(t, 5);
  await until("messages of the canary", async () => (await delivered(service)) >= 5);
  const message = { senderId: "parent-001", senderType: "Parent", content: "hello" };
  const person = { id: "parent-001", type: "Parent" };
  const shapes = [
    (id) => ["GET", `/${id}`],
    (id) => ["GET", `/${id}/messages`],
    (id) => ["GET", `/${id}/participants`],
    (id) => ["POST", `/${id}/messages`, message],
    (id) => ["POST", `/${id}/participants`, person],
    (id) => ["DELETE", `/${id}/participants/parent-001`],
  ];
  for (const shape of shapes) {
    const answers = [];
    for (const id of [canary, "no-such"]) {
      const [method, path, body] = shape(encodeURIComponent(id));
      const { status, body: answer } = await request(`${service.url}/api/conversations${path}`, { method, body });
      answers.push({ status, answer: { ...answer, traceId: "" } });
    }
    assert.equal(answers[0].status, 404);
    assert.deepEqual(answers[0], answers[1], JSON.stringify(shape("ID")));
  }
  const create = { method: "POST", body: { id: canary, title: "The canary of message-service", participants: [] } };
  assert.equal((await request(`${service.url}/api/conversations`, create)).status, 409);

  const client = await connectHub(t, service);
  const refusals = (call) => Promise.all([canary, "no-such"].map((id) => call(id).then(() => "done", ({ message: text }) => text)));
  for (const call of [(id) => client.join(id, 0), (id) => client.send(id, message)]) {
    const [its, unknown] = await refusals(call);
    assert.match(its, /no such conversation/);
    assert.equal(its, unknown);
  }
  await client.join("conv-123");
  assert.equal((await postMessage(service)).status, 202);
  await client.receivedUpTo(1);
  assert.deepEqual(client.received.map(({ conversationId }) => conversationId), ["conv-123"]);
});

test("while nothing is stored one message waits, and the gauge says since when; afterwards it goes on", async (t) => {
  const service = await started(t, 20, waitsForMore);
  await until("the message to wait for 2 s", async () => (await waiting(service)) > 2);
  assert.equal(await posted(service), 1);
  assert.equal(await delivered(service), 0);

  await service.restart({ "Canary:IntervalMs": 20 });
  await until("further messages", async () => (await delivered(service)) >= 5);
  assert.ok((await waiting(service)) < 1);
  assert.equal(await metric(service, "canary_lost_total"), 0);
});

test("SIGTERM: it stops before the log does, and what it has posted is stored", async (t) => {
  const service = await started(t, 1);
  await until("messages of the canary", async () => (await delivered(service)) >= 20);
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
  assert.doesNotMatch(service.output, /not accepted|lost|overtaken/);
  const { stdout } = await runVerb(["lag", "--json", "--interval", "0.1", `--Providers:DataDirectory=${service.dataDirectory}`]);
  assert.equal(JSON.parse(stdout).total.lag, 0);
  await service.start({});
  await lagIsGone([service]);
  assert.equal(await metric(service, "consumed_total"), 0);
  assert.equal((await readHistory(service, "conv-123")).length, 0);
});

test("in synchronous mode it measures too", async (t) => {
  const service = await started(t, 5, { "MessagePersistence:Mode": "Synchronous" });
  await until("20 messages", async () => (await delivered(service)) >= 20);
  assert.equal(await metric(service, "canary_lost_total"), 0);
});

test("a node that takes no requests says that it has none", async (t) => {
  const service = await startService(t, { settings: { "Canary:IntervalMs": 20 }, roles: "persister,hub" });
  await service.logged(/The canary does not run here: it needs the roles api and hub/);
});
