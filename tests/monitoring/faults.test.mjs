// What goes wrong in production, planted one by one under a little traffic: the dashboard shows each within 5 s, the alert
// of its cause fires, and of what follows from it nobody is told. Dead letters, stuck clients, a full queue and a full disk
// are planted in alerts.test.mjs too, and their alerts are looked at there.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { before, describe as suite, test } from "node:test";
import { launchChromium } from "../browser/chromium.mjs";
import { startCluster } from "../support/cluster.mjs";
import { postMessage } from "../support/http.mjs";
import { startAlertmanager, startPrometheus, withoutPrometheus } from "../support/monitoring.mjs";
import { movedClock } from "../support/moved_clock.mjs";
import { WAIT_MS, repositoryRoot, sharedScope, sleep, startService, until } from "../support/service.mjs";

const FASTER = 30;
const SHOWN_MS = 5_000;
const HOUR = 1 / 24;
// After a fault its consequences go on for a while, each member of a group that was away included.
const CALM_MS = 6_000;
// These count what failed in the last hours, so they fire for long after the fault that they follow from, and begin late.
const LOOKING_BACK = /^(PublishFails|Refuses)/;
const addressOf = (service) => `127.0.0.1:${service.port}`;

/** A page of the dashboard: `shows(what, id, pattern)` waits at most SHOWN_MS for a text of a `data-testid` or `data-field`. */
async function openDashboard(t, browser, service) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${service.url}/dashboard`);
  await page.locator("[data-testid=state][data-state=live]").waitFor();
  const text = (id) => page.locator(`[data-testid="${id}"], [data-field="${id}"]`).first().textContent();
  return {
    shows: async (id, pattern, withinMs = SHOWN_MS) => until(`${id} to show ${pattern}`, async () => pattern.test(await text(id)), withinMs, 50)
      .catch(async (error) => assert.fail(`${error.message}; it shows ${await text(id)}`)),
  };
}

/** Prometheus and Alertmanager beside these services. */
async function watch(t, services) {
  const alertmanager = await startAlertmanager(t, { faster: FASTER });
  const prometheus = await startPrometheus(t, { targets: services.map(addressOf), alertmanager: alertmanager.address, faster: FASTER });
  const name = (instance) => ["a", "b"][services.findIndex((service) => addressOf(service) === instance)];
  const remembered = new Set();
  // That messages take long may be true on a machine with other work.
  const firing = async () => [...new Set((await prometheus.firing()).filter(({ alertname }) => alertname !== "MessageServicePublishSlow")
    .map(({ alertname, instance }) => [alertname.replace("MessageService", ""), name(instance)].filter(Boolean).join(" ")))].sort();
  return {
    prometheus,
    /** `causes` must fire; `consequences` may. Of the consequences Alertmanager tells nobody. */
    fires: async (what, causes, consequences = []) => {
      for (const alert of consequences) if (LOOKING_BACK.test(alert)) remembered.add(alert);
      await until(`${what}: ${causes.join(", ")} to fire`, async () => {
        const now = await firing();
        assert.deepEqual(now.filter((alert) => !causes.includes(alert) && !consequences.includes(alert) && !remembered.has(alert)), [], what);
        return causes.every((alert) => now.includes(alert));
      }, 3 * WAIT_MS, 100);
      const active = async () => (await alertmanager.alerts()).filter(({ status }) => status.state === "active")
        .map(({ labels }) => [labels.alertname.replace("MessageService", ""), name(labels.instance)].filter(Boolean).join(" "));
      await until(`${what}: the consequences to be silenced`, async () => (await active()).every((alert) => !consequences.includes(alert)), WAIT_MS, 100);
    },
    /** Waits until for a while nothing fires but what looks back on an earlier fault. */
    calm: async (what) => {
      let since = performance.now();
      await until(`${what}: nothing to fire`, async () => {
        if ((await firing()).some((alert) => !remembered.has(alert))) since = performance.now();
        return performance.now() - since > CALM_MS;
      }, 3 * WAIT_MS, 100);
    },
  };
}

/** A post to each service every so often, whatever the answer. */
function keepPosting(t, services) {
  let running = true;
  t.after(() => (running = false));
  for (const service of services) {
    (async () => {
      for (; running; await sleep(100)) await postMessage(service).catch(() => {});
    })();
  }
}

suite("faults of a cluster of two", { skip: withoutPrometheus }, () => {
  const scope = sharedScope();
  let browser, cluster, clock, a, b, page, watched;
  before(async () => {
    browser = await launchChromium(scope);
    cluster = await startCluster(scope);
    clock = movedClock(scope);
    const settings = cluster.settings({ "Canary:IntervalMs": 500, "KafkaSettings:PublishTimeoutMs": 2_000 });
    a = await startService(scope, { settings, env: clock.env });
    b = await startService(scope, { settings });
    page = await openDashboard(scope, browser, a);
    watched = await watch(scope, [a, b]);
    keepPosting(scope, [a, b]);
    await until("both nodes to be scraped", async () => (await watched.prometheus.query("up == 1")).length === 2, WAIT_MS, 100);
    await watched.calm("no fault");
  });

  test("MongoDB is stopped", async () => {
    await cluster.mongodb.stop();
    await page.shows("Ready", /store/);
    await watched.fires("no MongoDB", ["DependencyDown a", "DependencyDown b"], ["NotDelivered a", "NotDelivered b", "ConsumerLag", "NodeNotReady a", "NodeNotReady b"]);
    await cluster.mongodb.start();
    await watched.calm("MongoDB is back");
  });

  test("Kafka is frozen", async (t) => {
    await cluster.kafka.freeze(1);
    t.after(() => cluster.kafka.thaw(1));
    await page.shows("refusals", /outcome unknown/);
    await watched.fires("a frozen Kafka", ["DependencyDown a", "DependencyDown b"],
      ["NotDelivered a", "NotDelivered b", "NodeNotReady a", "NodeNotReady b", "PublishFails", "Refuses a", "Refuses b"]);
    await cluster.kafka.thaw(1);
    await watched.calm("Kafka goes on");
  });

  test("a clock is two hours ahead", async () => {
    clock.set(2 * HOUR);
    await page.shows("Clock", /^2 h.* ahead of/);
    await watched.fires("a wrong clock", ["ClockWrong a"]);
    clock.set(0);
    await watched.calm("the clock is right");
  });

  test("the hub is mute: its fan-out hangs", async (t) => {
    const holder = spawn(join(repositoryRoot, "tests/support/held_thread.py"), [a.pid, "fanout"], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => holder.kill("SIGTERM"));
    await once(holder.stdout, "data");
    await page.shows("tile-canary", /^([2-9]|\d\d)(\.\d+)? s$/);
    await watched.fires("a mute hub", ["NotDelivered a"]);
    holder.kill("SIGTERM");
    await watched.calm("the hub speaks");
  });

  test("a node is gone", async () => {
    await b.kill("SIGKILL");
    await page.shows("nodes", /\b([3-9]|\d\d) s ago/);
    await watched.fires("a node less", ["NodeGone b"]);
    await b.start();
    await watched.calm("the node is back");
  });
});

suite("faults of one node with its own log and store", { skip: withoutPrometheus }, () => {
  const scope = sharedScope();
  test("its disk is slow", async (t) => {
    const env = { LD_PRELOAD: process.env.SICK_DISK ?? join(repositoryRoot, "build/release/libsick-disk.so"), SICK_DISK_SYNC_MS: "50" };
    const node = await startService(scope, { env });
    const page = await openDashboard(t, await launchChromium(scope), node);
    keepPosting(t, [node]);
    await page.shows("latency", /[5-9]\d(\.\d+)? ms/);
    const { prometheus } = await watch(t, [node]);
    await until("the alert of slow posts", async () => (await prometheus.firing()).some(({ alertname }) => alertname === "MessageServicePublishSlow"), 3 * WAIT_MS, 100);
    assert.deepEqual((await prometheus.firing()).map(({ alertname }) => alertname).filter((one) => one !== "MessageServicePublishSlow"), []);
  });
});
