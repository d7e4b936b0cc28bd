// The fixture (tests/conformance) and the SignalR clients of several years (tests/clients) that are driven against it.
//
// The program is $SIGNALR_CONFORMANCE, or the release build.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { RawConnection, request } from "./http.mjs";
import { HubSocket } from "./hub.mjs";
import { repositoryRoot, until, within } from "./service.mjs";

const program = resolve(repositoryRoot, process.env.SIGNALR_CONFORMANCE ?? "build/release/signalr-conformance");
export const chatProgram = resolve(repositoryRoot, process.env.SIGNALR_CHAT ?? "build/release/signalr-chat");
const clients = createRequire(join(repositoryRoot, "tests/clients/package.json"));

/**
 * The versions of Microsoft's client, newest first: `{name, signalR, msgpack, canAnswer, inner}`, where inner(file)
 * gives a module below the client's public face.
 */
export const versions = ["10", "8", "6"].map((major) => ({
  name: `signalr ${major}`,
  signalR: clients(`signalr-${major}`),
  msgpack: clients(`signalr-msgpack-${major}`),
  inner: (file) => clients(`./node_modules/signalr-${major}/dist/cjs/${file}.js`),
  canAnswer: major !== "6", // client results came with 7
}));

const transports = ["WebSockets", "ServerSentEvents", "LongPolling"];

/** What a client may speak: `{name, transport, protocol}` for every transport and each protocol that it carries. */
export const kinds = transports.flatMap((transport) =>
  ["json", "messagepack"]
    .filter((protocol) => protocol === "json" || transport !== "ServerSentEvents")
    .map((protocol) => ({ name: `${transport} with ${protocol}`, transport, protocol })));

/** Starts the fixture, which ends with `t`: `{url, port, pid}`. */
export const startFixture = (t) => startProgram(t, program);

/** Starts a test's server, which takes a free port, says where it listens, and ends with `t`: `{url, port, pid}`. */
export async function startProgram(t, program) {
  const child = spawn(program, { stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);
  t.after(() => {
    process.off("exit", kill);
    kill();
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  const [, url, port] = await until(`the line "Now listening on" of ${program}`,
    () => output.match(/^Now listening on: (http:\/\/127\.0\.0\.1:(\d+))\n$/));
  return { url, port: Number(port), pid: child.pid, stop: () => child.kill("SIGTERM"), ended: new Promise((done) => child.on("exit", done)) };
}

/** A connection of Microsoft's client, not started. `path` may have a query; `http` is given to withUrl(). */
export function buildConnection(fixture, { version = versions[0], transport, protocol = "json", path = "/testhub", http = {} } = {}) {
  const { signalR, msgpack } = version;
  const options = transport ? { transport: signalR.HttpTransportType[transport], ...http } : http;
  const builder = new signalR.HubConnectionBuilder().withUrl(fixture.url + path, options).configureLogging(signalR.LogLevel.None);
  if (protocol === "messagepack") builder.withHubProtocol(new msgpack.MessagePackHubProtocol());
  return builder.build();
}

/** The same, started, and stopped when `t` ends. `received` has every Message, in order. */
export async function connect(t, fixture, options) {
  const connection = buildConnection(fixture, options);
  connection.received = [];
  connection.on("Message", (message) => connection.received.push(message));
  t.after(() => connection.stop());
  await within("start of the connection", connection.start());
  return connection;
}

/** Everything a stream gives: `{items, error}`, error null for a good end. */
export function collect(stream) {
  const items = [];
  return within("the end of the stream", new Promise((done) => stream.subscribe({
    next: (item) => items.push(item),
    complete: () => done({ items, error: null }),
    error: (error) => done({ items, error: error.message }),
  })));
}


/** The message of the error that a call ends with. */
export function failure(promise) {
  return within("the failure", promise.then((value) => assert.fail(`no failure but ${value}`), (error) => error.message));
}

/** A bare WebSocket to a path, without negotiation and with nothing said yet. Closed when `t` ends. */
export async function upgrade(t, server, path, headers = {}) {
  const connection = await RawConnection.open(server.port);
  t.after(() => connection.close());
  connection.write(request("GET", path, { headers: {
    Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"), ...headers,
  } }));
  assert.equal((await connection.response())?.status, 101);
  return new HubSocket(connection);
}

/** The same to a hub of the fixture; its hands are shaken. */
export async function openSocket(t, fixture, path = "/testhub") {
  return (await upgrade(t, fixture, path)).shakeHands();
}
