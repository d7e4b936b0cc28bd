// The Grafana dashboard: every query of every panel is asked of a real Prometheus that watches a real service, and is
// answered with data; and it lies as Grafana lays panels out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { postMessage } from "../support/http.mjs";
import { connectHub } from "../support/hub.mjs";
import { deployed, startPrometheus, withoutPrometheus } from "../support/monitoring.mjs";
import { WAIT_MS, sleep, startService, until } from "../support/service.mjs";

const dashboard = JSON.parse(deployed("grafana/message-service.json"));
const rows = dashboard.panels.filter(({ type }) => type === "row");
const panels = dashboard.panels.filter(({ type }) => type !== "row");

// What Grafana puts in for the variables.
const asked = (expression, instance) => expression.replaceAll("$job", "message-service").replaceAll("$instance", instance).replaceAll("$__rate_interval", "10s");

test("it has a row for each part of a message's way, and no two panels in one place", () => {
  assert.deepEqual(rows.map(({ title }) => title),
    ["Targets", "Accept", "Log", "Persist", "Deliver", "Hub", "Refusals", "Memory and disk", "Dead letters"]);
  const ids = dashboard.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const taken = new Set();
  for (const { title, gridPos: { x, y, w, h } } of dashboard.panels) {
    assert.ok(x + w <= 24, title);
    for (let cell = 0; cell < w * h; cell += 1) {
      const place = `${x + (cell % w)} ${y + Math.floor(cell / w)}`;
      assert.ok(!taken.has(place), `${title} at ${place}`);
      taken.add(place);
    }
  }
  for (const { title, description, datasource, targets } of panels) {
    assert.ok(title && description, title);
    for (const of of [datasource, ...targets.map((target) => target.datasource)]) assert.deepEqual(of, { type: "prometheus", uid: "${datasource}" });
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
  }
});

test("every query is answered with data", { skip: withoutPrometheus }, async (t) => {
  const service = await startService(t, { settings: { "Server:Threads": 1, "Canary:IntervalMs": 100 } });
  const client = await connectHub(t, service);
  await client.join("conv-123");
  const instance = `127.0.0.1:${service.port}`;
  const prometheus = await startPrometheus(t, { targets: [instance], faster: 30 });
  let running = true;
  const traffic = (async () => {
    while (running) await postMessage(service).then(() => sleep(10));
  })();
  t.after(() => (running = false));

  const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr: asked(expr, instance) })));
  assert.ok(queries.every(({ expr }) => !expr.includes("$")), "a variable that nobody sets");
  let without;
  await until("data for every query", async () => {
    without = [];
    for (const { title, expr } of queries) {
      const samples = await prometheus.query(expr);
      if (!samples.some(({ value }) => Number.isFinite(Number(value[1])))) without.push(`${title}: ${expr}`);
    }
    return without.length === 0;
  }, WAIT_MS, 500).catch(() => assert.deepEqual(without, []));
  t.diagnostic(`${queries.length} queries of ${panels.length} panels`);

  // Grafana asks for the choices of its variables.
  for (const { type, query } of dashboard.templating.list) {
    if (type !== "query") continue;
    const [, selector, label] = query.query.match(/^label_values\((.+), (\w+)\)$/);
    const [sample] = await prometheus.query(asked(selector, instance));
    assert.equal(sample.metric[label], { job: "message-service", instance }[label]);
  }
  running = false;
  await traffic;
});
