// https by the binary itself: what a browser, a phone and Microsoft's client find at such an address.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // before the first connection: the certificates are the test's own
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { before, test } from "node:test";
import tls from "node:tls";
import { connectHub, signalR } from "../support/hub.mjs";
import { runVerb, sharedScope, sleep, startService, temporaryFolder, until } from "../support/service.mjs";
import { Issuer } from "../support/tokens.mjs";

const CERTIFICATE = "Kestrel:Certificates:Default:";
const scope = sharedScope();
const folder = temporaryFolder(scope);

function makeCertificate(name, names = "DNS:localhost,IP:127.0.0.1") {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", `/CN=${name}`,
    "-addext", `subjectAltName=${names}`, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  return { [`${CERTIFICATE}Path`]: certificate, [`${CERTIFICATE}KeyPath`]: key };
}

/** The service at https; its `url` is that of the other tests with another scheme. */
async function startHttps(t, settings) {
  const service = await startService(t, { settings: { Urls: "https://127.0.0.1:0", ...settings } });
  Object.defineProperty(service, "url", { get: () => `https://127.0.0.1:${service.port}` });
  return service;
}

const ask = (service, { method = "GET", path = "/health/live", body, agent, headers = {}, ...more } = {}) =>
  new Promise((resolve, reject) => {
    const call = https.request(service.url + path, { method, agent, headers: body ? { "Content-Type": "application/json", ...headers } : headers, ...more }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text, socket: response.socket }));
    });
    call.on("error", reject);
    call.end(body);
  });

const handshake = (service, options) =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({ port: service.port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () => resolve(socket));
    socket.on("error", reject);
  });

let service;
before(async () => (service = await startHttps(scope, makeCertificate("first"))));

test("a message is accepted, and browsers are told to stay with https", async () => {
  const body = JSON.stringify({ senderId: "parent-001", senderType: "Parent", content: "by https" });
  const post = { method: "POST", path: "/api/conversations/conv-123/messages", body };
  const { status, headers } = await ask(service, { ...post, headers: { Host: "chat.example" } });
  assert.deepEqual([status, headers["strict-transport-security"]], [202, "max-age=2592000"]);
  assert.equal((await ask(service, post)).headers["strict-transport-security"], undefined, "127.0.0.1 is everybody's");
  assert.match(service.stdout, /Now listening on: https:\/\/127\.0\.0\.1:\d+/);
});

test("TLS 1.2 and 1.3 are spoken and nothing older; ALPN says http/1.1", async () => {
  for (const version of ["TLSv1.2", "TLSv1.3"]) {
    const socket = await handshake(service, { minVersion: version, maxVersion: version, ALPNProtocols: ["h2", "http/1.1"] });
    assert.deepEqual([socket.getProtocol(), socket.alpnProtocol], [version, "http/1.1"]);
    socket.destroy();
  }
  await assert.rejects(handshake(service, { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }));
});

test("a session is resumed", async () => {
  const first = await handshake(service, { maxVersion: "TLSv1.2" });
  const session = first.getSession();
  first.destroy();
  const second = await handshake(service, { maxVersion: "TLSv1.2", session });
  assert.ok(second.isSessionReused());
  second.destroy();
});

for (const [name, transport] of Object.entries(signalR.HttpTransportType).filter(([, value]) => typeof value === "number" && value > 0)) {
  for (const protocol of name === "ServerSentEvents" ? ["json"] : ["json", "messagepack"]) {
    test(`the hub over ${name} in ${protocol}`, async (t) => {
      const client = await connectHub(t, service, { protocol, http: { transport } });
      await client.join("conv-123");
      const { id } = await client.send("conv-123", { senderId: "parent-001", senderType: "Parent", content: `${name} ${protocol}` });
      await until("the message", () => client.received.some(({ temporaryMessageId }) => temporaryMessageId === id));
    });
  }
}

test("who speaks plain HTTP to it harms nobody", async () => {
  await assert.rejects(fetch(`http://127.0.0.1:${service.port}/health/live`));
  assert.equal((await ask(service)).status, 200);
});

