// What a page names in code is there: files and folders, settings, metrics, routes, tests. docs/settings.md and docs/metrics.md
// say which settings and metrics there are; tests/monitoring compares those with the program.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { filesOf, readPages } from "../support/markdown.mjs";
import { repositoryRoot, startService } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { request } from "../support/traffic.mjs";

const read = (path) => readFileSync(join(repositoryRoot, path), "utf8");
const tree = filesOf();
const pages = readPages();
const escaped = (text) => text.replace(/[.\\+?^${}()|[\]]/g, "\\$&");
const firstColumn = (path) => [...read(path).matchAll(/^\| `([^`{]+)/gm)].map(([, name]) => name);

/** Fails with each name in code that `fault` (page, text) finds one with. */
function everyName(fault) {
  const faults = [...pages].flatMap(([page, { codes }]) => codes.filter(({ text }) => fault(page, text)).map(({ text, line }) => `${page}:${line} ${text}`));
  assert.deepEqual(faults, []);
}

// --- files ------------------------------------------------------------------------------------------------------------

// "api/message_routes.cc" stands for the file in src/: the end of a path is enough, and an extension may be missing.
const ends = new Set(tree.flatMap((path) => {
  const parts = path.replace(/\/$/, "").split("/");
  return parts.flatMap((_, from) => {
    const end = parts.slice(from).join("/");
    return [end, end.replace(/\.[^/]+$/, ""), end.replace(/(\.test)?\.[^/]+$/, "")];
  });
}));
const extension = /\.(cc|h|mjs|js|ts|py|sh|md|ya?ml|json|conf|cfg|cmake|service|socket|java)$/;
// What is made by a build or by the program, or is somebody else's.
const elsewhere = new RegExp([
  "^build/release/", "^data/cluster$", "^backups/N\\.json$", "^NAME\\.json$", "^db/$", "^dist/", "^assets/$", "^appsettings\\.ENVIRONMENT\\.json$", "^thing_test\\.cc$",
  "^(first-message\\.mjs|first_message\\.py|FirstMessage\\.java)$", "^http/1\\.1$", "^server/channels/app/post\\.go$",
].join("|"), "i");
const ofMicrosoft = /^(src\/SignalR\/|ts\/|lib\/signalr|index\.ts$|\*Tests\.ts$)/; // in their repository

