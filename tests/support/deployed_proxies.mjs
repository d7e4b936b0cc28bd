// The proxies of deploy/, run as their files say: real programs in front of real nodes, with the addresses, paths and
// certificate of the test in place of the example's. Each in a folder of its own, on free ports, stopped by its id.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { makeAuthority } from "./certificates.mjs";
import { answers } from "./nginx.mjs";
import { freePort } from "./ports.mjs";
import { repositoryRoot, temporaryFolder, until } from "./service.mjs";

const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const absent = (program) => (spawnSync(program, ["-v"], { env: environment }).error ? `${program} is not installed` : false);

/** The file's text with each key replaced by its value. A key that the file lacks fails: the test and the file belong together. */
function substituted(file, values) {
  let text = readFileSync(join(repositoryRoot, "deploy", file), "utf8");
  for (const [from, to] of Object.entries(values)) {
    assert.ok(text.includes(from), `${file} has ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

const nodeAddresses = (nodes) => Object.fromEntries(nodes.map(({ port }, n) => [`10.0.0.${11 + n}:5005`, `127.0.0.1:${port}`]));

function prepareNginx(folder, nodes, ports, { certificate, key }) {
  writeFileSync(join(folder, "message-service.conf"), substituted("nginx/message-service.conf", {
    ...nodeAddresses(nodes),
    "listen 80;": `listen 127.0.0.1:${ports.http};`,
    "listen 443 ssl;": `listen 127.0.0.1:${ports.https} ssl;`,
    "/etc/nginx/tls/chat.example.pem": certificate,
    "/etc/nginx/tls/chat.example.key": key,
    "/var/log/nginx/message-service.log": join(folder, "access.log"),
  }));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${join(folder, name)};`);
  const file = join(folder, "nginx.conf");
  writeFileSync(file, `
    daemon off; master_process off; pid ${join(folder, "pid")}; error_log ${join(folder, "error.log")};
    events { worker_connections 1024; }
    http { ${temporary.join(" ")} include ${join(folder, "message-service.conf")}; }`);
  return { check: ["-t", "-p", folder, "-c", file], run: ["-p", folder, "-c", file] };
}

function prepareHaproxy(folder, nodes, ports, { certificate, key }) {
  writeFileSync(join(folder, "both.pem"), readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, substituted("haproxy/haproxy.cfg", {
    ...nodeAddresses(nodes),
    "bind :80\n": `bind 127.0.0.1:${ports.http}\n`,
    "bind :443 ": `bind 127.0.0.1:${ports.https} `,
    "/etc/haproxy/tls/chat.example.pem": join(folder, "both.pem"),
    "log /dev/log local0": "log stdout format raw local0",
    "/run/haproxy/admin.sock": join(folder, "admin.sock"),
  }));
  return { check: ["-c", "-f", file], run: ["-db", "-f", file] };
}

/** HAProxy's table of servers, each with the result of its last check: `{"message_service_api/node1": "UP L7OK", …}`. */
function serversOf(folder) {
  return new Promise((done, fail) => {
    let text = "";
    const socket = connect(join(folder, "admin.sock"), () => socket.write("show stat\n"));
    socket.on("data", (part) => (text += part)).once("error", fail).once("end", () => {
      const rows = text.trim().split("\n").map((line) => line.split(","));
      const [status, checked] = ["status", "check_status"].map((column) => rows[0].indexOf(column));
      done(Object.fromEntries(rows.slice(1).map((row) => [`${row[0]}/${row[1]}`, `${row[status]} ${row[checked]}`])));
    });
  });
}

const kinds = {
  nginx: { prepare: prepareNginx, log: (proxy) => readFileSync(join(proxy.folder, "access.log"), "utf8") },
  haproxy: { prepare: prepareHaproxy, log: (proxy) => proxy.output },
};

/** The proxies that deploy/ has files for, each with the reason why its tests are left out here, or false. */
export const proxies = Object.keys(kinds).map((name) => ({ name, skip: absent(name) }));

/** The nodes' own settings behind such a proxy. */
export const behindProxy = { "ForwardedHeaders:KnownProxies": "127.0.0.1" };

/**
 * Starts "nginx" or "haproxy" of deploy/ in front of two nodes: `{url, http, ports, authority, accessLog(), servers()}`.
 * Its own check of the file must find nothing.
 */
export async function startProxy(t, name, nodes) {
  let child;
  t.after(() => child?.kill("SIGKILL"));
  const folder = temporaryFolder(t);
  const ports = { http: await freePort(), https: await freePort() };
  const authority = makeAuthority(folder, "authority");
  const { check, run } = kinds[name].prepare(folder, nodes, ports, authority.sign("proxy", "IP:127.0.0.1,DNS:chat.example"));
  const checked = spawnSync(name, check, { env: environment, encoding: "utf8" });
  assert.equal(checked.status, 0, checked.stderr);
  assert.doesNotMatch(checked.stdout + checked.stderr, /warn/i);

  const proxy = { name, folder, ports, output: "", authority: readFileSync(authority.certificate),
    url: `https://127.0.0.1:${ports.https}`, http: `http://127.0.0.1:${ports.http}`,
    accessLog: () => kinds[name].log(proxy), servers: () => serversOf(folder) };
  child = spawn(name, run, { stdio: ["ignore", "pipe", "pipe"], env: environment });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (proxy.output += text));
  for (const port of Object.values(ports)) {
    await until(`${name} on ${port}`, () => {
      assert.equal(child.exitCode, null, `${name} ended: ${proxy.output}`);
      return answers(port);
    });
  }
  return proxy;
}

/** The figure after a directive in a file of deploy/, of each place where it stands: durations in ms, sizes in bytes. */
export function figures(file, directive) {
  const text = readFileSync(join(repositoryRoot, "deploy", file), "utf8");
  const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, k: 1_024, "": 1 };
  const found = [...text.matchAll(new RegExp(`^\\s*(?:option )?${directive}\\s+(?:\\d+ )?(\\d+)(ms|s|m|h|k|)\\b`, "gm"))];
  assert.ok(found.length, `${file} sets ${directive}`);
  return found.map(([, figure, unit]) => Number(figure) * (/size|buffers/.test(directive) && unit === "m" ? 1 << 20 : units[unit]));
}
