// A client in another language: a program under tests/clients that calls and reports as it is told, line by line
// (tests/clients/README.md). Ready for the walk.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { HUB } from "./hub.mjs";
import { within } from "./service.mjs";

const NEXT_MS = 60_000; // above what the programs wait for themselves, so that they can tell

export class ClientProgram {
  received = [];
  #waiting = [];
  #lines = [];
  #errors = "";

  /** `command`: the program; URL, transport and protocol follow, and `more`. Signed in by `token`. Killed when `t` ends. */
  constructor(t, service, command, { transport, protocol, more = [], token }) {
    this.command = [...command, service.url + HUB, transport, protocol, ...more];
    this.env = { ...process.env, ...(token ? { ACCESS_TOKEN: token } : {}) };
    t.after(() => this.child?.kill("SIGKILL"));
  }

  async start() {
    const [program, ...args] = this.command;
    this.child = spawn(program, args, { env: this.env, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stdin.on("error", () => {}); // its end is told by what is waited for
    this.child.stderr.setEncoding("utf8").on("data", (text) => (this.#errors += text));
    this.exit = new Promise((done) => this.child.once("close", (code, signal) => {
      for (const waiting of this.#waiting.splice(0)) waiting(null);
      done({ code, signal });
    }));
    createInterface({ input: this.child.stdout }).on("line", (line) => this.#take(JSON.parse(line)));
    const line = await this.#next("start");
    if ("error" in line) throw new Error(line.error);
    assert.deepEqual(line, { started: true });
  }

  #take(line) {
    if ("received" in line) this.received.push(line.received);
    else if (this.#waiting.length) this.#waiting.shift()(line);
    else this.#lines.push(line);
  }

  /** The next line that is no message; fails with what the program complained about when it ends instead. */
  async #next(what) {
    const line = this.#lines.shift() ??
      (this.child.exitCode === null ? await within(`${what}; ${this.#errors}`, new Promise((done) => this.#waiting.push(done)), NEXT_MS) : null);
    assert.ok(line, `the program ended: ${this.#errors}`);
    return line;
  }

  async call(method, ...parameters) {
    this.child.stdin.write(`${JSON.stringify({ call: method, arguments: parameters })}\n`);
    const line = await this.#next(method);
    if ("error" in line) throw new Error(line.error);
    assert.deepEqual(Object.keys(line), ["result"]);
    return line.result;
  }

  async stop() {
    this.child.stdin.end();
    const { stopped } = await this.#next("stop");
    assert.deepEqual(await within("exit", this.exit), { code: 0, signal: null }, this.#errors);
    return stopped;
  }
}
