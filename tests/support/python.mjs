// Python packages for tests: a virtual environment for each set, kept outside the build trees, so that a second run needs
// no network.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const INSTALL_MS = 180_000;
const cache = process.env.MESSAGE_SERVICE_CACHE ?? join(homedir(), ".cache/message-service");

const INSTALL = `
  folder=$1; shift
  test -e "$folder/installed" && exit
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
  touch "$folder/installed"`;

/** The path of a Python that has these packages ("pymongo" or "pymongo==4.10.1"). Tests in other processes may ask too. */
export async function pythonWith(...packages) {
  const folder = join(cache, `python-${packages.join("-").replace(/[^\w.-]/g, "_")}`);
  if (!existsSync(join(folder, "installed"))) {
    mkdirSync(cache, { recursive: true });
    await run("flock", [`${folder}.lock`, "sh", "-e", "-c", INSTALL, "sh", folder, ...packages], { timeout: INSTALL_MS });
  }
  return join(folder, "bin/python");
}
