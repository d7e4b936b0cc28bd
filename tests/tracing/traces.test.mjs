// Traces of messages as a collector gets them: the OpenTelemetry Collector's own receiver where there is Go to build it
// with, and one that decodes with OpenTelemetry's own definitions.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";
import { metric, startCluster } from "../support/cluster.mjs";
import { postMessage } from "../support/http.mjs";
import { connectHub } from "../support/hub.mjs";
import { startCollector, startReceiver } from "../support/otlp.mjs";
import { memoryOf } from "../support/traffic.mjs";
import { runVerb, sleep, startService, until } from "../support/service.mjs";

const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
const NONE = "";

const newCaller = (flags = "01") => {
  const traceId = randomBytes(16).toString("hex");
  const spanId = randomBytes(8).toString("hex");
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
};

const named = (spans, name) => spans.filter((span) => span.name === name);
const only = (spans, name) => {
  const found = named(spans, name);
  assert.equal(found.length, 1, `one span "${name}" of ${spans.map((span) => span.name).join(", ")}`);
  return found[0];
};
const POST = "POST /api/conversations/{id}/messages";
const SEND = "send SendMessageRequestedEvent";
const PROCESS = "process SendMessageRequestedEvent";
const ANNOUNCE = "send MessageSentEvent";
const RECEIVE = "ReceiveMessage";

function hasAttributes(span, wanted) {
  for (const [key, value] of Object.entries(wanted)) assert.equal(span.attributes[key], value, `${key} of ${span.name}`);
}

/** Checks the trace of one message that was alone in its batch, and returns its spans. */
function checkTrace(all, traceId, parentSpanId, { system, prefix = "", write, db }) {
  const spans = all.filter((span) => span.traceId === traceId);
  const [request, send, batch, store, announce, receive] =
    [POST, SEND, PROCESS, write, ANNOUNCE, RECEIVE].map((name) => only(spans, name));
  assert.equal(spans.length, 6);
  assert.deepEqual([request, send, batch, store, announce, receive].map(({ kind }) => kind),
    [KIND.server, KIND.producer, KIND.consumer, db["db.system.name"] === "rocksdb" ? KIND.internal : KIND.client, KIND.producer,
      KIND.consumer]);
  assert.deepEqual([request, send, batch, store, announce, receive].map((span) => span.parentSpanId),
    [parentSpanId, request.spanId, send.spanId, batch.spanId, send.spanId, send.spanId]);
  assert.deepEqual(batch.links.map(({ spanId }) => spanId), [send.spanId]);
  assert.deepEqual(announce.links.map(({ spanId }) => spanId), [batch.spanId]);
  for (const span of spans) {
    assert.ok(BigInt(span.startTimeUnixNano) <= BigInt(span.endTimeUnixNano), span.name);
    assert.equal(span.failed, false);
    assert.equal(span.resource["service.name"], "chat-of-a-test");
    assert.equal(span.scope.name, "message-service");
  }
  hasAttributes(request, { "http.request.method": "POST", "http.route": "/api/conversations/{id}/messages",
    "url.path": "/api/conversations/conv-123/messages", "url.scheme": "http", "http.response.status_code": 202,
    "server.address": "127.0.0.1" });
  hasAttributes(send, { "messaging.system": system, "messaging.operation.type": "send",
    "messaging.destination.name": `${prefix}SendMessageRequestedEvent`, "messaging.destination.partition.id":
    send.attributes["messaging.destination.partition.id"] });
  assert.match(send.attributes["messaging.destination.partition.id"], /^\d+$/);
  hasAttributes(batch, { "messaging.system": system, "messaging.operation.type": "process", "messaging.batch.message_count": 1 });
  hasAttributes(store, db);
  hasAttributes(announce, { "messaging.destination.name": `${prefix}MessageSentEvent` });
  return { request, send, batch, store, announce, receive };
}