test("the certificate is replaced under load: no handshake fails, no connection is lost", async (t) => {
  const files = makeCertificate("rotating");
  const own = await startHttps(t, files);
  const kept = new https.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => kept.destroy());
  await ask(own, { agent: kept });
  const names = new Set();
  const failures = [];
  let going = true;
  const load = Array.from({ length: 4 }, async () => {
    while (going) {
      const socket = await handshake(own).catch((error) => failures.push(error.message) && null);
      if (!socket) continue;
      names.add(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    }
  });
  for (const next of ["second", "third"]) {
    const made = makeCertificate(next);
    renameSync(made[`${CERTIFICATE}KeyPath`], files[`${CERTIFICATE}KeyPath`]);
    await sleep(300); // a moment in which key and certificate do not fit
    renameSync(made[`${CERTIFICATE}Path`], files[`${CERTIFICATE}Path`]);
    await until(`the certificate ${next}`, () => names.has(next));
    assert.equal((await ask(own, { agent: kept })).status, 200);
  }
  going = false;
  await Promise.all(load);
  assert.deepEqual(failures, []);
});

test("PFX with a password, and what is wrong with a certificate is named", async (t) => {
  const { [`${CERTIFICATE}Path`]: path, [`${CERTIFICATE}KeyPath`]: key } = makeCertificate("packed");
  const pfx = join(folder, "packed.pfx");
  execFileSync("openssl", ["pkcs12", "-export", "-in", path, "-inkey", key, "-out", pfx, "-passout", "pass:s3cret"]);
  const own = await startHttps(t, { [`${CERTIFICATE}Path`]: pfx, [`${CERTIFICATE}Password`]: "s3cret" });
  assert.equal((await ask(own)).status, 200);
  const wrong = {
    "another key": [{ ...makeCertificate("lone"), [`${CERTIFICATE}KeyPath`]: key }, /lone\.pem|packed\.key/],
    "another password": [{ [`${CERTIFICATE}Path`]: pfx, [`${CERTIFICATE}Password`]: "other" }, /packed\.pfx/],
    "no such file": [{ [`${CERTIFICATE}Path`]: "/none.pem" }, /\/none\.pem/],
    "no certificate at all": [{}, /Kestrel:Certificates:Default:Path: must name a certificate/],
  };
  for (const [name, [settings, text]] of Object.entries(wrong)) {
    await assert.rejects(startHttps(t, settings), (error) => text.test(error.message) && !error.message.includes("s3cret"), name);
  }
});

const flags = (settings) => Object.entries(settings).map(([key, value]) => `--${key}=${value}`);

test("the verbs of the machine know a service that has https only by its configured certificate", async (t) => {
  const files = makeCertificate("elsewhere", "DNS:chat.example");
  const own = await startHttps(t, { ...files, AllowedHosts: "chat.example" });
  const common = { Urls: own.url, AllowedHosts: "chat.example", "Providers:DataDirectory": own.dataDirectory };
  const configured = flags({ ...common, ...files });
  const verbs = { dead: ["dead", "list"], backup: ["backup", "create", join(folder, "backups")] };
  for (const [name, verb] of Object.entries(verbs)) {
    const { code, stderr } = await runVerb([...verb, ...configured]);
    assert.equal(code, 0, `${name}: ${stderr}`);
  }
  const health = await runVerb(["health", ...configured]);
  assert.equal(health.code, 0, health.stderr);

  const others = flags({ ...common, ...makeCertificate("another", "DNS:chat.example") });
  for (const verb of Object.values(verbs)) {
    const { code, stderr } = await runVerb([...verb, ...others]);
    assert.equal(code, 1, "whoever shows another certificate gets no token");
    assert.match(stderr, /holds .* and cannot be asked: .* does not prove that it is 127\.0\.0\.1.*--ca-file/);
  }
});

test("--ca-file says whom a verb believes", async (t) => {
  const issuer = new Issuer();
  const files = makeCertificate("authority");
  const own = await startHttps(t, { ...files, ...issuer.settings() });
  const authority = ["--ca-file", files[`${CERTIFICATE}Path`]];
  const token = issuer.program("conversations:manage operator");
  const verbs = [
    ["health", "--url", own.url],
    ["conversations", "create", "--id", "school", "--participant", "parent-001:Parent", "--url", own.url, "--token", token],
    ["revocations", "add", "--sub", "parent-001", "--url", own.url, "--data-directory", own.dataDirectory],
    ["dead", "list", "--url", own.url, `--Providers:DataDirectory=${own.dataDirectory}`],
    ["backup", "create", join(folder, "other backups"), "--url", own.url, `--Providers:DataDirectory=${own.dataDirectory}`],
  ];
  for (const verb of verbs) {
    const strict = await runVerb(verb);
    assert.equal(strict.code, 1, verb.join(" "));
    assert.match(strict.stderr, /does not prove that it is 127\.0\.0\.1/, verb.join(" "));
    const { code, stderr } = await runVerb([...verb, ...authority]);
    assert.equal(code, 0, `${verb.join(" ")}: ${stderr}`);
  }
});
