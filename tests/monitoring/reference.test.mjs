// docs/settings.md and docs/metrics.md say what the program declares.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { repositoryRoot } from "../support/service.mjs";

test("the pages of settings and metrics are what the program declares", () => {
  const { status, stderr } = spawnSync("scripts/write_reference.mjs", ["--check"], { cwd: repositoryRoot, encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