const ROCKSDB = { system: "message_service", write: "write rocksdb",
  db: { "db.system.name": "rocksdb", "db.operation.name": "write" } };
const named6 = (all, traceId) => all.filter((span) => span.traceId === traceId).length >= 6;

for (const [title, start] of [["the OpenTelemetry Collector's receiver", startCollector], ["OpenTelemetry's definitions", startReceiver]]) {
  test(`a message is one trace from its POST to ReceiveMessage: ${title}`, { timeout: 600_000 }, async (t) => {
    const receiver = await start(t);
    if (!receiver) return t.skip("there is no Go that builds it");
    const service = await startService(t, { conversations: ["conv-123"],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint.replace("/v1/traces", ""), OTEL_SERVICE_NAME: "chat-of-a-test",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=a%20test" } });
    const hub = await connectHub(t, service);
    await hub.join("conv-123");

    const caller = newCaller();
    const answer = await postMessage(service, {}, { headers: { traceparent: caller.traceparent, "X-Correlation-ID": "corr-1" } });
    assert.equal(answer.status, 202);
    await hub.receivedUpTo(1);
    const all = await receiver.spans((spans) => named6(spans, caller.traceId));
    const { request, send, receive } = checkTrace(all, caller.traceId, caller.spanId, ROCKSDB);
    assert.equal(send.attributes["messaging.message.conversation_id"], "corr-1");
    assert.equal(receive.attributes["messaging.message.id"], hub.received[0].id);
    assert.equal(request.resource["deployment.environment.name"], "a test");

    // Without a caller's trace the service begins one; through the hub too.
    await postMessage(service);
    await hub.receivedUpTo(2);
    const begun = await receiver.spans((spans) => named(spans, RECEIVE).length === 2);
    const root = named(begun, POST).find((span) => span.traceId !== caller.traceId);
    await receiver.spans((spans) => named6(spans, root.traceId));
    checkTrace(receiver.all, root.traceId, NONE, ROCKSDB);
    await hub.send("conv-123", { senderId: "parent-001", senderType: "Parent", content: "by the hub" });
    await hub.receivedUpTo(3);
    await receiver.spans((spans) => named(spans, RECEIVE).length === 3);
    const call = only(receiver.all, "SendMessage");
    assert.ok(named(receiver.all, SEND).some((span) => span.parentSpanId === call.spanId && span.traceId === call.traceId));
  });
}

suite("what is traced", () => {
  test("a batch links the sampled messages, and only these; the flag is passed on", async (t) => {
    const receiver = await startReceiver(t);
    const service = await startService(t, { conversations: ["conv-123"], settings: { "Tracing:Endpoint": receiver.endpoint,
      "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 2000 } });
    const callers = ["01", "00", "01", "00", "01"].map(newCaller);
    for (const { traceparent } of callers) await postMessage(service, {}, { headers: { traceparent } });
    await receiver.spans((spans) => named(spans, PROCESS).length === 1 && named(spans, ANNOUNCE).length === 3);
    const batch = only(receiver.all, PROCESS);
    const sampled = [callers[0], callers[2], callers[4]].map(({ traceId }) => traceId);
    assert.deepEqual(batch.links.map(({ traceId }) => traceId), sampled);
    assert.equal(batch.parentSpanId, NONE);
    assert.ok(!sampled.includes(batch.traceId), "a batch of several begins a trace");
    hasAttributes(batch, { "messaging.batch.message_count": 5 });
    hasAttributes(only(receiver.all, "write rocksdb"), { "db.operation.batch.size": 5 });
    assert.deepEqual(new Set(receiver.all.map(({ traceId }) => traceId)), new Set([...sampled, batch.traceId]));
    const { stdout } = await runVerb(["tail", "requested", "--from-beginning", "--json", "--once",
      `--Providers:DataDirectory=${service.dataDirectory}`]);
    for (const { traceId, spanId, traceparent } of [callers[1], callers[3]]) {
      assert.ok(stdout.includes(traceparent), `${traceId}-${spanId}: as it came`);
    }
    for (const { traceId } of [callers[0], callers[2]]) {
      const send = receiver.all.find((span) => span.traceId === traceId && span.name === SEND);
      assert.ok(stdout.includes(`00-${traceId}-${send.spanId}-01`), "the record names the append");
    }
  });

  test("a repeated message has a request and no second append", async (t) => {
    const receiver = await startReceiver(t);
    const service = await startService(t, { conversations: ["conv-123"], settings: { "Tracing:Endpoint": receiver.endpoint } });
    const headers = { "Idempotency-Key": "one" };
    await postMessage(service, {}, { headers });
    await postMessage(service, {}, { headers });
    await receiver.spans((spans) => named(spans, POST).length === 2 && named(spans, ANNOUNCE).length === 1);
    await sleep(1500);
    await receiver.update();
    assert.equal(named(receiver.all, SEND).length, 1);
  });

  test("samplers: a share of the traces, none, and off", async (t) => {
    const receiver = await startReceiver(t);
    const settings = { "Tracing:Endpoint": receiver.endpoint };
    const service = await startService(t, { conversations: ["conv-123"], settings: { ...settings,
      "Tracing:Sampler": "parentbased_traceidratio", "Tracing:SamplerRatio": "0.5" } });
    const sentOf = async (count) => {
      for (let n = 0; n < count; n += 1) assert.equal((await postMessage(service)).status, 202);
      await service.stop(); // sends what waits
      await receiver.update();
      return named(receiver.all, POST).length;
    };
    const half = await sentOf(200);
    assert.ok(half > 60 && half < 140, `${half} of 200`);
    await service.start({ ...settings, "Tracing:Sampler": "always_off" });
    assert.equal(await sentOf(5), half);
    await service.start({ ...settings, "Tracing:Disabled": "true" });
    assert.equal(await sentOf(5), half);
  });

  test("a failed request says so, and headers go to the collector", async (t) => {
    const receiver = await startReceiver(t);
    const service = await startService(t, { conversations: ["conv-123"], 
      env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.endpoint, OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc" } });
    const answer = await postMessage(service, {}, { conversationId: "unknown" });
    assert.equal(answer.status, 404);
    const [request] = await receiver.spans((spans) => named(spans, POST).length === 1);
    assert.equal(request.attributes["http.response.status_code"], 404);
    assert.equal(request.failed, false, "the caller's mistake is no failure of the server");
    assert.equal(answer.json.traceId, request.traceId);
    assert.equal(receiver.requests[0].headers.authorization, "Bearer abc");
    assert.equal(receiver.requests[0].headers["content-type"], "application/x-protobuf");
  });
});

suite("a collector that is slow, refuses, or is away", () => {
  const faults = {
    slow: async (receiver) => { receiver.delayMs = 20_000; },
    refusing: async (receiver) => { receiver.status = 500; },
    overloaded: async (receiver) => { receiver.status = 503; },
    away: (receiver) => receiver.stop(),
  };
  for (const [fault, cause] of Object.entries(faults)) {
    test(`${fault}: requests are not slowed, and what is lost is counted`, { timeout: 120_000 }, async (t) => {
      const receiver = await startReceiver(t);
      await cause(receiver);
      const service = await startService(t, { conversations: ["conv-123"],
        settings: { "Tracing:Endpoint": receiver.endpoint, "Tracing:QueueSpans": 200, "Shutdown:TimeoutMs": 3000 } });
      let slowest = 0;
      for (let n = 0; n < 600; n += 1) {
        const started = performance.now();
        assert.equal((await postMessage(service)).status, 202);
        slowest = Math.max(slowest, performance.now() - started);
      }
      assert.ok(slowest < 2000, `the slowest answer took ${slowest} ms`);
      const lost = (outcome) => metric(service, "trace_spans_total", `outcome="${outcome}"`);
      // At most the queue and the batch that is being sent are neither dropped nor given up.
      await until("lost spans to be counted", async () => await lost("dropped") + await lost("failed") > 600 * 3 - 200 - 512);
      assert.equal(await lost("exported"), 0);
      const started = performance.now();
      await service.stop();
      assert.ok(performance.now() - started < 6000, "the service stops in its time");
    });
  }

  test("what waits for a collector that does not answer is bounded", { timeout: 180_000 }, async (t) => {
    const receiver = await startReceiver(t);
    receiver.delayMs = 60_000;
    const count = 6000; // of messages: three spans each, more than the queue takes
    const grownBy = async (settings) => {
      const service = await startService(t, { conversations: ["conv-123"], settings: { "Shutdown:TimeoutMs": 3000, ...settings } });
      await postMessage(service);
      const before = memoryOf(await readFile(`/proc/${service.pid}/status`, "utf8")).rssBytes;
      let left = count;
      await Promise.all(Array.from({ length: 16 }, async () => {
        while ((left -= 1) >= 0) assert.equal((await postMessage(service)).status, 202);
      }));
      const after = memoryOf(await readFile(`/proc/${service.pid}/status`, "utf8")).rssBytes;
      const dropped = await metric(service, "trace_spans_total", 'outcome="dropped"');
      await service.stop();
      return { bytes: after - before, dropped };
    };
    const control = await grownBy({});
    const traced = await grownBy({ "Tracing:Endpoint": receiver.endpoint });
    const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
    t.diagnostic(`without traces ${mib(control.bytes)} MiB more, with ${mib(traced.bytes)}, ${traced.dropped} spans dropped`);
    assert.ok(traced.dropped > count * 3 - 8192 - 512 - 1, `${traced.dropped}`);
    assert.ok(traced.bytes - control.bytes < 24 * 2 ** 20, `${mib(traced.bytes)} MiB`);
  });

  test("spans come again when the collector does", { timeout: 120_000 }, async (t) => {
    const receiver = await startReceiver(t);
    const { port } = receiver;
    await receiver.stop();
    const service = await startService(t, { conversations: ["conv-123"], settings: { "Tracing:Endpoint": receiver.endpoint } });
    await postMessage(service);
    await service.logged(/Traces cannot be sent now and will be tried again: .*/);
    await receiver.start(port);
    await receiver.spans((spans) => named(spans, ANNOUNCE).length === 1);
    assert.equal(await metric(service, "trace_spans_total", 'outcome="dropped"'), 0);
  });
});

test("two nodes, Kafka and MongoDB: one trace id from the POST to ReceiveMessage", { timeout: 300_000 }, async (t) => {
  const collector = (await startCollector(t)) ?? (await startReceiver(t));
  const cluster = await startCluster(t);
  const settings = cluster.settings({ "Tracing:Endpoint": collector.endpoint, "Tracing:ServiceName": "chat-of-a-test" });
  const [front, back] = await Promise.all([
    startService(t, { settings, roles: "api", conversations: ["conv-123"] }),
    startService(t, { settings, roles: "persister,hub" }),
  ]);
  const hub = await connectHub(t, back);
  await hub.join("conv-123");
  const caller = newCaller();
  await postMessage(front, {}, { headers: { traceparent: caller.traceparent } });
  await until("the message", () => hub.received.length === 1);
  await collector.spans((spans) => named6(spans, caller.traceId));
  const { request, receive, batch } = checkTrace(collector.all, caller.traceId, caller.spanId, {
    system: "kafka", prefix: cluster.topicPrefix, write: "insert messages",
    db: { "db.system.name": "mongodb", "db.namespace": cluster.database, "db.collection.name": "messages", "db.operation.name": "insert" },
  });
  assert.notEqual(request.resource["service.instance.id"], receive.resource["service.instance.id"]);
  assert.equal(batch.attributes["messaging.consumer.group.name"], settings["KafkaSettings:GroupId"]);
});
