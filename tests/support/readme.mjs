// The README as a user follows it: its blocks in their order, in one folder, one command after the other.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { javaProgram } from "./java.mjs";
import { readPage } from "./markdown.mjs";
import { pythonWith } from "./python.mjs";
import { repositoryRoot } from "./service.mjs";

const run = promisify(execFile);
const COMMAND_MS = 120_000;
const ADDRESS = "http://127.0.0.1:5005";
const clients = join(repositoryRoot, "tests/clients");

/** The blocks of the section "## TITLE" and those below it. */
export function blocksOf(title) {
  const text = readFileSync(join(repositoryRoot, "README.md"), "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  assert.ok(section, title);
  return readPage(section).blocks;
}

function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) symlinkSync(target, path);
}

// What a page installs is what the tests' own clients stand on, in the versions that they pin.
const installers = [
  [/^npm install @microsoft\/signalr$/, async (folder) => link(join(clients, "node_modules/signalr-10"), join(folder, "node_modules/@microsoft/signalr"))],
  [/^python3 -m venv python && python\/bin\/pip install signalrcore$/, async (folder) => link(dirname(dirname(await pythonWith("signalrcore==1.0.2", "pysignalr==1.3.3"))), join(folder, "python"))],
  [/^mvn -q -f \.\.\/\.\.\/tests\/clients\/java dependency:copy-dependencies -DoutputDirectory="\$PWD\/java"$/, async (folder) => {
    const command = await javaProgram(join(clients, "java"), "HubClient");
    link(command[command.indexOf("-cp") + 1].split(":")[1].replace(/\/\*$/, ""), join(folder, "java"));
  }],
];

/** A user's shell: it keeps the folder and the variables from block to block. `address` stands for the README's. */
export class Follower {
  #state = "";
  constructor(folder, address) {
    Object.assign(this, { folder, address });
  }

  #adapted(text) {
    return text.replaceAll(ADDRESS, this.address);
  }

  async #where() {
    const { stdout } = await run("bash", ["-ec", `${this.#state}pwd`], { cwd: this.folder });
    return stdout.trim();
  }

  /** Saves a program under the name that stands in code above it. */
  async save({ text, before }) {
    const name = before.match(/`([\w-]+\.(?:mjs|py|java))`/)?.[1];
    assert.ok(name, `a name above ${text}`);
    writeFileSync(join(await this.#where(), name), this.#adapted(text));
  }

  /** Runs a block of commands: what they print. */
  async run({ text }) {
    let printed = "";
    for (const command of text.replaceAll("\\\n", "").trim().split("\n")) {
      const [, install] = installers.find(([pattern]) => pattern.test(command)) ?? [];
      if (install) {
        await install(await this.#where());
        continue;
      }
      const { stdout } = await run("bash", ["-ec", this.#state + this.#adapted(command)], { cwd: this.folder, timeout: COMMAND_MS, encoding: "utf8" });
      printed += stdout;
      if (/^(export|cd|mkdir) /.test(command)) this.#state += `${this.#adapted(command)}\n`;
    }
    return printed;
  }
}

const MASKED = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|js-\d+/g, "ID"],
  [/\b[0-9a-f]{24}\b/g, "ID"],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME"],
];
const masked = (text) => MASKED.reduce((left, [pattern, name]) => left.replace(pattern, name), text.replaceAll("\r", ""));

/** The first line that a page shows and that was not printed, in the order of the page; ids and times are others, "…" is anything. */
export function missingLine(shown, printed) {
  const lines = masked(printed).split("\n");
  return masked(shown).split("\n").filter(Boolean).find((expected) => {
    const pattern = new RegExp(`^${expected.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*")}$`);
    const found = lines.findIndex((line) => pattern.test(line));
    lines.splice(0, found + 1);
    return found < 0;
  });
}

export function assertShown(shown, printed) {
  assert.equal(missingLine(shown, printed), undefined, masked(printed));
}
