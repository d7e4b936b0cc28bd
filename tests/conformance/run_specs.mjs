// Runs every .js, .cjs and .mjs below a folder as Jasmine specs, one after the other, and counts what really ran.
// For run_specs.sh, which tells what the arguments are.

import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { SpecReport } from "./spec_report.mjs";

const [folder, atLeast] = [process.argv[2], Number(process.argv[3])];
const Jasmine = createRequire(new URL("../clients/package.json", import.meta.url))("jasmine");

const files = readdirSync(folder, { recursive: true })
  .map((name) => join(folder, name))
  .filter((path) => /\.[cm]?js$/.test(path) && !path.includes("node_modules") && statSync(path).isFile())
  .sort();

const report = new SpecReport();
const runner = new Jasmine({ projectBaseDir: folder });
runner.exitOnCompletion = false;
runner.loadConfig({ spec_files: files, random: false, jsLoader: "import" });
runner.jasmine.DEFAULT_TIMEOUT_INTERVAL = 30_000;
runner.clearReporters();
runner.addReporter({ specDone: (result) => report.specDone(result), suiteDone: (result) => report.suiteDone(result) });
const result = await runner.execute();
process.exit(report.close({ ...result, files: files.length, atLeast }) ? 0 : 1);
