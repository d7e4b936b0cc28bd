// Makes a data folder by some build of the service, for data_folders.test.mjs: NAME.tar.gz, and what is in it as NAME.json.
//   node tests/process/data_folders/make.mjs NAME PROGRAM
//   node tests/process/data_folders/make.mjs format-4 "$(scripts/previous_program.sh COMMIT)"

import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startService, until } from "../../support/service.mjs";
import { messagesUrl, readHistory, request } from "../../support/traffic.mjs";

const [name, program] = process.argv.slice(2);
const folder = dirname(fileURLToPath(import.meta.url));
const bytesMax = 50 * 1024;
const conversations = ["school", "office"];
const waits = { "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 60_000 };
const hooks = [];

try {
  const service = await startService({ after: (hook) => hooks.push(hook) }, { program: resolve(program), conversations });
  const post = async (conversationId, temporaryMessageId, content) => {
    const body = { temporaryMessageId, senderId: "parent-001", senderType: "Parent", content };
    const { status } = await request(messagesUrl(service.url, conversationId), { method: "POST", body });
    if (status !== 202) throw new Error(`${temporaryMessageId}: ${status}`);
    return { conversationId, temporaryMessageId, content };
  };
  for (let n = 1; n <= 20; n += 1) {
    await post(conversations[n % 2], `stored ${n}`, `${n}: "Grüße", said 学校 🎒`);
    const { status } = await request(messagesUrl(service.url, conversations[n % 2]), {
      method: "POST", body: { senderId: "teacher-001", senderType: "Teacher", content: `${n}, under an id that the service made` } });
    if (status !== 202) throw new Error(`${n}: ${status}`);
  }
  const stored = {};
  for (const id of conversations) {
    await until(`the messages of ${id}`, async () => (stored[id] = await readHistory(service, id)).length === 20);
  }
  await service.restart(waits);
  const waiting = [];
  for (let n = 1; n <= 5; n += 1) waiting.push(await post(conversations[n % 2], `waiting ${n}`, `accepted and not stored, ${n}`));
  await service.kill("SIGKILL");

  const archive = join(folder, `${name}.tar.gz`);
  execFileSync("tar", ["-C", service.dataDirectory, "--sparse", "--owner=0", "--group=0", "--exclude=./db/LOG*", "--exclude=./admin-token",
    "-cf", `${archive}.tar`, "."]);
  execFileSync("sh", ["-c", `gzip -9n <"${archive}.tar" >"${archive}" && rm "${archive}.tar"`]);
  const format = readFileSync(join(service.dataDirectory, "FORMAT"), "utf8");
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ format, stored, waiting }, null, 1)}\n`);
  const { size } = statSync(archive);
  console.log(`${archive}: ${size} bytes, ${format.trim()}`);
  if (size > bytesMax) process.exitCode = 1;
} finally {
  for (const hook of hooks) await hook();
}
