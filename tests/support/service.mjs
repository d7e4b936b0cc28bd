// Runs the real program for black-box tests: each service gets a temporary folder and a free port of its own, and is
// stopped by its process id when the test (or suite) that owns it ends, whether it passed or failed.
//
//   const service = await startService(t, { settings: { "Limits:BodyBytes": 1024 }, conversations: ["conv-123"] });
//   await fetch(`${service.url}/health/live`);
//   await service.kill("SIGKILL");                       // a crash: the folder and the port are kept …
//   await service.restart();                             // … and the same service comes back on both
//
// The program is $MESSAGE_SERVICE, or the release build.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { after } from "node:test";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const binary = resolve(repositoryRoot, process.env.MESSAGE_SERVICE ?? "build/release/message-service");

/** How long is waited for what must come: only a failure takes so long, on however busy a machine. */
export const WAIT_MS = 30_000;
const STOP_MS = 15_000; // above Shutdown:TimeoutMs

const running = new Set(); // child processes of this test file, for the case that the runner leaves without hooks
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/**
 * What stands for `t` when a whole file or suite shares a service: its hooks run after the last test.
 * To be called where tests are declared, and used in `before`.
 */
export function sharedScope() {
  const hooks = [];
  after(async () => {
    for (const hook of hooks) await hook();
  });
  return { after: (hook) => hooks.push(hook) };
}

/** Settings of a service that accepts and for a long time stores nothing. */
export const waitsForMore = {
  "MessagePersistence:FlushWhenIdle": false,
  "MessagePersistence:FlushIntervalMs": 600_000,
  "MessagePersistence:BatchSize": 100_000,
  "MessagePersistence:MaxBatchSize": 100_000,
};

/** A new folder that is removed when `t` (a test context, or anything with `after(fn)`) ends. */
export function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "message-service-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Calls `probe` until it gives something true, and returns that; throws naming `what` after `timeoutMs`. */
export async function until(what, probe, timeoutMs = WAIT_MS, everyMs = 10) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(everyMs);
  }
}

/** Settles like `promise`, or fails naming `what` after `timeoutMs`. */
export async function within(what, promise, timeoutMs = WAIT_MS) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not within ${timeoutMs} ms: ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function launch(args, { cwd, env, openFiles, program = binary }) {
  const [command, ...before] = openFiles ? ["prlimit", `--nofile=${openFiles}`, program] : [program];
  const child = spawn(command, [...before, ...args], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8");
  return child;
}

/** `exit` of a child as a value: `{code, signal}`; also when the program could not be started at all. */
function exitOf(child) {
  return new Promise((done) => {
    child.once("error", (error) => done({ code: null, signal: null, error }));
    child.once("close", (code, signal) => done({ code, signal }));
  }).finally(() => running.delete(child));
}

/** Runs a verb to its end: `{code, signal, stdout, stderr}`. Killed, and the promise failed, after `timeoutMs`. */
export async function runVerb(args, { cwd = tmpdir(), env = {}, openFiles, timeoutMs = WAIT_MS, program = binary } = {}) {
  const child = launch(args, { cwd, env, openFiles, program });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => (stderr += text));
  try {
    return { ...(await within(`end of ${args.join(" ")}`, exitOf(child), timeoutMs)), stdout, stderr };
  } finally {
    child.kill("SIGKILL");
  }
}

export class Service {
  #child;
  #options;

  constructor(options) {
    this.#options = options;
    this.dataDirectory = options.dataDirectory;
    this.port = options.port ?? 0; // the real one once started; kept by restart()
    this.stdout = "";
    this.stderr = "";
    this.exited = Promise.resolve(null);
  }

  get pid() {
    return this.#child?.pid;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get arguments() {
    const { settings, conversations, roles, args } = this.#options;
    const flags = { Urls: this.url, "Providers:DataDirectory": this.dataDirectory, ...settings };
    if (conversations.length) flags["Demo:Conversations"] = conversations.join(",");
    return [
      "serve",
      ...Object.entries(flags).map(([key, value]) => `--${key}=${value}`),
      ...(roles ? ["--roles", roles] : []),
      ...args,
    ];
  }

  /** Everything printed since the last start, both streams. */
  get output() {
    return this.stdout + this.stderr;
  }

  /** Starts the program and waits until it listens. `settings` replace the ones of the start before. */
  async start(settings) {
    if (settings) this.#options.settings = settings;
    this.stdout = "";
    this.stderr = "";
    const { env, openFiles, program } = this.#options;
    const child = launch(this.arguments, { cwd: this.dataDirectory, env, openFiles, program });
    this.#child = child;
    child.stdout.on("data", (text) => (this.stdout += text));
    child.stderr.on("data", (text) => (this.stderr += text));
    this.exited = exitOf(child);
    let ended = null;
    this.exited.then((exit) => (ended = exit));
    const listening = await until(
      `the line "Now listening on" of ${this.#options.program}`,
      () => ended ?? this.stdout.match(/Now listening on: https?:\/\/[^\s]*:(\d+)/),
    );
    if (ended) throw new Error(`${this.#options.program} ended with ${JSON.stringify(ended)}:\n${this.output}`);
    this.port = Number(listening[1]);
    return this;
  }

  /** Sends `signal` and waits for the end: `{code, signal}`. */
  async kill(signal) {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    return within(`exit after ${signal}`, this.exited, STOP_MS);
  }

  /** SIGTERM and the exit; SIGKILL when that takes too long, and then an error. */
  async stop() {
    try {
      return await this.kill("SIGTERM");
    } finally {
      this.#child?.kill("SIGKILL");
    }
  }

  /** Stops gently if it still runs, then starts again on the same port and folder. */
  async restart(settings) {
    await this.stop();
    return this.start(settings);
  }

  /** Stops gently if it still runs, then starts another program on the same port and folder. */
  async replace(program) {
    await this.stop();
    this.#options.program = program;
    return this.start();
  }

  /** Waits until the output of this run matches, and returns the match. */
  async logged(pattern) {
    return until(`${pattern} in the output:\n${this.output}`, () => this.output.match(pattern));
  }
}

/**
 * Starts a service that ends with `t`.
 *   settings        {"Section:Key": value}, given as flags
 *   conversations   made at start; ["conv-123"] by default
 *   roles, args     further command line
 *   env             further environment
 *   openFiles       limits of open files, "soft:hard"; by default this process's own
 *   dataDirectory   an existing folder; a temporary one by default
 *   port            a free one by default
 *   program         another build of the service; $MESSAGE_SERVICE by default
 */
export async function startService(t, options = {}) {
  let service; // hooks run in the order they are given: the program ends before its folder goes
  t.after(() => service?.kill("SIGKILL"));
  service = new Service({
    settings: {},
    conversations: ["conv-123"],
    args: [],
    env: {},
    program: binary,
    ...options,
    dataDirectory: options.dataDirectory ?? temporaryFolder(t),
  });
  return service.start();
}
