// The WebSocket protocol: the Autobahn cases (as kosoku has them) against the HTTP server and the stream of the hub,
// which an echo program (tests/conformance/websocket) puts on the wire. $WEBSOCKET_ECHO, or the release build.
//
// The groups 12 and 13 are about compression, which is not offered.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { before, describe, test } from "node:test";
import { promisify } from "node:util";
import { startProgram } from "../support/conformance.mjs";
import { pythonWith } from "../support/python.mjs";
import { repositoryRoot, sharedScope } from "../support/service.mjs";

const run = promisify(execFile);
const program = resolve(repositoryRoot, process.env.WEBSOCKET_ECHO ?? "build/release/websocket-echo");
const script = join(repositoryRoot, "tests/conformance/websocket/run_cases.py");
const RUN_MS = 240_000;

// How many cases each group has, and which of them only look at what a server does.
const groups = [
  { group: 1, name: "framing", cases: 16 },
  { group: 2, name: "pings and pongs", cases: 11 },
  { group: 3, name: "reserved bits", cases: 7 },
  { group: 4, name: "opcodes", cases: 10 },
  { group: 5, name: "fragmentation", cases: 20 },
  { group: 6, name: "UTF-8", cases: 145 },
  { group: 7, name: "closing", cases: 37, informational: ["7.1.6", "7.13.1", "7.13.2"] },
  { group: 9, name: "large and many messages", cases: 54 },
  { group: 10, name: "automatic fragmentation", cases: 1 },
];

let python;
let server;
const scope = sharedScope();
before(async () => {
  python = await pythonWith("kosoku==0.1.0");
  server = await startProgram(scope, program);
});

describe("WebSocket conformance", () => {
  for (const { group, name, cases, informational = [] } of groups) {
    test(`group ${group}, ${name}: ${cases} cases`, async () => {
      const { stdout } = await run(python, [script, server.url.replace("http", "ws"), `${group}.*`],
        { timeout: RUN_MS, maxBuffer: 1 << 24 });
      const outcomes = Object.entries(JSON.parse(stdout));
      const wanted = (id) => (informational.includes(id) ? "INFORMATIONAL" : "OK");
      const others = outcomes.filter(([id, { behavior, close }]) => behavior !== wanted(id) || close !== wanted(id));
      assert.deepEqual(others, [], "none failed, none is merely not strict");
      assert.equal(outcomes.length, cases);
    });
  }
});
