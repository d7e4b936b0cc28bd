// The example program, used as its README says, and stopped as an operator would: built with everything else, and built
// as somebody else's project against an installed copy of the library.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { chatProgram, collect, connect, startProgram } from "../support/conformance.mjs";
import { repositoryRoot, until, within } from "../support/service.mjs";

async function chatHolds(t, program) {
  const server = await startProgram(t, program);
  const [ann, bob, eve] = await Promise.all([1, 2, 3].map(() => connect(t, server, { path: "/chat" })));
  const said = [ann, bob, eve].map((client) => {
    const messages = [];
    client.on("Said", (message) => messages.push(message));
    return messages;
  });
  await Promise.all([ann, bob].map((client) => client.invoke("Join", "lobby")));
  await ann.invoke("Say", "lobby", { from: "Ann", text: "Hello!" });
  await until("Bob hears it", () => said[1].length === 1);
  await eve.invoke("Join", "elsewhere");
  assert.deepEqual(said, [[{ from: "Ann", text: "Hello!" }], [{ from: "Ann", text: "Hello!" }], []]);
  assert.deepEqual(await collect(bob.stream("CountDown", 3)), { items: [3, 2, 1, 0], error: null });

  const closed = new Promise((done) => ann.onclose((error) => done(error ?? null)));
  server.stop();
  assert.equal(await within("the end of the connection", closed), null);
  assert.equal(await within("the end of the program", server.ended), 0);
}

function scratchFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "signalr-server-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const run = (program, ...parameters) => execFileSync(program, parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

function install(folder) {
  run("cmake", "--install", dirname(chatProgram), "--component", "signalr-server", "--prefix", folder);
}

// The service's own libraries, by the names of their files.
const assertLean = (program) => assert.doesNotMatch(run("ldd", program), /rocksdb|rdkafka|mongoc|bson|prometheus/);

test("a chat: rooms, a stream, and a good end", (t) => chatHolds(t, chatProgram));

test("the same, by find_package() and an installed copy of the library", async (t) => {
  const folder = scratchFolder(t);
  install(join(folder, "prefix"));
  run("cmake", "-S", join(repositoryRoot, "examples"), "-B", join(folder, "build"), `-DCMAKE_PREFIX_PATH=${join(folder, "prefix")}`);
  run("cmake", "--build", join(folder, "build"));
  const program = join(folder, "build/signalr-chat");
  assertLean(program);
  await chatHolds(t, program);
});

test("the same, by pkg-config", async (t) => {
  const folder = scratchFolder(t);
  install(folder);
  const [package_] = run("find", folder, "-name", "signalr-server.pc").trim().split("\n");
  const flags = run("env", `PKG_CONFIG_PATH=${dirname(package_)}`, "pkg-config", "--cflags", "--libs", "signalr-server").trim().split(/\s+/);
  const program = join(folder, "signalr-chat");
  run("g++", "-o", program, join(repositoryRoot, "examples/chat/main.cc"), ...flags);
  assertLean(program);
  await chatHolds(t, program);
});
