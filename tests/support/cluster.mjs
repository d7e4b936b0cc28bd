// Real Kafka brokers and a real MongoDB replica set for black-box tests, each on free ports and in a folder of its own,
// stopped by their process ids when the test that owns them ends. The scripts that ./run --cluster uses do the work.
//
//   const cluster = await startCluster(t, { brokers: 3, members: 3 });
//   const node = await startService(t, { settings: cluster.settings(), roles: "api,hub" });
//   await cluster.kafka.kill(2); await cluster.kafka.restart(2);
//   await cluster.mongodb.stepDown();

import { execFile } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot, runVerb, sleep, temporaryFolder, until } from "./service.mjs";

const run = promisify(execFile);
const SCRIPT_MS = 180_000; // the first use fetches the servers

async function script(name, args, env = {}) {
  const options = { timeout: SCRIPT_MS, cwd: repositoryRoot, env: { ...process.env, ...env } };
  const { stdout } = await run(join(repositoryRoot, "scripts", name), args, options);
  return stdout.trim();
}

class Kafka {
  #folder;
  #brokers;
  #env;

  constructor(folder, brokers, tls) {
    this.#folder = folder;
    this.#brokers = brokers;
    this.#env = tls ? { KAFKA_TLS: tls } : {};
  }

  /** Starts what does not run. */
  async start() {
    this.bootstrapServers = await script("kafka.sh", ["start", this.#folder, String(this.#brokers)], this.#env);
    return this;
  }
  stop = () => script("kafka.sh", ["stop", this.#folder]);
  kill = (node) => script("kafka.sh", ["kill", this.#folder, String(node)]);
  restart = (node) => script("kafka.sh", ["restart", this.#folder, String(node)]);
  freeze = (node) => script("kafka.sh", ["freeze", this.#folder, String(node)]);
  thaw = (node) => script("kafka.sh", ["thaw", this.#folder, String(node)]);
  tool = (...args) => script("kafka.sh", ["tool", ...args]);
}

class MongoDb {
  #folder;
  #members;
  #tls;

  constructor(folder, members, tls) {
    this.#folder = folder;
    this.#members = members;
    this.#tls = tls ? ["--tls", tls] : [];
  }

  /** Starts what does not run. */
  async start() {
    const args = ["start", "--data", this.#folder, "--members", String(this.#members), ...this.#tls];
    this.connectionString = await script("mongod.py", args);
    return this;
  }
  stop = () => script("mongod.py", ["stop", "--data", this.#folder]);
  stepDown = () => script("mongod.py", ["step-down", "--data", this.#folder]);

  /** The files of the one member as they lie: nothing may write meanwhile. */
  copyTo(folder) {
    cpSync(join(this.#folder, "member-0"), folder, { recursive: true });
  }
  /** Once it is stopped: such a copy in place of its files. */
  putBack(copy) {
    const files = join(this.#folder, "member-0");
    rmSync(files, { recursive: true });
    cpSync(copy, files, { recursive: true });
    rmSync(join(files, "mongod.pid"), { force: true });
  }

  /** To every member, e.g. SIGSTOP and SIGCONT for an outage that keeps the connections. */
  signal(name) {
    for (let member = 0; member < this.#members; member += 1) {
      const file = join(this.#folder, `member-${member}`, "mongod.pid");
      if (existsSync(file)) process.kill(Number(readFileSync(file, "utf8")), name);
    }
  }
}

/**
 * Both servers, until `t` ends. `brokers` or `members` 0: without that one. `tls`: a folder with server.pem and ca.pem,
 * for servers that take nothing else.
 */
export async function startCluster(t, { brokers = 1, members = 1, tls } = {}) {
  let cluster; // hooks run in the order they are given: the servers end before their folder goes
  t.after(() => cluster?.stop());
  cluster = new Cluster(temporaryFolder(t), brokers, members, tls);
  return cluster.start();
}

class Cluster {
  static #count = 0;
  #name = `test-${process.pid}-${Date.now() % 1e6}-${Cluster.#count++}`;

  constructor(folder, brokers, members, tls) {
    this.kafka = brokers > 0 ? new Kafka(join(folder, "kafka"), brokers, tls) : undefined;
    this.mongodb = members > 0 ? new MongoDb(join(folder, "mongodb"), members, tls) : undefined;
  }

  /** Topics, a group and a database of their own on the same servers. */
  anew() {
    const other = new Cluster("", 0, 0);
    other.kafka = this.kafka;
    other.mongodb = this.mongodb;
    return other;
  }

  async start() {
    await Promise.all([this.kafka?.start(), this.mongodb?.start()]);
    return this;
  }

  async stop() {
    this.mongodb?.signal("SIGCONT");
    await Promise.allSettled([this.kafka?.stop(), this.mongodb?.stop()]);
  }

  get topicPrefix() {
    return `${this.#name}.`;
  }
  get database() {
    return this.#name;
  }

  /** What a node is told. The same for all nodes of a test. */
  settings(more = {}) {
    return {
      "Providers:EventLog": "Kafka",
      "Providers:MessageStore": "MongoDb",
      "KafkaSettings:BootstrapServers": this.kafka.bootstrapServers,
      "KafkaSettings:GroupId": this.#name,
      "KafkaSettings:TopicPrefix": this.topicPrefix,
      "MongoDbSettings:ConnectionString": this.mongodb.connectionString,
      "MongoDbSettings:DatabaseName": this.database,
      ...more,
    };
  }
}

/** The values of a metric, one for each set of labels; `labels` picks some, as in `outcome="ok"`. */
async function samples(service, name, labels = "") {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const lines = [...text.matchAll(new RegExp(`^message_service_${name}(?:\\{.*\\})? \\S+$`, "gm"))].map(([line]) => line);
  return lines.filter((line) => line.includes(labels)).map((line) => Number(line.slice(line.lastIndexOf(" "))));
}

/** The same, summed. */
export async function metric(service, name, labels) {
  return (await samples(service, name, labels)).reduce((sum, value) => sum + value, 0);
}

/** Waits until these persisters have nothing left to store. */
export async function lagIsGone(persisters, timeoutMs = 60_000) {
  await until("the lag to be 0", async () => {
    const lags = (await Promise.all(persisters.map((node) => samples(node, "consumer_lag_records")))).flat();
    return lags.length > 0 && lags.every((lag) => lag === 0); // none: nobody reads a partition yet
  }, timeoutMs, 100);
}

/** What `lag --json` says of the group. */
export async function groupLag(cluster) {
  const flags = Object.entries(cluster.settings()).map(([key, value]) => `--${key}=${value}`);
  const { code, stdout, stderr } = await runVerb(["lag", "--json", "--interval", "0.5", ...flags], { timeoutMs: 40_000 });
  if (code !== 0) throw new Error(`lag: ${stderr}`);
  return JSON.parse(stdout);
}

/**
 * Waits until all that is in the log is stored, whoever stores it: a persister that comes or goes knows only of what it
 * has been given, and not yet of what came since.
 */
export async function groupLagIsGone(cluster, timeoutMs = 120_000) {
  await until("the group's lag to be 0", async () => (await groupLag(cluster)).total.lag === 0, timeoutMs, 200);
}

/** Writes `messages` messages over all conversations through all nodes, and notes each outcome. */
export async function writeAll(nodes, log, { messages, conversations, connections = 32, agentOf, stillWanted = () => true }) {
  let next = 0;
  await Promise.all(Array.from({ length: connections }, async (_, lane) => {
    const own = conversations.filter((_, at) => at % connections === lane); // one writer a conversation: its order is known
    const node = nodes[lane % nodes.length];
    const agent = agentOf();
    for (let turn = 0; next < messages && stillWanted(); turn += 1) {
      next += 1;
      const { outcome } = await log.write(node, own[turn % own.length], { agent });
      if (outcome !== "ok") await sleep(20);
    }
    agent.destroy();
  }));
}
