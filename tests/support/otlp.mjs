// Receivers of traces for tests.
//
//   const collector = await startCollector(t);         // the OpenTelemetry Collector's own receiver; null without Go
//   const receiver = await startReceiver(t);           // one of ours, which can be slow, refuse, and be away
//   await startService(t, { settings: { "Tracing:Endpoint": collector.endpoint } });
//   await collector.spans((all) => all.length === 5);
//
// A span: {traceId, spanId, parentSpanId, name, kind, attributes: {}, links: [{traceId, spanId}], resource: {}, failed,
// startTimeUnixNano, endTimeUnixNano}, with ids in hexadecimal.

import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { pythonWith } from "./python.mjs";
import { repositoryRoot, until } from "./service.mjs";

const run = promisify(execFile);
const BUILD_MS = 580_000; // the first time, with the modules to fetch
const SPANS_MS = 60_000;
const GO_THAT_FETCHES_GO = 21; // 1.21 and later get the version that go.mod names, as another module
const cache = process.env.MESSAGE_SERVICE_CACHE ?? join(homedir(), ".cache/message-service");
const folder = join(repositoryRoot, "tests/tracing/collector");

/** What OTLP's JSON says, flat. */
function spansOf(request) {
  const valueOf = (value) => value.stringValue ?? Number(value.intValue);
  const asObject = (attributes = []) => Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => scopeSpans.flatMap(({ spans, scope }) =>
    spans.map((span) => ({
      ...span,
      parentSpanId: span.parentSpanId ?? "",
      attributes: asObject(span.attributes),
      links: span.links ?? [],
      resource: asObject(resource.attributes),
      scope,
      failed: span.status?.code === 2,
    }))));
}

class Spans {
  all = [];

  /** Waits until the spans that have come are as wanted, and returns them. */
  async spans(wanted, timeoutMs = SPANS_MS) {
    const names = () => this.all.map(({ name }) => name).join(", ");
    await until(`the spans that are wanted; there are: ${names()}`, async () => {
      await this.update?.();
      return wanted(this.all);
    }, timeoutMs, 100);
    return this.all;
  }
}

/** Builds the program in tests/tracing/collector. Null on a machine whose Go cannot. */
async function collectorProgram() {
  const hash = createHash("sha256");
  for (const file of ["main.go", "go.mod", "go.sum"]) hash.update(readFileSync(join(folder, file)));
  const program = join(cache, `otlp-collector-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  const version = await run("go", ["env", "GOVERSION"], { cwd: "/" }).catch(() => null);
  const [, minor = 0] = version?.stdout.match(/^go1\.(\d+)/) ?? [];
  if (Number(minor) < GO_THAT_FETCHES_GO) return null;
  mkdirSync(cache, { recursive: true });
  const build = `test -e ${program} || { nice go build -o ${program}.new . && mv ${program}.new ${program}; }`;
  await run("flock", [`${program}.lock`, "sh", "-c", build], { cwd: folder, timeout: BUILD_MS, env: { ...process.env, GOTOOLCHAIN: "auto" } });
  return program;
}

/** The receiver of the OpenTelemetry Collector; null where there is no Go to build it with. */
export async function startCollector(t) {
  const program = await collectorProgram();
  if (!program) return null;
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill());
  const collector = new Spans();
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (collector.endpoint) collector.all.push(...spansOf(JSON.parse(line)));
    else collector.endpoint = `http://${line}/v1/traces`;
  });
  await until("the collector's address", () => collector.endpoint);
  return collector;
}

const DECODE = `
import base64, json, sys
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
for line in sys.stdin:
    print(json.dumps(MessageToDict(ExportTraceServiceRequest.FromString(base64.b64decode(line)), use_integers_for_enums=True)), flush=True)
`;

class Receiver extends Spans {
  status = 200;
  delayMs = 0;
  requests = []; // {headers, body}, also those that were refused
  #undecoded = [];

  constructor(t) {
    super();
    this.server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      const { status } = this;
      this.requests.push({ path: request.url, headers: request.headers, bytes: body.length, status });
      if (status === 200) this.#undecoded.push(body);
      await new Promise((done) => setTimeout(done, this.delayMs).unref());
      response.writeHead(status, { "Content-Type": "application/x-protobuf" }).end();
    });
    t.after(() => this.stop());
  }

  async start(port = 0) {
    await new Promise((done) => this.server.listen(port, "127.0.0.1", done));
    this.port = this.server.address().port;
    this.endpoint = `http://127.0.0.1:${this.port}/v1/traces`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  /** Decodes, with OpenTelemetry's own definitions, what has come. */
  async update() {
    const bodies = this.#undecoded.splice(0);
    if (bodies.length === 0) return;
    const python = await pythonWith("opentelemetry-proto");
    const child = run(python, ["-c", DECODE], { maxBuffer: 1 << 28 });
    child.child.stdin.end(bodies.map((body) => body.toString("base64") + "\n").join(""));
    const hex = (base64) => Buffer.from(base64 ?? "", "base64").toString("hex");
    const withIds = (one) => ({ ...one, traceId: hex(one.traceId), spanId: hex(one.spanId) });
    for (const line of (await child).stdout.trim().split("\n")) {
      this.all.push(...spansOf(JSON.parse(line)).map((span) =>
        ({ ...withIds(span), parentSpanId: hex(span.parentSpanId), links: span.links.map(withIds) })));
    }
  }
}

/** A receiver that a test steers: `status` and `delayMs` of its answers, stop(), start(port). */
export const startReceiver = (t) => new Receiver(t).start();
