// tests/conformance/run_specs.sh --browser: what runs and passes, and every way in which a run must not count as good.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryRoot, temporaryFolder } from "../support/service.mjs";

const client = join(repositoryRoot, "tests/clients/node_modules/signalr-10/dist");

/** Runs these files, `{name: text}`; gives the exit code and what was printed. */
function run(t, files, { copies = [], atLeast = 1 } = {}) {
  const folder = temporaryFolder(t);
  for (const [name, from] of copies) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    copyFileSync(from, join(folder, name));
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { status, stdout, stderr } = spawnSync("tests/conformance/run_specs.sh", ["--browser", folder, String(atLeast)],
    { cwd: repositoryRoot, encoding: "utf8", timeout: 60_000 });
  return { status, output: stdout + stderr };
}

const passing = 'it("passes", () => expect(1).toBe(1));';

test("our own specs pass", (t) => {
  const copies = [
    ["1-signalr.js", join(client, "browser/signalr.js")],
    ["2-page.spec.js", join(repositoryRoot, "tests/conformance/specs/browser/page.spec.js")],
    ["worker/signalr.js", join(client, "webworker/signalr.js")],
  ];
  const { status, output } = run(t, {}, { copies, atLeast: 4 });
  assert.equal(status, 0, output);
  assert.match(output, /^2 files: 4 specs ran, 4 passed, 0 failed, 1 pending$/m);
});

test("a failure is told, with what the page said before it", (t) => {
  const { status, output } = run(t, { "a.js": `${passing} it("fails", () => { console.log("a clue"); expect(1).toBe(2); });` });
  assert.equal(status, 1);
  assert.match(output, /^failed: fails\n {2}Expected 1 to be 2\.[^]*^ {2}\| a clue$/m);
  assert.match(output, /^1 files: 2 specs ran, 1 passed, 1 failed, 0 pending$/m);
});

test("fewer than there should have been are not enough", (t) => {
  const { status, output } = run(t, { "a.js": `${passing} xit("is left out", () => {});` }, { atLeast: 2 });
  assert.equal(status, 1);
  assert.match(output, /^at least 2 should have run$/m);
});

test("a file that cannot be run fails all", (t) => {
  const { status, output } = run(t, { "a.js": passing, "b.js": 'throw new Error("not loaded");' });
  assert.equal(status, 1);
  assert.match(output, /^the page: Error: not loaded/m);
});

test("a failure outside of the specs is told and fails all", (t) => {
  const late = 'afterAll(() => { throw new Error("too late"); });';
  for (const [file, where] of [[`${passing} ${late}`, "outside of all suites"], [`describe("suite", () => { ${passing} ${late} });`, "suite"]]) {
    const { status, output } = run(t, { "a.js": file });
    assert.equal(status, 1);
    assert.match(output, new RegExp(`^failed: ${where}\n {2}Error: too late`, "m"));
    assert.match(output, /^1 files: 1 specs ran, 1 passed, 0 failed, 0 pending$/m);
  }
});
