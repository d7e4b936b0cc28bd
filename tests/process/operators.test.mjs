// lag and doctor on the embedded log, beside the service and without it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { WAIT_MS, binary, runVerb, waitsForMore, startService, temporaryFolder, until } from "../support/service.mjs";
import { request } from "../support/traffic.mjs";

const run = promisify(execFile);
const fewConnections = "--Limits:Connections=200"; // whatever this machine allows
const folderOf = (folder) => `--Providers:DataDirectory=${folder}`;

async function postTo(service, content) {
  const { status } = await request(`${service.url}/api/conversations/conv-123/messages`, {
    method: "POST", body: { senderId: "p", senderType: "Parent", content } });
  assert.equal(status, 202);
}

async function lagOf(folder) {
  const { code, stdout, stderr } = await runVerb(["lag", "--json", "--interval", "0.2", folderOf(folder)]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

test("lag beside a service that stores: one partition, and it comes to 0", async (t) => {
  const service = await startService(t);
  for (let i = 0; i < 10; i += 1) await postTo(service, `message ${i}`);
  await until("the lag to be 0", async () => (await lagOf(service.dataDirectory)).total.lag === 0);
  const { partitions, total } = await lagOf(service.dataDirectory);
  assert.deepEqual(partitions.map(({ partition, committed, end }) => ({ partition, committed, end })),
    [{ partition: 0, committed: 10, end: 10 }]);
  assert.equal(total.secondsToZero, 0);
});

test("lag beside a service that waits for a larger batch: all that is posted, and it stays", async (t) => {
  const service = await startService(t, { settings: waitsForMore });
  for (let i = 0; i < 5; i += 1) await postTo(service, `held ${i}`);
  const { total } = await lagOf(service.dataDirectory);
  assert.equal(total.lag, 5);
  assert.equal(total.secondsToZero, null);
});

test("lag --watch goes on until Ctrl-C, and ends with 0", async (t) => {
  const service = await startService(t);
  const watch = run(binary, ["lag", "--watch", "--interval", "0.2", folderOf(service.dataDirectory)], { timeout: 2 * WAIT_MS });
  let shown = "";
  watch.child.stdout.on("data", (text) => (shown += text));
  await until("three tables", () => shown.split("total ").length > 3);
  watch.child.kill("SIGINT");
  await watch; // fails on any other exit code
});

test("doctor beside a running service: all well, as lines and as JSON", async (t) => {
  const service = await startService(t);
  const lines = await runVerb(["doctor", fewConnections, folderOf(service.dataDirectory)]);
  assert.equal(lines.code, 0, lines.stdout);
  assert.match(lines.stdout, /^ok +configuration: log: embedded, store: embedded/m);
  assert.match(lines.stdout, /^ok +data folder: the log ends at 0/m);
  const { stdout } = await runVerb(["doctor", "--json", fewConnections, folderOf(service.dataDirectory)]);
  const { well, findings } = JSON.parse(stdout);
  assert.equal(well, true);
  assert.ok(findings.length >= 4);
});

test("doctor: too few open files are wrong, and it says what would do", async (t) => {
  const command = `ulimit -n 256; exec '${binary}' doctor '${folderOf(temporaryFolder(t))}'`;
  const failed = await run("sh", ["-c", command], { timeout: WAIT_MS }).then(() => assert.fail("exit 0"), (error) => error);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /^WRONG +machine: open files: 256 .*Raise the limit to \d+/m);
});

test("without a log lag fails and doctor does not; wrong settings are 2 for both", async (t) => {
  const folder = folderOf(temporaryFolder(t));
  const lag = await runVerb(["lag", folder]);
  assert.equal(lag.code, 1);
  assert.match(lag.stderr, /holds no log/);
  const doctor = await runVerb(["doctor", fewConnections, folder]);
  assert.equal(doctor.code, 0, doctor.stdout);
  assert.match(doctor.stdout, /holds no log yet/);
  for (const verb of ["lag", "doctor"]) {
    const { code, stderr } = await runVerb([verb, "--MessagePersistence:BatchSiz=5"]);
    assert.equal(code, 2);
    assert.match(stderr, /BatchSize/);
  }
});
