// Runs every .js, .cjs and .mjs below a folder as Jasmine specs, one after the other, and counts what really ran.
// For run_specs.sh, which tells what the arguments are.

import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, atLeast] = [process.argv[2], Number(process.argv[3])];
const Jasmine = createRequire(new URL("../clients/package.json", import.meta.url))("jasmine");

const files = readdirSync(folder, { recursive: true })
  .map((name) => join(folder, name))
  .filter((path) => /\.[cm]?js$/.test(path) && !path.includes("node_modules") && statSync(path).isFile())
  .sort();

const counts = { passed: 0, failed: 0, pending: 0, excluded: 0 };
const runner = new Jasmine({ projectBaseDir: folder });
runner.exitOnCompletion = false;
runner.loadConfig({ spec_files: files, random: false, jsLoader: "import" });
runner.jasmine.DEFAULT_TIMEOUT_INTERVAL = 30_000;
runner.clearReporters();
runner.addReporter({
  specDone({ status, fullName, failedExpectations }) {
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === "failed") {
      console.log(`failed: ${fullName}`);
      for (const { message, stack } of failedExpectations) console.log(`  ${message}\n${stack ?? ""}`);
    }
  },
});
const { overallStatus, incompleteReason } = await runner.execute();

const executed = counts.passed + counts.failed;
console.log(`${files.length} files: ${executed} specs ran, ${counts.passed} passed, ${counts.failed} failed, ${counts.pending} pending`);
if (executed < atLeast) console.log(`at least ${atLeast} should have run`);
if (overallStatus !== "passed") console.log(incompleteReason ?? overallStatus);
process.exit(overallStatus !== "failed" && counts.failed === 0 && executed >= atLeast ? 0 : 1);
