// A real Prometheus and a real Alertmanager on the files of deploy/, in folders of their own, stopped by their ids. Time is
// the only difference: with `faster: 30` every duration of the files is a thirtieth, so what takes an hour takes two
// minutes.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { freePort } from "./ports.mjs";
import { repositoryRoot, temporaryFolder, until } from "./service.mjs";

const hasProgram = (name) => !spawnSync(name, ["--version"]).error;

/** Why tests of monitoring are left out here, or false. ./test installs both. */
export const withoutPrometheus = ["prometheus", "promtool", "prometheus-alertmanager", "amtool"].every(hasProgram)
  ? false : "Prometheus or Alertmanager is not installed";

export const deployed = (file) => readFileSync(join(repositoryRoot, "deploy", file), "utf8");

const MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const hastened = (text, faster) => text.replace(/\b(\d+)(ms|[smhd])\b/g, (_, count, unit) => `${Math.round((count * MS[unit]) / faster)}ms`);

async function launch(t, program, optionsFor) {
  let child; // hooks run in the order they are given: the program ends before its folder goes
  t.after(() => child?.kill("SIGKILL"));
  const folder = temporaryFolder(t);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let output = "";
  child = spawn(program, optionsFor(folder, `127.0.0.1:${port}`), { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  await until(`${program} to be ready`, async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${output}`);
    return (await fetch(`${url}/-/ready`).catch(() => null))?.ok;
  }, undefined, 50);
  return url;
}

async function json(url) {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

// A scrape that takes longer than its interval counts as a node that is gone: on a busy machine a sixth of a second may do.
const SCRAPE_MS_MIN = 500;
const withTimeToScrape = (text) => text.replace(/scrape_interval: (\d+)ms/, (_, ms) => `scrape_interval: ${Math.max(ms, SCRAPE_MS_MIN)}ms`);

/** `targets` are "host:port" of services. */
export async function startPrometheus(t, { targets, alertmanager = "127.0.0.1:1", faster = 1 }) {
  const url = await launch(t, "prometheus", (folder, address) => {
    for (const file of ["recording.yml", "alerts.yml"]) writeFileSync(join(folder, file), hastened(deployed(`prometheus/${file}`), faster));
    const config = withTimeToScrape(hastened(deployed("prometheus/prometheus.yml"), faster))
      .replace('"127.0.0.1:5005"', targets.map((target) => JSON.stringify(target)).join(", "))
      .replace("127.0.0.1:9093", alertmanager);
    writeFileSync(join(folder, "prometheus.yml"), config);
    return [`--config.file=${join(folder, "prometheus.yml")}`, `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=${address}`];
  });
  const ask = async (path) => (await json(`${url}/api/v1/${path}`)).data;
  return {
    url,
    /** The samples of an instant query: `[{metric, value: [time, text]}]`. */
    query: async (expression) => (await ask(`query?query=${encodeURIComponent(expression)}`)).result,
    /** Every rule with what Prometheus made of it. */
    rules: async () => (await ask("rules")).groups.flatMap((group) => group.rules),
    /** The labels of each alert that fires now. */
    firing: async () => (await ask("alerts")).alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels),
  };
}

/** Sends each notification to the test instead of the file's receivers: `{receiver, alerts}` in `notifications`. */
export async function startAlertmanager(t, { faster = 1 } = {}) {
  const notifications = [];
  const receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (text) => (body += text));
    request.on("end", () => {
      notifications.push({ receiver: request.url.slice(1), alerts: JSON.parse(body).alerts });
      response.end();
    });
  });
  await new Promise((done) => receiver.listen(0, "127.0.0.1", done));
  t.after(() => receiver.close().closeAllConnections());
  const url = await launch(t, "prometheus-alertmanager", (folder, address) => {
    const config = hastened(deployed("alertmanager/alertmanager.yml"), faster).replaceAll("127.0.0.1:9095", `127.0.0.1:${receiver.address().port}`);
    writeFileSync(join(folder, "alertmanager.yml"), config);
    mkdirSync(join(folder, "data"));
    return [`--config.file=${join(folder, "alertmanager.yml")}`, `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`, "--cluster.listen-address="];
  });
  return {
    address: url.slice("http://".length),
    notifications,
    /** `[{labels, status: {state, inhibitedBy}}]` */
    alerts: () => json(`${url}/api/v2/alerts`),
    /** Whether somebody was told of this alert, and who. */
    told: (alertname) => [...new Set(notifications.filter(({ alerts }) => alerts.some(({ labels, status }) => labels.alertname === alertname && status === "firing")).map((one) => one.receiver))],
  };
}
