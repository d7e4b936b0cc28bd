#!/usr/bin/env node
// Checks the list of steps in ARCHITECTURE.md, "The files that a message passes", against the running program.
//   scripts/message_way.mjs [PROGRAM]      build/dev/message-service by default: it must be built without inlining
//
// Sends three messages on the embedded default under callgrind and keeps what ran for each of them. A step takes a message
// (or its batch, or its event) and hands it on. Everything else that runs is called by a step and returns to it: values,
// codecs, tables, caches, counters. The script fails when a step did not run, when two steps that follow each other do not
// call each other, or when the list is longer than 20.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { connectHub } from "../tests/support/hub.mjs";
import { repositoryRoot, sleep, startService, temporaryFolder, until } from "../tests/support/service.mjs";
import { messagesUrl, request } from "../tests/support/traffic.mjs";

const STEPS_MAX = 20;
const ROUNDS = 3;

function listedSteps() {
  const [, section] = readFileSync(join(repositoryRoot, "ARCHITECTURE.md"), "utf8").split("## The files that a message passes");
  return [...section.split("\n## ")[0].matchAll(/^\d+\. `(.+?)`/gm)].map(([, name]) => `src/${name}`);
}

/** "src/api/message_routes" of a header or a source of ours; null of others'. */
const unit = (file) => file?.match(/(?:^|\/)((?:src|libs)\/.*)\.(?:h|cc)$/)?.[1] ?? null;

/** The units that ran, and "caller -> callee" for those that called each other. */
function readProfile(text) {
  const names = new Map();
  const ran = new Set();
  const calls = new Set();
  let current;
  for (const line of text.split("\n")) {
    const [, kind, id, name] = /^(c?f[lie])=\((\d+)\)(?: (.*))?$/.exec(line) ?? [];
    if (!kind) continue;
    if (name) names.set(id, unit(name));
    const other = names.get(id);
    if (kind.startsWith("c")) {
      if (current && other && current !== other) calls.add(`${current} -> ${other}`);
    } else {
      current = other;
    }
    if (other) ran.add(other);
  }
  return { ran, calls };
}

const inAll = (sets) => new Set([...sets[0]].filter((item) => sets.every((set) => set.has(item))));

async function profiles(scope, program) {
  const folder = temporaryFolder(scope);
  const wrapper = join(folder, "under_callgrind");
  const callgrind = `valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file='${folder}/out'`;
  writeFileSync(wrapper, `#!/bin/sh\nexec ${callgrind} '${program}' "$@"\n`, { mode: 0o755 });
  const service = await startService(scope, { program: wrapper, conversations: ["conv-1"], settings: { "Server:Threads": 1 } });
  const control = (...args) => execFileSync("callgrind_control", [...args, String(service.pid)], { stdio: "ignore" });
  const client = await connectHub(scope, service);
  await client.join("conv-1");
  const send = async (count) => {
    const body = { senderId: "parent-001", senderType: "Parent", content: `message ${count}` };
    const { status } = await request(messagesUrl(service.url, "conv-1"), { method: "POST", body });
    if (status !== 202) throw new Error(`message ${count} was answered ${status}`);
    await until("the message", () => client.received.length >= count);
  };
  for (let count = 1; count <= 5; count += 1) await send(count); // what runs once has run
  const found = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    control("-i", "on");
    await send(5 + round);
    await sleep(200); // for what follows the client's copy
    control("-i", "off");
    control("--dump");
    const file = await until("the dump", () => readdirSync(folder).find((name) => name === `out.${round}`));
    await sleep(500); // while it is written
    found.push(readProfile(readFileSync(join(folder, file), "utf8")));
  }
  return { ran: inAll(found.map(({ ran }) => ran)), calls: inAll(found.map(({ calls }) => calls)) };
}

const hooks = [];
let code = 0;
try {
  const { ran, calls } = await profiles({ after: (hook) => hooks.push(hook) }, resolve(process.argv[2] ?? "build/dev/message-service"));
  const steps = listedSteps();
  const wrong = steps.filter((step) => !ran.has(step)).map((step) => `${step} did not run`);
  for (const [at, step] of steps.slice(1).entries()) {
    const one = steps.slice(0, at + 1).some((earlier) => calls.has(`${earlier} -> ${step}`) || calls.has(`${step} -> ${earlier}`));
    if (!one) wrong.push(`${step} and the steps before it do not call each other`);
  }
  if (steps.length > STEPS_MAX) wrong.push(`${steps.length} steps; ${STEPS_MAX} are allowed`);
  for (const [at, step] of steps.entries()) console.log(`${String(at + 1).padStart(2)} ${step}`);
  const inSrc = [...ran].filter((name) => name.startsWith("src/"));
  console.log(`${steps.length} steps; with all that they call, ${inSrc.length} files of src/ and ${ran.size - inSrc.length} of libs/ run`);
  for (const text of wrong) console.error(text);
  code = wrong.length > 0 ? 1 : 0;
} finally {
  for (const hook of hooks.reverse()) await hook();
}
process.exit(code);
