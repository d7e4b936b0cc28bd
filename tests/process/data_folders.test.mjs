// Data folders as earlier builds have left them, small enough to be kept (data_folders/README.md): each opens with all its
// messages, or is refused by the number of its format with the way to go, and stays as it is.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryRoot, runVerb, startService, temporaryFolder, until } from "../support/service.mjs";
import { messagesUrl, readHistory, request } from "../support/traffic.mjs";

const folder = join(repositoryRoot, "tests/process/data_folders");
const PRESENT = "message-service data, format 4\n";
const names = readdirSync(folder).filter((file) => file.endsWith(".tar.gz")).map((file) => file.slice(0, -".tar.gz".length));
const contentsOf = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));

function unpack(t, name) {
  const dataDirectory = temporaryFolder(t);
  execFileSync("tar", ["-C", dataDirectory, "--no-same-owner", "-xzf", join(folder, `${name}.tar.gz`)]);
  return dataDirectory;
}

/** Of all files below: their names, and a hash of their bytes. */
const fingerprint = (directory) => readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort()
  .map((file) => `${file} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`);

async function isRefused(dataDirectory, said) {
  const before = fingerprint(dataDirectory);
  const flag = `--Providers:DataDirectory=${dataDirectory}`;
  const { code, stderr } = await runVerb(["serve", "--Urls=http://127.0.0.1:0", flag]);
  assert.equal(code, 2, stderr);
  assert.match(stderr, said);
  const looked = await runVerb(["doctor", flag]);
  assert.match(looked.stdout, /WRONG\s+data folder: .*format \d/, looked.stderr);
  assert.deepEqual(fingerprint(dataDirectory), before);
}

async function opensWithEverything(t, dataDirectory, { stored, waiting }) {
  const conversations = Object.keys(stored);
  const service = await startService(t, { dataDirectory, conversations });
  for (const id of conversations) {
    const late = waiting.filter(({ conversationId }) => conversationId === id);
    const wanted = stored[id].length + late.length;
    let now = [];
    await until(`${wanted} messages in ${id}`, async () => (now = await readHistory(service, id)).length >= wanted);
    assert.deepEqual(now.slice(0, stored[id].length), stored[id]);
    assert.deepEqual(now.slice(stored[id].length).map(({ temporaryMessageId, content }) => ({ conversationId: id, temporaryMessageId, content })), late);
    assert.deepEqual(now.map(({ sequence }) => sequence), Array.from({ length: wanted }, (_, n) => n + 1));

    for (const { temporaryMessageId, senderId, senderType, content } of now) {
      const body = { temporaryMessageId, senderId, senderType, content };
      assert.equal((await request(messagesUrl(service.url, id), { method: "POST", body })).status, 202);
    }
    const fresh = { temporaryMessageId: "fresh", senderId: "parent-001", senderType: "Parent", content: "by this program" };
    assert.equal((await request(messagesUrl(service.url, id), { method: "POST", body: fresh })).status, 202);
    await until("the fresh message", async () => (now = await readHistory(service, id)).at(-1).temporaryMessageId === "fresh");
    assert.equal(now.length, wanted + 1, "no key is stored twice");
  }
  await service.stop();
}

test("there is a folder of the present format", () => {
  assert.ok(names.some((name) => contentsOf(name).format === PRESENT));
});

for (const name of names) {
  const contents = contentsOf(name);
  test(`${name}: ${contents.format.trim()}`, async (t) => {
    const dataDirectory = unpack(t, name);
    assert.equal(readFileSync(join(dataDirectory, "FORMAT"), "utf8"), contents.format);
    if (contents.format.startsWith(PRESENT.trim())) return opensWithEverything(t, dataDirectory, contents);
    const [, number] = contents.format.match(/format (\d+)/);
    return isRefused(dataDirectory, new RegExp(`has data format ${number}, and this program reads format 4\\. Nothing was changed; .*docs/upgrading\\.md`));
  });
}

for (const [number, way] of [[1, ""], [3, ""], [5, "start the program .* that wrote it, or a newer one"]]) {
  test(`a folder that says format ${number}`, async (t) => {
    const dataDirectory = unpack(t, names.find((name) => contentsOf(name).format === PRESENT));
    writeFileSync(join(dataDirectory, "FORMAT"), `message-service data, format ${number}\n`);
    await isRefused(dataDirectory, new RegExp(`has data format ${number}, and this program reads format 4\\. Nothing was changed; ${way}`));
  });
}
