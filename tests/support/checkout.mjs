// A user's checkout in which everything is built already: the scripts and configurations of this one, and a folder of its own
// for what ./run and the commands behind it write.

import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { binary, repositoryRoot, temporaryFolder, until, within } from "./service.mjs";

const START_MS = 180_000; // the first --cluster fetches its servers
const STOP_MS = 90_000;

function makeCheckout(t) {
  const folder = temporaryFolder(t);
  copyFileSync(join(repositoryRoot, "run"), join(folder, "run"));
  for (const name of ["conf", "tests"]) symlinkSync(join(repositoryRoot, name), join(folder, name));
  for (const name of ["scripts", "build"]) mkdirSync(join(folder, name));
  for (const name of readdirSync(join(repositoryRoot, "scripts")).filter((each) => each !== "setup.sh")) {
    symlinkSync(join(repositoryRoot, "scripts", name), join(folder, "scripts", name));
  }
  writeFileSync(join(folder, "scripts/setup.sh"), `. '${repositoryRoot}/scripts/setup.sh'\nbuild_release() { :; } # who runs the tests has built it\n`);
  symlinkSync(dirname(binary), join(folder, "build/release"));
  return folder;
}

/** The group that `child` leads. */
function killGroup(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/**
 * Runs `words`, such as ["./run", "--cluster"], in a checkout of its own until it shows where its pages are, and interrupts it
 * before `t` ends: {folder, printed(), stop()}.
 */
export async function startRun(t, words) {
  let stop; // hooks run in the order they are given: the program ends before its folder goes
  t.after(() => stop?.());
  const folder = makeCheckout(t);
  const child = spawn(words[0], words.slice(1), { cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => killGroup(child);
  process.on("exit", kill);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = new Promise((done) => child.once("close", (code, signal) => done({ code, signal })));
  stop = async () => {
    if (child.exitCode === null) child.kill("SIGINT");
    try {
      return await within(`the end of ${words.join(" ")}`, ended, STOP_MS);
    } finally {
      kill();
      process.off("exit", kill);
    }
  };
  await until(`the pages of ${words.join(" ")}`, () => child.exitCode !== null || output.includes("Ctrl-C stops the service"), START_MS);
  if (child.exitCode !== null) throw new Error(`${words.join(" ")} ended with ${child.exitCode}:\n${output}`);
  return { folder, printed: () => output, stop };
}
