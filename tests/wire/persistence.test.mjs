// When messages are written, what the service says while it does so, and the verbs around it.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { get, history, messagesOf, postMessage } from "../support/http.mjs";
import { connectHub } from "../support/hub.mjs";
import { runVerb, sleep, startService, temporaryFolder, until } from "../support/service.mjs";

const stored = async (service) => (await history(service)).length;
const flushed = (service, reason, count) => until(`${count} batches written, by ${reason}`, async () =>
  new RegExp(`message_service_batch_flush_total\\{reason="${reason}"\\} ${count}\\n`).test((await get(service, "/metrics")).text));
const burst = (service, count) => Promise.all(Array.from({ length: count }, (_, n) => postMessage(service, { content: `number ${n}` })));

/** Every file below a folder with its content, to see that nothing was touched. */
function snapshot(folder) {
  const files = {};
  for (const name of readdirSync(folder, { recursive: true }).sort()) {
    const path = join(folder, name);
    files[name] = statSync(path).isFile() ? readFileSync(path).toString("base64") : "folder";
  }
  return files;
}

describe("flushes", () => {
  test("a burst of 7 is written when the oldest is FlushIntervalMs old, and waits for no eighth", async (t) => {
    const service = await startService(t, { settings: {
      "MessagePersistence:BatchSize": 50, "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 1_000 } });
    const started = performance.now();
    await burst(service, 7);
    const sent = performance.now();
    while (performance.now() - started < 700) {
      const seen = await stored(service);
      if (performance.now() - started < 900) assert.equal(seen, 0, "not before its time");
      await sleep(30);
    }
    await until("all stored", async () => (await stored(service)) === 7);
    const took = performance.now() - sent;
    t.diagnostic(`stored ${took.toFixed(0)} ms after the burst`);
    assert.ok(took < 1_600, `${took} ms`);
    await flushed(service, "interval", "1");
  });

  test("a full batch is written at once", async (t) => {
    const service = await startService(t, { settings: {
      "MessagePersistence:BatchSize": 10, "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 600_000 } });
    await burst(service, 9);
    await sleep(300);
    assert.equal(await stored(service), 0);
    await burst(service, 1);
    await until("all stored", async () => (await stored(service)) === 10);
    await flushed(service, "size", "1");
  });

  test("an idle log is written at once by default", async (t) => {
    const service = await startService(t, { settings: { "MessagePersistence:FlushIntervalMs": 600_000 } });
    await burst(service, 7);
    await until("all stored", async () => (await stored(service)) === 7);
    await flushed(service, "idle", "[1-7]");
  });

  test("what waits is Pending, survives a stop, and is written by it", async (t) => {
    const service = await startService(t, { settings: {
      "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 600_000 } });
    const { headers } = await postMessage(service);
    const answer = await get(service, headers.get("location"));
    assert.equal(answer.status, 202);
    assert.deepEqual(answer.json, { status: "Pending" });
    assert.deepEqual(await service.stop(), { code: 0, signal: null });
    await service.start();
    await until("stored", async () => (await get(service, headers.get("location"))).status === 200);
  });

  test("Synchronous answers 201 with the stored message and where it is", async (t) => {
    const service = await startService(t, { settings: { "MessagePersistence:Mode": "Synchronous" } });
    const client = await connectHub(t, service);
    await client.join("conv-123");
    const { status, headers, json } = await postMessage(service, { temporaryMessageId: "sync-1" });
    assert.equal(status, 201);
    assert.match(json.id, /^[0-9a-f]{24}$/);
    assert.equal(json.sequence, 1);
    assert.equal(headers.get("location"), `${messagesOf("conv-123")}/${json.id}`);
    assert.deepEqual((await get(service, headers.get("location"))).json, json);
    assert.equal(await stored(service), 1);
    await client.receivedUpTo(1);
    assert.deepEqual(client.received, [json]);
  });
});

describe("log lines", () => {
  const lines = (temporaryId, storeName = "[^\\n\"]+") => [
    `📤 Published SendMessageRequestedEvent: TempId=${temporaryId}, ConversationId=conv-123`,
    `📥 Received SendMessageRequestedEvent: TempId=${temporaryId}`,
    `🔥 Flushing batch: 1 messages to ${storeName}`,
    `✅ Batch flush completed: 1 messages in \\d+(?:\\.\\d+)?ms \\(avg: \\d+(?:\\.\\d+)?ms/message\\)`,
    `💾 Message persisted: TempId=${temporaryId} → MongoId=[0-9a-f]{24}`,
    `📤 Published MessageSentEvent: MessageId=[0-9a-f]{24}`,
  ];
  const perBatch = /🔥|✅/;

  test("as text at Debug: all six", async (t) => {
    const service = await startService(t, { settings: { "Logging:Level": "Debug" } });
    const { json } = await postMessage(service);
    for (const line of lines(json.id)) await service.logged(new RegExp(`${line}\\n`, "u"));
  });

  test("as JSON at Debug: all six, one object a line, with the message's correlation and trace ids", async (t) => {
    const service = await startService(t, { settings: { "Logging:Level": "Debug", "Logging:Format": "Json" } });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const { json } = await postMessage(service, { temporaryMessageId: 'odd " id' }, {
      headers: { "X-Correlation-ID": "corr-7", traceparent: `00-${traceId}-b7ad6b7169203331-01` } });
    const wholeLines = () => service.output.split("\n").slice(0, -1).filter((line) => !line.startsWith("Now listening on: "));
    const parsed = (line) => assert.doesNotThrow(() => JSON.parse(line), `no JSON: ${line}`) ?? JSON.parse(line);
    const objects = () => wholeLines().map(parsed);
    for (const line of lines('odd " id')) {
      const found = await until(line, () => objects().find(({ message }) => new RegExp(`^${line}$`, "u").test(message)));
      assert.match(found.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, JSON.stringify(found));
      assert.equal(found.level, perBatch.test(line) ? "Information" : "Debug", JSON.stringify(found));
      if (perBatch.test(line)) continue;
      assert.equal(found.correlationId, "corr-7", JSON.stringify(found));
      assert.equal(found.traceId, traceId, JSON.stringify(found));
    }
    assert.equal(json.correlationId, "corr-7");
    objects(); // each line that came since is one too
  });

  test("by default only those of batches, and never what people wrote", async (t) => {
    const service = await startService(t);
    const { json } = await postMessage(service, { content: "between us two" });
    await service.logged(/✅ Batch flush completed: 1 messages/u);
    assert.ok(!service.output.includes(json.id));
    assert.ok(!service.output.includes("between us two"));
    await service.restart({ "Logging:Level": "Trace" });
    await postMessage(service, { content: "between us two" });
    await service.logged(/✅ Batch flush completed: 1 messages/u);
    assert.ok(!service.output.includes("between us two"));
  });
});

describe("what stops a start", () => {
  test("mistakes in flags, environment and file: exit code 2, all named at once", async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "appsettings.json"), JSON.stringify({
      Providers: { EventLog: "Kafak" }, MessagePersistence: { BatchSize: "many", FlushIntervalMS: 5, MaxBatchSiz: 9 }, Loging: { Level: "Debug" } }));
    for (const verb of [["serve"], ["config", "check"]]) {
      const { code, stdout, stderr } = await runVerb([...verb, "--Limits:BodyBytes=x", "--Nonsense:Key=1"], {
        cwd: folder, env: { Hub__KeepAliveIntervalMs: "-1" } });
      assert.equal(code, 2, stderr);
      const text = stdout + stderr;
      for (const part of ["Providers:EventLog", "Kafak", "MessagePersistence:BatchSize", "many", "MaxBatchSiz", "MessagePersistence:MaxBatchSize",
        "Loging:Level", "Limits:BodyBytes", "Nonsense:Key", "Hub:KeepAliveIntervalMs", "appsettings.json"]) {
        assert.ok(text.includes(part), `${part} in:\n${text}`);
      }
      assert.deepEqual(readdirSync(folder), ["appsettings.json"], "nothing was made");
    }
  });

  for (const [name, content] of [["no JSON", "{"], ["a list", "[]"], ["a value where a section belongs", '{"Providers":5}']]) {
    test(`a configuration file that is ${name}: exit code 2`, async (t) => {
      const folder = temporaryFolder(t);
      writeFileSync(join(folder, "mine.json"), content);
      const { code, stderr } = await runVerb(["serve", "--config", "mine.json"], { cwd: folder });
      assert.equal(code, 2);
      assert.match(stderr, /mine\.json/);
    });
  }

  test("wrong usage: exit code 2", async (t) => {
    const cwd = temporaryFolder(t);
    for (const args of [[], ["no-such-verb"], ["tail", "nothing"], ["serve", "--config", "not-there.json"], ["serve", "stray"], ["serve", "--roles", "api,cook"]]) {
      const { code, stderr, stdout } = await runVerb(args, { cwd });
      assert.equal(code, 2, `${args.join(" ")}: ${code} ${stderr}`);
      assert.notEqual(stderr + stdout, "");
    }
  });

  test("a folder that belongs to somebody else: exit code 2, nothing touched", async (t) => {
    const folder = temporaryFolder(t);
    const foreign = join(folder, "photos");
    mkdirSync(foreign);
    writeFileSync(join(foreign, "holiday.jpg"), "not yours");
    const before = snapshot(folder);
    const { code, stderr } = await runVerb(["serve", "--Urls=http://127.0.0.1:0", `--Providers:DataDirectory=${foreign}`], { cwd: folder });
    assert.equal(code, 2, stderr);
    assert.ok(stderr.includes("photos"), stderr);
    assert.deepEqual(snapshot(folder), before);
  });

  test("a folder in a format from the future: exit code 2, nothing touched", async (t) => {
    const service = await startService(t);
    await postMessage(service);
    await service.stop();
    writeFileSync(join(service.dataDirectory, "FORMAT"), "message-service 999999\n");
    const before = snapshot(service.dataDirectory);
    const { code, stderr } = await runVerb(service.arguments, { cwd: service.dataDirectory });
    assert.equal(code, 2, stderr);
    assert.deepEqual(snapshot(service.dataDirectory), before);
  });

  test("a folder that another process holds: exit code 2, and that one does not notice", async (t) => {
    const service = await startService(t);
    await postMessage(service);
    const { code, stderr } = await runVerb(["serve", "--Urls=http://127.0.0.1:0", `--Providers:DataDirectory=${service.dataDirectory}`]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, new RegExp(`\\b${service.pid}\\b`), "names who holds it");
    assert.equal((await postMessage(service)).status, 202);
    await until("stored", async () => (await stored(service)) === 2);
  });

  test("a port that another process holds: an error that names it", async (t) => {
    const service = await startService(t);
    const folder = temporaryFolder(t);
    const { code, stderr } = await runVerb(["serve", `--Urls=${service.url}`, `--Providers:DataDirectory=${join(folder, "data")}`]);
    assert.ok([1, 2].includes(code), `${code} ${stderr}`);
    assert.match(stderr, new RegExp(String(service.port)));
    assert.equal((await postMessage(service)).status, 202);
  });
});

describe("verbs", () => {
  test("tail: what was asked for and what was sent, while the service runs", async (t) => {
    const service = await startService(t);
    const temporaryIds = [];
    for (let n = 0; n < 3; n++) temporaryIds.push((await postMessage(service, { content: `number ${n}` }, { headers: { "X-Correlation-ID": `c${n}` } })).json.id);
    await until("stored", async () => (await stored(service)) === 3);
    const messages = await history(service);
    const tail = async (topic, ...flags) => {
      const { code, stdout, stderr } = await runVerb(["tail", topic, "--once", "--from-beginning", `--Providers:DataDirectory=${service.dataDirectory}`, ...flags]);
      assert.equal(code, 0, stderr);
      return stdout.split("\n").filter(Boolean);
    };
    const events = async (topic) => (await tail(topic, "--json")).map((line) => {
      const outer = JSON.parse(line);
      assert.equal(outer.key, "conv-123");
      return JSON.parse(outer.value);
    });

    const requested = await events("requested");
    assert.deepEqual(requested.map(({ temporaryMessageId }) => temporaryMessageId), temporaryIds);
    for (const [n, event] of requested.entries()) {
      assert.equal(event.eventType, "SendMessageRequestedEvent");
      for (const field of ["conversationId", "senderId", "senderType", "content"]) assert.equal(event[field], messages[n][field], field);
      assert.equal(event.requestedAt, messages[n].sentAt);
      assert.equal(event.correlationId, `c${n}`);
    }
    const sent = await until("the events", async () => {
      const now = await events("sent");
      return now.length === 3 && now;
    });
    for (const [n, event] of sent.entries()) {
      assert.equal(event.eventType, "MessageSentEvent");
      assert.deepEqual(event.messageData, messages[n]);
      assert.equal(event.messageId, messages[n].id);
      for (const field of ["conversationId", "temporaryMessageId", "sequence", "correlationId"]) assert.equal(event[field], messages[n][field], field);
    }
    assert.equal((await tail("requested")).length, 3, "for people, too");
    assert.deepEqual(await tail("dead"), []);
  });

  test("tail of a folder that is not there says so", async (t) => {
    const folder = temporaryFolder(t);
    const { code, stderr } = await runVerb(["tail", "--once", `--Providers:DataDirectory=${join(folder, "nothing")}`]);
    assert.ok([1, 2].includes(code));
    assert.match(stderr, /nothing/);
    assert.deepEqual(readdirSync(folder), [], "and makes none");
  });

  test("conversations create", async (t) => {
    const service = await startService(t);
    const create = (...flags) => runVerb(["conversations", "create", "--url", service.url, ...flags]);
    const args = ["--id", "class 7/b", "--title", "Class 7b", "--participant", "p-1:Parent", "--participant", "t-1:Teacher"];
    const made = await create(...args, "--json");
    assert.equal(made.code, 0, made.stderr);
    assert.equal(JSON.parse(made.stdout).id, "class 7/b");
    assert.deepEqual((await get(service, `/api/conversations/${encodeURIComponent("class 7/b")}`)).json.participants,
      [{ id: "p-1", type: "Parent" }, { id: "t-1", type: "Teacher" }]);
    assert.equal((await create(...args)).code, 0, "the same again does no harm");
    const other = await create("--id", "class 7/b", "--title", "Another");
    assert.equal(other.code, 1);
    assert.notEqual(other.stderr, "");
    assert.notEqual((await create("--participant", "nobody:Astronaut")).code, 0);
    const { port } = service;
    await service.stop();
    const unreachable = await create("--id", "x");
    assert.equal(unreachable.code, 1);
    assert.match(unreachable.stderr, new RegExp(String(port)));
  });

  test("version", async () => {
    const { code, stdout } = await runVerb(["version"]);
    assert.equal(code, 0);
    assert.match(stdout, /^message-service \d+\.\d+\.\d+/);
  });

  test("config print: every key with its value and where it came from; later sources win", async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "appsettings.json"), JSON.stringify({ MessagePersistence: { BatchSize: 10, MaxBatchSize: 20, FlushIntervalMs: 30 } }));
    const { code, stdout, stderr } = await runVerb(["config", "print", "--json", "--MessagePersistence:FlushIntervalMs=33"], {
      cwd: folder, env: { MessagePersistence__MaxBatchSize: "22", MessagePersistence__FlushIntervalMs: "31" } });
    assert.equal(code, 0, stderr);
    const { options, mistakes } = JSON.parse(stdout);
    assert.deepEqual(mistakes, []);
    const of = Object.fromEntries(options.map((option) => [option.key, option]));
    assert.equal(of["MessagePersistence:BatchSize"].value, "10");
    assert.match(of["MessagePersistence:BatchSize"].origin, /appsettings\.json/);
    assert.equal(of["MessagePersistence:MaxBatchSize"].value, "22");
    assert.equal(of["MessagePersistence:FlushIntervalMs"].value, "33");
    assert.equal(of["Urls"].origin, "default");
    assert.equal(new Set([of["MessagePersistence:BatchSize"], of["MessagePersistence:MaxBatchSize"], of["MessagePersistence:FlushIntervalMs"], of["Urls"]].map(({ origin }) => origin)).size, 4);
    for (const option of options) assert.ok(option.help.length > 0, option.key);
    const table = await runVerb(["config", "print"], { cwd: folder });
    for (const { key } of options) assert.ok(table.stdout.includes(key), key);
  });

  test("config print shows no password", async (t) => {
    const cwd = temporaryFolder(t);
    const flag = "--MongoDbSettings:ConnectionString=mongodb://app:s3cret@db.example/?authSource=admin";
    for (const args of [["config", "print", flag], ["config", "print", "--json", flag], ["config", "print", "--KafkaSettings:Client:sasl.password=s3cret"]]) {
      const { code, stdout, stderr } = await runVerb(args, { cwd });
      assert.equal(code, 0, stderr);
      assert.ok(!(stdout + stderr).includes("s3cret"), args.join(" "));
    }
  });

  test("config check", async (t) => {
    const cwd = temporaryFolder(t);
    assert.equal((await runVerb(["config", "check"], { cwd })).code, 0);
    const { code, stdout, stderr } = await runVerb(["config", "check", "--Limits:BodyBytes=1"], { cwd });
    assert.equal(code, 2);
    assert.match(stdout + stderr, /Limits:BodyBytes.*256 to 67108864/);
  });
});
