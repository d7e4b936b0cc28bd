#!/usr/bin/env node
// Writes docs/settings.md and docs/metrics.md from what the program itself declares.
//   scripts/write_reference.mjs           writes both
//   scripts/write_reference.mjs --check   exits with 1 when one is stale
// The program is $MESSAGE_SERVICE, or the release build.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const program = resolve(root, process.env.MESSAGE_SERVICE ?? "build/release/message-service");

const cell = (text) => text.replace(/[\\|*_<>]/g, "\\$&").replaceAll("\n", " ");
const code = (text) => `\`${text.replaceAll("|", "\\|")}\``;
const table = (head, rows) => [head, head.map(() => "---"), ...rows]
  .map((cells) => `|${cells.map((text) => (text === "" ? " " : ` ${text} `)).join("|")}|`).join("\n");

/** `items` in groups, each under its key, both in the order in which they first come. */
function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

// A folder without settings files, and an environment without settings.
function inside(folder) {
  return { cwd: folder, env: { PATH: process.env.PATH }, encoding: "utf8" };
}

function settingsPage(folder) {
  const { options } = JSON.parse(execFileSync(program, ["config", "print", "--json"], inside(folder)));
  const sectionOf = ({ key }) => (key.includes(":") ? key.split(":")[0] : "General");
  const single = [...grouped(options, sectionOf)].filter(([, members]) => members.length > 1).map(([section]) => section);
  const sections = grouped(options, (option) => (single.includes(sectionOf(option)) ? sectionOf(option) : "General"));
  const parts = [...sections].map(([section, members]) => `## ${section}\n\n${table(["setting", "type", "default", "may be", "meaning"],
    members.map(({ key, type, default: value, bounds, help }) =>
      [code(key), type, value === "" ? "" : code(value), bounds === type ? "" : cell(bounds), cell(help)]))}`);
  return `# Settings

Every setting, as the program declares it: \`scripts/write_reference.mjs\` makes this page of \`message-service config print --json\`.
How settings are given, and when to touch which: [operations](operations.md#settings).

A key that ends in \`*\` stands for any name in its place. Times are whole numbers of the unit that ends the key, sizes are bytes.

${parts.join("\n\n")}
`;
}

/** The answer of GET /metrics of a service that has served a few requests. */
async function metricsText(folder) {
  const args = ["serve", "--Urls=http://127.0.0.1:0", `--Providers:DataDirectory=${join(folder, "data")}`];
  const child = spawn(program, args, { ...inside(folder), stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("close", done).once("error", done));
  try {
    let url;
    for await (const line of createInterface({ input: child.stdout })) {
      url = line.match(/Now listening on: (http:\S+)/)?.[1];
      if (url) break;
    }
    if (!url) throw new Error(`${program} does not serve`);
    child.stdout.resume();
    await (await fetch(`${url}/metrics`)).text(); // from now on there is a request to count
    return await (await fetch(`${url}/metrics`)).text();
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

// Whose values depend on the build, the machine or the requests.
const OPEN_LABELS = new Set(["route", "status", "partition", "dependency", "version", "compiler"]);

/** `[{name, type, help, labels: Map of name to values}]` of a text in Prometheus's format, in alphabetical order. */
function families(text) {
  const all = new Map();
  for (const line of text.split("\n")) {
    const [, comment, subject, rest] = line.match(/^# (HELP|TYPE) (\S+) (.*)$/) ?? [];
    if (comment === "HELP") all.set(subject, { name: subject, help: rest, labels: new Map() });
    if (comment === "TYPE") all.get(subject).type = rest;
    const [, sample, labels] = line.match(/^(\w+)(?:\{(.*)\})? \S+$/) ?? [];
    const family = all.get(sample) ?? all.get(sample?.replace(/_(bucket|sum|count)$/, ""));
    for (const [, label, value] of (labels ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      if (label === "le") continue;
      family.labels.set(label, (family.labels.get(label) ?? new Set()).add(value));
    }
  }
  return [...all.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function metricsPage(folder) {
  const labelsOf = ({ labels }) => [...labels].sort().map(([label, values]) =>
    OPEN_LABELS.has(label) ? code(label) : `${code(label)}: ${[...values].sort().map(code).join(", ")}`).join("; ");
  const all = families(await metricsText(folder));
  const [ours, others] = [true, false].map((own) => all.filter(({ name }) => name.startsWith("message_service_") === own));
  const rows = (some) => table(["metric", "type", "labels", "meaning"], some.map((family) =>
    [code(family.name), family.type, labelsOf(family), cell(family.help)]));
  return `# Metrics

Every metric, as \`GET /metrics\` declares it: \`scripts/write_reference.mjs\` makes this page of that answer. What to watch:
[operations](operations.md#metrics-get-metrics). Alerts and a dashboard: [alerts](alerts.md).

A histogram \`x\` is read as \`x_bucket{le="…"}\`, \`x_sum\` and \`x_count\`. Durations are in seconds. Where no values stand beside
a label, they depend on the traffic or the build; a route is its pattern.

## The service

${rows(ours)}

## Its process

${rows(others)}
`;
}

const folder = mkdtempSync(join(tmpdir(), "message-service-reference-"));
try {
  const pages = { "docs/settings.md": settingsPage(folder), "docs/metrics.md": await metricsPage(folder) };
  for (const [page, text] of Object.entries(pages)) {
    const file = join(root, page);
    if (!process.argv.includes("--check")) {
      writeFileSync(file, text);
    } else if (readFileSync(file, "utf8") !== text) {
      console.error(`${page} is stale: run scripts/write_reference.mjs`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
