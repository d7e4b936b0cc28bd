// A Kafka and a MongoDB that take TLS only. What is set for their clients passes through; where it is wrong a start that
// needs them fails in bounded time, and says why.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { makeAuthority } from "../support/certificates.mjs";
import { startCluster } from "../support/cluster.mjs";
import { get, history, postMessage } from "../support/http.mjs";
import { connectHub } from "../support/hub.mjs";
import { runVerb, sharedScope, startService, temporaryFolder } from "../support/service.mjs";

const scope = sharedScope();
const folder = temporaryFolder(scope);
const file = (name) => join(folder, name);
let cluster;
let trusted;
let stranger;
before(async () => {
  const authority = makeAuthority(folder, "authority");
  [trusted, stranger] = [authority, makeAuthority(folder, "stranger")].map(({ certificate }) => certificate);
  const { certificate, key } = authority.sign("broker-and-mongod", "IP:127.0.0.1");
  writeFileSync(file("server.pem"), readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
  copyFileSync(trusted, file("ca.pem"));
  cluster = await startCluster(scope, { tls: folder });
});

const kafkaTls = (authority) => ({ "KafkaSettings:Client:security.protocol": "ssl", "KafkaSettings:Client:ssl.ca.location": authority });
const mongoTls = (authority) => `&tls=true&tlsCAFile=${encodeURIComponent(authority)}`;

const flagsOf = (all) => Object.entries(all).map(([key, value]) => `--${key}=${value}`);
const END_MS = 90_000; // above the patience with each server in turn

/** Settings of a node on topics and a database of its own. `kafka` and `mongodb` replace what is right. */
function settings({ kafka = kafkaTls(trusted), mongodb = mongoTls(trusted), ofKafka = String, ofMongoDb = String } = {}) {
  const all = cluster.anew().settings(kafka);
  all["KafkaSettings:BootstrapServers"] = ofKafka(all["KafkaSettings:BootstrapServers"]);
  all["MongoDbSettings:ConnectionString"] = ofMongoDb(all["MongoDbSettings:ConnectionString"]) + mongodb;
  return all;
}

test("a message is accepted, stored and received, and the operators' verbs reach both servers", async (t) => {
  const own = settings();
  const service = await startService(t, { settings: own });
  const client = await connectHub(t, service);
  await client.join("conv-123", 0);
  const posted = await postMessage(service, { content: "by TLS" });
  assert.equal(posted.status, 202);
  await client.receivedUpTo(1);
  assert.deepEqual(client.received, await history(service));
  assert.equal(client.received[0].temporaryMessageId, posted.json.id);
  assert.equal((await get(service, "/health/ready")).status, 200);

  const flags = flagsOf({ "Limits:Connections": 200, ...own });
  const doctor = await runVerb(["doctor", ...flags]);
  assert.equal(doctor.code, 0, doctor.stdout);
  const lag = await runVerb(["lag", "--json", "--interval", "0.2", ...flags]);
  assert.equal(JSON.parse(lag.stdout).total.end, 1);
});

const byName = (address) => address.replaceAll("127.0.0.1", "localhost");
const noKafka = /^message-service cannot start: no Kafka broker answers at /m;
const noMongoDb = /^message-service cannot start: MongoDB could not answer hello: /m;
const noStart = {
  "Kafka's certificate is by an authority that is not trusted": [
    () => ({ kafka: kafkaTls(stranger) }), noKafka, /SSL handshake failed: .*certificate verify failed/],
  "Kafka's certificate does not name the host": [
    () => ({ ofKafka: byName }), noKafka, /ssl:\/\/localhost.*SSL handshake failed: .*certificate verify failed/],
  "Kafka is spoken to without TLS": [
    () => ({ kafka: {} }), noKafka],
  "MongoDB's certificate is by an authority that is not trusted": [
    () => ({ mongodb: mongoTls(stranger) }), noMongoDb, /TLS handshake failed: certificate verify failed/],
  "MongoDB's certificate does not name the host": [
    () => ({ ofMongoDb: byName }), noMongoDb, /TLS handshake failed: certificate verify failed/],
  "MongoDB is spoken to without TLS": [
    () => ({ mongodb: "" }), noMongoDb],
};

describe("a start that needs both ends with the reason where", { concurrency: 3 }, () => {
  for (const [what, [wrong, ...texts]] of Object.entries(noStart)) {
    test(what, async (t) => {
      const all = { Urls: "http://127.0.0.1:0", "Providers:DataDirectory": temporaryFolder(t), "Demo:Conversations": "conv-123" };
      Object.assign(all, settings(wrong()));
      const { code, stdout, stderr } = await runVerb(["serve", ...flagsOf(all)], { timeoutMs: END_MS });
      assert.equal(code, 1, stdout + stderr);
      for (const text of texts) assert.match(stdout + stderr, text);
    });
  }
});

test("a start that asks MongoDB nothing runs, as where MongoDB is down, and the log says why", async (t) => {
  const service = await startService(t, { conversations: [], settings: settings({ mongodb: mongoTls(stranger) }) });
  assert.match((await get(service, "/health/ready")).text, /^store: MongoDB takes no writes now$/m);
  await service.logged(/WARN .*TLS handshake failed: certificate verify failed/);
});

test("doctor names both servers where their authority is not trusted", async () => {
  const wrong = settings({ kafka: kafkaTls(stranger), mongodb: mongoTls(stranger) });
  const { code, stdout } = await runVerb(["doctor", ...flagsOf(wrong)]);
  assert.equal(code, 1);
  assert.match(stdout, /^WRONG +kafka: no Kafka broker answers .*SSL handshake failed: .*certificate verify failed/m);
  assert.match(stdout, /^WRONG +mongodb: .*TLS handshake failed: certificate verify failed/m);
});