function isMissing(page, text) {
  const isPath = /^[\w*][\w.*-]*(\/[\w.*-]+)*\/?$/.test(text) && (/[a-z]\w*\//.test(text) || extension.test(text)) && !/^[A-Z]+\/\d/.test(text);
  if (!isPath || elsewhere.test(text) || (page === "tests/conformance/README.md" && ofMicrosoft.test(text))) return false;
  if (/^docs\/decisions\//.test(page)) return false; // they tell of their time
  const path = text.replace(/\/$/, "");
  if (!path.includes("*")) return !ends.has(path);
  const pattern = new RegExp(`(^|/)${escaped(path).replaceAll("*", "[^/]*")}/?$`);
  return !tree.some((file) => pattern.test(file));
}

test("files and folders", () => {
  assert.ok(!isMissing("README.md", "pipeline/accept/ingress.h") && !isMissing("README.md", "scripts/") && !isMissing("README.md", "hub_floods.test.mjs"));
  assert.ok(isMissing("README.md", "pipeline/accept/nothing.h") && isMissing("README.md", "nowhere/") && isMissing("README.md", "nothing.mjs"));
  everyName(isMissing);
});

// --- settings and metrics ---------------------------------------------------------------------------------------------

const settings = firstColumn("docs/settings.md");
const patterns = settings.map((key) => new RegExp(`^${escaped(key).replaceAll("*", "[^:]+")}$`, "i"));
// Keys of ASP.NET Core, and what stands for any key.
const notOurs = /^(Logging:LogLevel:|ConnectionStrings:|Certificates:Default$|Kestrel:\*|Section:Key$)/;

function isUnknownSetting(key) {
  if (notOurs.test(key) || patterns.some((pattern) => pattern.test(key))) return false;
  const section = key.replace(/:?\*?$/, ":").toLowerCase(); // "Limits:*", "KafkaSettings:Client"
  return !settings.some((known) => known.toLowerCase().startsWith(section));
}

test("settings", () => {
  assert.ok(settings.length > 100);
  assert.ok(!isUnknownSetting("Limits:*") && !isUnknownSetting("KafkaSettings:Client:ssl.ca.location") && !isUnknownSetting("Urls"));
  assert.ok(isUnknownSetting("Limits:Nothing") && isUnknownSetting("Limit:*"));
  everyName((page, text) => {
    const key = text.match(/^(?:--)?([A-Z]\w+(?::(?!:)[\w.*]+)+)(?:=.*)?$/)?.[1];
    return key && isUnknownSetting(key);
  });
});

test("metrics", () => {
  const metrics = new Set(firstColumn("docs/metrics.md").map((name) => name.replace(/^message_service_/, "")));
  assert.ok(metrics.has("publish_total") && metrics.has("consumer_lag_records"));
  const suites = new Set(["newer_records"]);
  everyName((page, text) => {
    const [, name, labels] = text.match(/^(?:message_service_)?([a-z]+(?:_[a-z0-9]+)+)(\{(?!le=).*\})?$/) ?? [];
    return name && (labels || /_(total|seconds|bytes|records)$/.test(name)) && !metrics.has(name) && !suites.has(name);
  });
});

// --- tests ------------------------------------------------------------------------------------------------------------

test("tests in C++", () => {
  const suites = new Map();
  for (const path of tree.filter((file) => file.endsWith("_test.cc"))) {
    for (const [, suite, name] of read(path).matchAll(/^(?:TYPED_)?TEST(?:_F|_P)?\((\w+),\s*(\w+)\)/gm)) suites.set(suite, [...(suites.get(suite) ?? []), name]);
  }
  const others = new Set(["Context.User", "SendMessageRequestedEvent.DeadLetter"]);
  everyName((page, text) => {
    const [, suite, name] = text.match(/^([A-Z]\w+)\.([A-Z]\w*…?|\*)$/) ?? [];
    if (!suite || others.has(text)) return false;
    const isIt = name.endsWith("…") ? (known) => known.startsWith(name.slice(0, -1)) : (known) => name === "*" || known === name;
    return !suites.get(suite)?.some(isIt);
  });
});

test("tests in JavaScript that the guarantees quote", () => {
  const files = tree.filter((path) => path.endsWith(".test.mjs"));
  // Some titles stand in a file of support that the test imports.
  const withSupport = (path) => read(path) + [...read(path).matchAll(/"\.\.\/(support\/\w+\.mjs)"/g)].map(([, file]) => read(`tests/${file}`)).join("");
  const quotes = [...read("docs/guarantees.md").matchAll(/`((?:[\w/]+\/)?[\w]+)(?:\.test\.mjs)?` \(((?:"[^"]+"[,;]? ?)+)\)/g)]
    .flatMap(([, file, titles]) => [...titles.matchAll(/"([^"]+)"/g)].map(([, title]) => [file, title]));
  assert.ok(quotes.length >= 8);
  assert.deepEqual(quotes.filter(([file, title]) =>
    !files.some((path) => `/${path}`.endsWith(`/${file}.test.mjs`) && withSupport(path).includes(title.replace(/…$/, "")))), []);
});

// --- routes -----------------------------------------------------------------------------------------------------------

test("routes", async (t) => {
  const issuer = new Issuer();
  const service = await startService(t, { settings: issuer.settings() });
  const { body: { routes } } = await request(`${service.url}/admin/routes`, { headers: bearer(issuer.program("operator")) });
  // "{id}" and "…" of a page, as well as any id, stand for the "{}" of a route.
  const isRoute = (method, path) => routes.some((route) => route.method === method && (
    new RegExp(`^${escaped(route.pattern).replaceAll("\\{\\}", "[^/]+")}$`).test(path) ||
    new RegExp(`^${escaped(path).replace(/\\\{\w+\\\}/g, "[^/]+").replaceAll("…", ".+")}$`).test(route.pattern)));
  assert.ok(isRoute("GET", "/api/conversations/c/messages") && isRoute("GET", "…/by-temporary-id/…") && isRoute("POST", "/api/conversations/{id}/messages"));
  assert.ok(!isRoute("GET", "/api/conversations/c/letters") && !isRoute("DELETE", "/metrics"));
  const ofMicrosoftsServer = "tests/conformance/README.md";
  everyName((page, text) => {
    const [, method, path] = text.match(/^(GET|POST|PUT|DELETE) ([/…][^\s?]*)/) ?? [];
    return method && page !== ofMicrosoftsServer && !isRoute(method, path);
  });
});
