// Python packages for tests: a virtual environment for each set, kept outside the build trees, so that a second run needs
// no network.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const INSTALL_MS = 180_000;
const cache = process.env.MESSAGE_SERVICE_CACHE ?? join(homedir(), ".cache/message-service");

/** The path of a Python that has these packages ("pymongo" or "pymongo==4.10.1"). */
export async function pythonWith(...packages) {
  const folder = join(cache, `python-${packages.join("-").replace(/[^\w.-]/g, "_")}`);
  const done = join(folder, "installed");
  if (!existsSync(done)) {
    await run("python3", ["-m", "venv", folder], { timeout: INSTALL_MS });
    await run(join(folder, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages], { timeout: INSTALL_MS });
    await run("touch", [done]);
  }
  return join(folder, "bin/python");
}
