// The alerts in deploy/: the files are right, each alert is explained, and on a real Prometheus that watches real services
// each planted fault makes its own alert fire and no other, and the Alertmanager tells the right people once.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { lagIsGone, metric } from "../support/cluster.mjs";
import { postMessage } from "../support/http.mjs";
import { connectHub, openSocket } from "../support/hub.mjs";
import { deployed, startAlertmanager, startPrometheus, withoutPrometheus } from "../support/monitoring.mjs";
import { WAIT_MS, repositoryRoot, runVerb, sleep, startService, until, waitsForMore } from "../support/service.mjs";
import { serviceOnSmallDisk } from "../support/small_disk.mjs";
import { reportOf } from "../support/views.mjs";

const FASTER = 30; // an hour is two minutes, a minute two seconds

function succeeds(program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: repositoryRoot, encoding: "utf8" });
  assert.equal(status, 0, `${program} ${args.join(" ")}:\n${stdout}${stderr}`);
}

const names = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))].sort();

describe("the files in deploy/", { skip: withoutPrometheus }, () => {
  test("are what Prometheus and Alertmanager take", () => {
    succeeds("promtool", "check", "config", "deploy/prometheus/prometheus.yml");
    succeeds("promtool", "check", "rules", "deploy/prometheus/recording.yml", "deploy/prometheus/alerts.yml");
    succeeds("amtool", "check-config", "deploy/alertmanager/alertmanager.yml");
  });

  test("fire and keep silent as the cases in alerts.yml say, of which every alert has one", () => {
    succeeds("promtool", "test", "rules", "tests/monitoring/alerts.yml");
    const cases = readFileSync(join(repositoryRoot, "tests/monitoring/alerts.yml"), "utf8");
    const alerts = names(deployed("prometheus/alerts.yml"), /- alert: (\S+)/g);
    assert.deepEqual(names(cases, /alertname="(\w+)"/g), alerts);
  });

  test("have a runbook for each alert and for nothing else", () => {
    const alerts = names(deployed("prometheus/alerts.yml"), /- alert: (\S+)/g);
    const runbooks = readFileSync(join(repositoryRoot, "docs/alerts.md"), "utf8");
    assert.deepEqual(names(runbooks, /^### (MessageService\w+)$/gm), alerts);
    for (const [, page, anchor] of runbooks.matchAll(/\]\(([\w-]+\.md)?(?:#([\w-]+))?\)/g)) {
      const text = page ? readFileSync(join(repositoryRoot, "docs", page), "utf8") : runbooks;
      const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\w\s-]/g, "").replaceAll(" ", "-"));
      assert.ok(anchor === undefined || anchors.includes(anchor), `${page ?? ""}#${anchor}`);
    }
    for (const section of runbooks.split(/^### /m).slice(1)) {
      for (const part of ["**Means.**", "**Look at.**", "**Do.**"]) assert.ok(section.includes(part), `${part} of ${section.split("\n")[0]}`);
    }
  });
});

/** A service with two open dead letters: messages that were accepted before a limit was made smaller. */
async function withDeadLetters(t) {
  const service = await startService(t, { settings: waitsForMore });
  for (const content of ["x".repeat(100), "y".repeat(100)]) assert.equal((await postMessage(service, { content })).status, 202);
  await service.kill("SIGKILL");
  await service.start({ "Limits:ContentBytes": 50 });
  await lagIsGone([service]);
  return service;
}

const addressOf = (service) => `127.0.0.1:${service.port}`;

// One post after the other on each of two connections: a busy machine is slow as it is.
async function postMany(service, count, content = "hello") {
  const lane = async () => {
    while (count-- > 0) await postMessage(service, { content });
  };
  await Promise.all([lane(), lane()]);
}

test("each fault makes its own alert fire and no other; of a node that is gone nobody hears more than that", { skip: withoutPrometheus }, async (t) => {
  const started = (settings) => startService(t, { settings });
  const [calm, dead, crowd, full, narrow] = [await started({}), await withDeadLetters(t), await started({ "Limits:HubEgressBytes": 65_536 }),
    await started(waitsForMore), await started({ "Limits:AppendQueueRecords": 1 })];
  const small = await serviceOnSmallDisk(t, 700);
  const services = [calm, dead, crowd, full, narrow, ...(small ? [small] : [])];
  const alertmanager = await startAlertmanager(t, { faster: FASTER });
  const prometheus = await startPrometheus(t, { targets: services.map(addressOf), alertmanager: alertmanager.address, faster: FASTER });

  // That messages take long may be true on a machine with other work, so it is no false alarm here.
  const firing = async () => [...new Set((await prometheus.firing())
    .filter(({ alertname }) => alertname !== "MessageServicePublishSlow")
    .map(({ alertname, severity, instance }) => [alertname, severity, ...(instance ? [instance] : [])].join(" ")))].sort();
  const fires = async (what, ...expected) => {
    await until(`${what}: ${expected.join(", ") || "nothing"} to fire`, async () => {
      const now = await firing();
      const others = now.filter((alert) => !expected.includes(alert));
      if (expected.length > 0) assert.deepEqual(others, [], what);
      return now.join() === expected.toSorted().join();
    }, 3 * WAIT_MS, 100);
    const times = 10;
    for (let time = 0; time < times; time += 1, await sleep(100)) assert.deepEqual(await firing(), expected.toSorted(), `${what}, a moment later`);
    t.diagnostic(`${what}: ${expected.join(", ") || "nothing"}`);
  };
  const tells = (alertname, receiver) => until(`${receiver} to be told of ${alertname}`, () => alertmanager.told(alertname).join() === receiver, WAIT_MS, 100);

  await t.test("no fault, no alert", async () => {
    await until("every node to be scraped", async () => (await prometheus.query("up == 1")).length === services.length, WAIT_MS, 100);
    for (const service of [calm, crowd]) await postMany(service, 100);
    await sleep(5_000);
    await fires("no fault");
    for (const rule of await prometheus.rules()) {
      assert.equal(rule.health, "ok", `${rule.name}: ${rule.lastError}`);
      if (rule.type !== "alerting") continue;
      assert.match(rule.labels.severity, /^(critical|warning)$/, rule.name);
      assert.ok(rule.labels.about, rule.name);
      assert.ok(rule.annotations.summary, rule.name);
      assert.equal(rule.annotations.runbook, `docs/alerts.md#${rule.name.toLowerCase()}`);
    }
    for (const record of names(deployed("prometheus/recording.yml"), /record: (\S+)/g)) {
      assert.ok((await prometheus.query(record)).length > 0, `${record} has no value`);
    }
    // A rule on a metric that does not exist never fires.
    const text = await (await fetch(`${calm.url}/metrics`)).text();
    const rules = deployed("prometheus/alerts.yml") + deployed("prometheus/recording.yml");
    for (const name of names(rules, /\b(?<!:)((?:message_service|process)_\w+)(?=[{\[) ])/g)) assert.ok(text.includes(`\n${name}`), `no metric ${name}`);
  });

  const retryAll = () => runVerb(["dead", "retry", "--all", "--url", dead.url, `--Providers:DataDirectory=${dead.dataDirectory}`]);
  const grow = `MessageServiceDeadLettersGrow warning ${addressOf(dead)}`;
  const gone = `MessageServiceNodeGone critical ${addressOf(dead)}`;

  await t.test("records that become dead letters", async () => {
    assert.equal((await retryAll()).code, 1, "they fail again");
    await fires("dead letters", grow);
    await tells("MessageServiceDeadLettersGrow", "team");
  });

  await t.test("a node that is killed: its other alerts are silenced", async () => {
    await retryAll();
    await dead.kill("SIGKILL");
    await fires("a killed node", grow, gone);
    await tells("MessageServiceNodeGone", "on-call");
    const silenced = await until("the node's other alert to be silenced", async () =>
      (await alertmanager.alerts()).find(({ labels, status }) => labels.alertname === "MessageServiceDeadLettersGrow" && status.state === "suppressed"), WAIT_MS, 100);
    assert.equal(silenced.status.inhibitedBy.length, 1);
    await dead.start();
    await fires("the node is back");
  });

  await t.test("hub clients that read nothing", async () => {
    for (let client = 0; client < 15; client += 1) {
      const socket = await (await openSocket(t, crowd)).shakeHands();
      socket.send({ type: 1, invocationId: "1", target: "JoinConversation", arguments: ["conv-123"] });
      assert.equal((await socket.messageButPing()).type, 3);
      socket.connection.pause();
    }
    const deadline = performance.now() + 2 * WAIT_MS;
    while ((await metric(crowd, "hub_slow_clients_closed_total")) < 15) {
      assert.ok(performance.now() < deadline, "clients that read nothing are still connected");
      await postMany(crowd, 20, "x".repeat(16_000));
      await sleep(200);
    }
    await fires("slow clients", `MessageServiceSlowHubClients warning ${addressOf(crowd)}`);
    await tells("MessageServiceSlowHubClients", "team");
    await fires("they are gone");
  });

  await t.test("a disk that is nearly full: nobody hears that it is low too", async (t) => {
    if (!small) return t.skip("mount is not permitted here");
    const { bavail, bsize } = statfsSync(small.dataDirectory);
    writeFileSync(join(small.dataDirectory, "filler"), Buffer.alloc(bavail * bsize - (20 << 20))); // it wants 32 MiB
    const [low, is_full] = ["MessageServiceDiskLow warning", "MessageServiceDiskFull critical"].map((alert) => `${alert} ${addressOf(small)}`);
    await until("both to fire", async () => (await firing()).length === 2, WAIT_MS, 100);
    await fires("a full disk", is_full, low);
    await tells("MessageServiceDiskFull", "on-call");

    await until("a message to be refused", async () => (await postMessage(small)).status === 503);
    const unready = `MessageServiceNodeNotReady critical ${addressOf(small)}`;
    await until("all three to fire", async () => (await firing()).length === 3, WAIT_MS, 100);
    await fires("a full disk that somebody wants to write to", is_full, low, unready);
    const states = async () => new Map((await alertmanager.alerts()).map(({ labels, status }) => [labels.alertname, status.state]));
    await until("the consequences to be silenced", async () => {
      const all = await states();
      return all.get("MessageServiceDiskLow") === "suppressed" && all.get("MessageServiceNodeNotReady") === "suppressed";
    }, WAIT_MS, 100);
    assert.deepEqual([alertmanager.told("MessageServiceDiskLow"), alertmanager.told("MessageServiceNodeNotReady")], [[], []]);
    writeFileSync(join(small.dataDirectory, "filler"), "");
    await fires("the disk has room");
  });

  await t.test("messages that nobody stores", async () => {
    await postMany(full, 1_050);
    assert.ok((await metric(full, "consumer_lag_records")) >= 1_000);
    await fires("lag", "MessageServiceConsumerLag critical");
    await tells("MessageServiceConsumerLag", "on-call");
  });

  // The lag stands meanwhile: what is wrong already hides nothing new.
  await t.test("more posts at once than the log's queue holds", async (t) => {
    const [lag, fails, refuses] = ["MessageServiceConsumerLag critical", "MessageServicePublishFails critical",
      `MessageServiceRefuses warning ${addressOf(narrow)}`];
    const statuses = [];
    let running = true;
    const bursts = (async () => {
      for (; running; await sleep(200)) {
        const answers = await Promise.all(Array.from({ length: 16 }, () => postMessage(narrow)));
        statuses.push(...answers.map(({ status }) => status));
      }
    })();
    t.after(() => (running = false));
    await until("both to fire", async () => (await firing()).length === 3, 2 * WAIT_MS, 100);
    await fires("a queue that is too short", lag, fails, refuses);
    await tells("MessageServicePublishFails", "on-call");
    await tells("MessageServiceRefuses", "team");
    running = false;
    await bursts;
    t.diagnostic(`${statuses.filter((status) => status === 503).length} of ${statuses.length} posts refused`);
  });
});

test("a client that shows what is not stored", { skip: withoutPrometheus }, async (t) => {
  const service = await startService(t);
  const prometheus = await startPrometheus(t, { targets: [addressOf(service)], faster: FASTER });
  await until("the node to be scraped", async () => (await prometheus.query("up == 1")).length === 1, WAIT_MS, 100);
  const client = await connectHub(t, service);
  await client.join("conv-123", 0);
  await postMessage(service);
  await until("the message", () => client.received.length === 1);
  await client.connection.invoke("ReportView", reportOf("conv-123", [{ ...client.received[0], content: "something else" }]));
  const firing = async () => (await prometheus.firing()).map(({ alertname, severity, outcome }) => `${alertname} ${severity} ${outcome}`);
  await until("an alert", async () => (await firing()).length > 0, WAIT_MS, 100);
  assert.deepEqual(await firing(), ["MessageServiceViewsDiffer warning altered"]);
});

// At the deployment's own intervals: how long it takes is the promise.
test("202 and nothing is delivered: an alert within 15 s, and none when it goes on", { skip: withoutPrometheus }, async (t) => {
  const canary = { "Canary:IntervalMs": 2_000 };
  const service = await startService(t, { settings: canary });
  const prometheus = await startPrometheus(t, { targets: [addressOf(service)] });
  await until("the node to be scraped", async () => (await prometheus.query("message_service_canary_delivered_total > 0")).length === 1, WAIT_MS, 100);
  const firing = async () => (await prometheus.firing()).map(({ alertname, severity, instance }) => `${alertname} ${severity} ${instance}`);
  assert.deepEqual(await firing(), []);

  await service.restart({ ...canary, ...waitsForMore });
  const stopped = performance.now();
  await until("the alert", async () => (await firing()).length > 0, 15_000, 50);
  t.diagnostic(`after ${((performance.now() - stopped) / 1000).toFixed(1)} s`);
  assert.deepEqual(await firing(), [`MessageServiceNotDelivered critical ${addressOf(service)}`]);

  await service.restart(canary);
  await until("the alert to end", async () => (await firing()).length === 0, WAIT_MS, 100);
});
