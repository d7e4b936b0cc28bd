// A service under a service manager: tests/support/service_manager.py plays systemd's part of it.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { binary, repositoryRoot, until } from "./service.mjs";

class Manager {
  #child;

  constructor(child) {
    this.#child = child;
    this.events = []; // all that the manager has told, in its order, each with `atMs`
    createInterface({ input: child.stdout }).on("line", (line) => this.events.push({ ...JSON.parse(line), atMs: performance.now() }));
  }

  #say(wish) {
    this.#child.stdin.write(`${JSON.stringify(wish)}\n`);
  }

  /** The first event after the first `after` ones that `fits`. */
  async event(what, fits, after = 0) {
    return until(`${what} of\n${this.events.map((event) => JSON.stringify(event)).join("\n")}`, () => this.events.slice(after).find(fits));
  }

  /** The first notification after the first `after` events that has this assignment. */
  async notified(key, value, after = 0) {
    return this.event(`${key}=${value}`, ({ notified }) => notified?.[key] === value, after);
  }

  async logged(pattern, after = 0) {
    return this.event(String(pattern), ({ output }) => output?.match(pattern), after);
  }

  /** Starts the program, which ends before the manager does. */
  start(args) {
    this.#say({ start: [binary, ...args] });
  }

  signal(name) {
    this.#say({ signal: name });
  }

  /** Sends the signal and waits for the end: its code, or minus the signal that ended it. */
  async end(name) {
    const after = this.events.length;
    this.signal(name);
    return (await this.event(`end after ${name}`, ({ ended }) => ended !== undefined, after)).ended;
  }
}

/**
 * A manager that has started nothing yet.
 *   listen      addresses such as "127.0.0.1:0" of sockets that it holds and hands over; `ports` has their ports
 *   abstract    whether its own address is an abstract one
 *   watchdogMs  how often the program must say that it is alive
 */
export async function startManager(t, { listen = [], abstract = false, watchdogMs = 0 } = {}) {
  const options = listen.flatMap((address) => ["--listen", address]);
  if (abstract) options.push("--abstract");
  if (watchdogMs) options.push("--watchdog-usec", String(watchdogMs * 1000));
  const script = join(repositoryRoot, "tests/support/service_manager.py");
  const child = spawn("python3", [script, ...options], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("close", done));
  t.after(async () => {
    child.stdin.end();
    await ended;
  });
  const manager = new Manager(child);
  manager.ports = (await manager.event("sockets", ({ sockets }) => sockets)).sockets;
  return manager;
}
