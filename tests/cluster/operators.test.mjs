// What operators ask on the real stack: lag while nobody stores and after, doctor with and without its servers, tail.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { before, describe as suite, test } from "node:test";
import { groupLag, groupLagIsGone, lagIsGone, startCluster } from "../support/cluster.mjs";
import { WAIT_MS, binary, runVerb, sharedScope, startService, until, within } from "../support/service.mjs";
import { request } from "../support/traffic.mjs";

const waiting = 30;
const verbMs = 40_000;
const password = "not-to-be-shown";

suite("operators' verbs on Kafka and MongoDB", () => {
  const scope = sharedScope();
  let cluster;
  let service;
  before(async () => {
    cluster = await startCluster(scope);
    const conversations = Array.from({ length: 6 }, (_, i) => `conv-${i}`);
    service = await startService(scope, { settings: cluster.settings(), conversations, roles: "api,hub" });
  });

  const flags = (more = {}) => Object.entries(cluster.settings(more)).map(([key, value]) => `--${key}=${value}`);
  const verb = (...args) => runVerb(args, { timeoutMs: verbMs });
  const post = async (content, conversation = "conv-0") => {
    const { status } = await request(`${service.url}/api/conversations/${conversation}/messages`, {
      method: "POST", body: { senderId: "p", senderType: "Parent", content } });
    assert.equal(status, 202);
  };
  const lag = () => groupLag(cluster);
  const doctor = async (more) => {
    const { code, stdout } = await verb("doctor", "--json", ...flags({ "Limits:Connections": 200, ...more }));
    assert.ok(!stdout.includes(password), stdout);
    const { well, findings } = JSON.parse(stdout);
    assert.equal(code, well ? 0 : 1);
    for (const finding of findings) assert.equal(finding.advice === "", finding.verdict === "ok", finding.text);
    const wrong = findings.filter(({ verdict }) => verdict === "wrong");
    return { well, findings, wrong: [...new Set(wrong.map(({ area }) => area))] };
  };

  test("lag: what is posted while no persister runs, and 0 when one has stored it", async (t) => {
    for (let i = 0; i < waiting; i += 1) await post(`waiting ${i}`, `conv-${i % 6}`);
    const held = await lag();
    assert.equal(held.partitions.length, 6);
    assert.equal(held.total.lag, waiting);
    assert.equal(held.total.end, waiting);
    assert.equal(held.total.secondsToZero, null);
    assert.equal(held.partitions.reduce((sum, { lag: own }) => sum + own, 0), waiting);

    const persister = await startService(t, { settings: cluster.settings(), conversations: [], roles: "persister" });
    await lagIsGone([persister]);
    await groupLagIsGone(cluster);
    const done = await lag();
    assert.equal(done.total.committed, waiting);
    assert.equal(done.total.secondsToZero, 0);
    const { stdout } = await verb("lag", "--interval", "0.2", ...flags());
    assert.match(stdout, /^partition +committed +end +lag/);
    assert.match(stdout, /^total +30 +30 +0 .*now$/m);
  });

  test("doctor: all well, and no password is shown", async () => {
    const { well, findings } = await doctor({ "KafkaSettings:Client:sasl.password": password });
    assert.ok(well, JSON.stringify(findings));
    for (const text of [/^1 broker: .*librdkafka/, /SendMessageRequestedEvent: 1 replicas, 1 in sync/, /^version \d.*replica set/]) {
      assert.ok(findings.some((finding) => text.test(finding.text)), `${text} in ${JSON.stringify(findings)}`);
    }
  });

  test("tail: a message that is posted, with partition and offset, until Ctrl-C", async (t) => {
    const tail = spawn(binary, ["tail", "requested", ...flags()], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => tail.kill("SIGKILL"));
    let seen = "";
    tail.stdout.setEncoding("utf8").on("data", (text) => (seen += text));
    const ended = new Promise((done) => tail.once("exit", (code, signal) => done({ code, signal })));
    // Only what comes after it has begun is shown: asked until then.
    await until("the tail to show a post", async () => {
      await post("seen by tail");
      return /^\d\/\d+ {2}\{.*"content":"seen by tail"/m.test(seen);
    }, WAIT_MS, 300);
    tail.kill("SIGINT");
    assert.deepEqual(await within("the end of tail", ended), { code: 0, signal: null });

    const { code, stdout } = await verb("tail", "--json", "--from-beginning", "--once", ...flags());
    assert.equal(code, 0);
    const records = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.ok(records.length > waiting);
    assert.ok(records.every(({ partition, offset, key }) => partition < 6 && offset >= 0 && key.startsWith("conv-")));
    assert.ok(records.some(({ value }) => JSON.parse(value).content === "waiting 0"));
  });

  test("doctor: a MongoDB that is down is said, and Kafka is looked at all the same", async () => {
    await cluster.mongodb.stop();
    const begin = performance.now();
    const { wrong, findings } = await doctor();
    assert.deepEqual(wrong, ["mongodb"]);
    assert.ok(findings.some(({ text }) => text.startsWith("1 broker")));
    assert.ok(performance.now() - begin < 20_000);
    const elsewhere = `mongodb://user:${password}@127.0.0.1:1/?replicaSet=rs0`;
    assert.deepEqual((await doctor({ "MongoDbSettings:ConnectionString": elsewhere })).wrong, ["mongodb"]);
    await cluster.mongodb.start();
  });

  test("doctor: a Kafka that is down is said, and MongoDB is looked at all the same", async () => {
    await cluster.kafka.stop();
    const begin = performance.now();
    const { wrong, findings } = await doctor();
    assert.deepEqual(wrong, ["kafka"]);
    assert.ok(findings.some(({ area, verdict }) => area === "mongodb" && verdict === "ok"));
    assert.ok(performance.now() - begin < 20_000);
    for (const name of ["lag", "tail"]) {
      const { code, stderr } = await verb(name, ...flags());
      assert.equal(code, 1);
      assert.match(stderr, /no Kafka broker answers/);
    }
  });
});
