// One hostile connection beside 64 honest ones: the honest ones' answers stay as quick as without it. Each shape is the
// worst that one parser or one queue can be sent, over and over, for as long as the honest load is measured. Strangers
// have cores of their own: what sends runs here at the lowest priority, and the service's work for it at the usual one.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { repositoryRoot, runVerb, sharedScope, startService, temporaryFolder, until } from "../support/service.mjs";
import { shapes } from "./adversary/shapes.mjs";

const scope = sharedScope();
let service;
before(async () => {
  service = await startService(scope, {
    settings: { "Logging:Level": "None", "Hub:Compression": true, "Limits:HubPostBytes": 1 << 20 },
  });
  await honestLoad(scope); // so that everything is warm
});

/** 1,000 posts a second over 64 connections: the latencies, from when each was meant to be sent. */
async function honestLoad(t) {
  const file = join(temporaryFolder(t), "load.json");
  const load = ["--connections", "64", "--rate", "1000", "--duration", "1", "--warmup", "0.3"];
  const { code, stdout, stderr } = await runVerb(["bench", "http", "--url", service.url, ...load, "--quiet", "--json", file]);
  assert.equal(code, 0, stdout + stderr);
  const { result } = JSON.parse(readFileSync(file, "utf8"));
  assert.equal(result.errors_total, 0);
  return result.latency;
}

/** Starts the attack; gives what stops it and tells how many bytes were sent. */
async function attack(t, shape) {
  const program = join(repositoryRoot, "tests/process/adversary/attacker.mjs");
  const attacker = spawn("nice", ["-n", "19", process.execPath, program, String(service.port), shape]);
  t.after(() => attacker.kill("SIGKILL"));
  let output = "";
  attacker.stdout.on("data", (text) => (output += text));
  attacker.stderr.pipe(process.stderr);
  await until("the attack to begin", () => output.startsWith("sending"));
  return async () => {
    attacker.stdin.end();
    await once(attacker, "close");
    const sentBytes = Number(output.split("\n")[1]);
    assert.ok(sentBytes > 0, "nothing was sent");
    return sentBytes;
  };
}

// Below this a ratio says nothing here: service, honest clients and attacker share two cores, a kernel may let a thread run
// for 4 ms before another one has its turn, and a post passes through five threads. What a turn without a bound costs
// lies far above it.
const SLICES_MS = 20;

for (const shape of Object.keys(shapes)) {
  test(shape, async (t) => {
    // A busy machine makes a run slower, never faster: the best of a few runs is what the shape costs.
    let quietP99Ms = 0;
    for (let run = 0; run < 3; run += 1) {
      quietP99Ms = Math.max(quietP99Ms, (await honestLoad(t)).p99_ms);
      const stop = await attack(t, shape);
      const latency = await honestLoad(t);
      const sentBytes = await stop();
      t.diagnostic(`p99 ${latency.p99_ms.toFixed(2)} ms, max ${latency.max_ms.toFixed(1)} ms, without it ${quietP99Ms.toFixed(2)} ms, ${(sentBytes / 1e6).toFixed(1)} MB sent`);
      if (latency.p99_ms <= Math.max(2 * quietP99Ms, SLICES_MS) && latency.max_ms <= 100) return;
    }
    assert.fail("the honest connections noticed");
  });
}
