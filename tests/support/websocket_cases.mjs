// The Autobahn cases of the WebSocket protocol, as kosoku has them, against the echo program (tests/conformance/websocket)
// on the HTTP server and the stream of the hub. $WEBSOCKET_ECHO, or the release build.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { startProgram } from "./conformance.mjs";
import { pythonWith } from "./python.mjs";
import { repositoryRoot } from "./service.mjs";

const run = promisify(execFile);
const program = resolve(repositoryRoot, process.env.WEBSOCKET_ECHO ?? "build/release/websocket-echo");
const script = join(repositoryRoot, "tests/conformance/websocket/run_cases.py");
const RUN_MS = 240_000;

export const startEcho = (t) => startProgram(t, program);

/**
 * Runs every case of a group, `cases` of them, or those whose numbers are given. None may fail, and none may be merely
 * not strict; `informational` are those that only look at what a server does.
 */
export async function runCases(server, group, cases, informational = []) {
  const python = await pythonWith("kosoku==0.1.0");
  const chosen = Array.isArray(cases) ? cases.map((number) => `${group}.${number}`) : [`${group}.*`];
  const { stdout } = await run(python, [script, server.url.replace("http", "ws"), ...chosen],
    { timeout: RUN_MS, maxBuffer: 1 << 24 });
  const outcomes = Object.entries(JSON.parse(stdout));
  const wanted = (id) => (informational.includes(id) ? "INFORMATIONAL" : "OK");
  const others = outcomes.filter(([id, { behavior, close }]) => behavior !== wanted(id) || close !== wanted(id));
  assert.deepEqual(others, [], "none failed, none is merely not strict");
  assert.equal(outcomes.length, Array.isArray(cases) ? cases.length : cases);
}
