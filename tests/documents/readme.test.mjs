// The README's commands and programs, run in their order as a user types them, with what it says they print. Only what builds
// and what fetches packages is not run again: who runs the tests has built, and has the tests' own packages.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startRun } from "../support/checkout.mjs";
import { commandsOf } from "../support/commands.mjs";
import { calls } from "../support/dotnet_calls.mjs";
import { readPage, readPages } from "../support/markdown.mjs";
import { freePort } from "../support/ports.mjs";
import { Follower, assertShown, blocksOf, missingLine } from "../support/readme.mjs";
import { repositoryRoot, until } from "../support/service.mjs";

test("two commands, and the first message from curl, JavaScript, Python and Java", { timeout: 400_000 }, async (t) => {
  const [run, ...others] = blocksOf("Two commands").flatMap(({ text }) => commandsOf(text));
  assert.deepEqual([run, ...others], [["./run"], ["./test"]]);

  const url = `http://127.0.0.1:${await freePort()}`;
  const service = await startRun(t, [...run, `--Urls=${url}`]);
  for (const path of ["/", "/dashboard"]) {
    assert.ok(service.printed().includes(url + path), "it prints the addresses of its pages");
    assert.equal((await fetch(url + path)).status, 200);
  }

  const user = new Follower(service.folder, url);
  let commands;
  let printed = "";
  let shown = "";
  const ids = [];
  const languages = [];
  for (const block of blocksOf("The first message")) {
    if (block.language === "csharp") continue;
    if (block.language === "sh") {
      commands = block;
      printed = await user.run(commands);
      const [, sequence, id, language] = printed.match(/^ReceiveMessage (\d+): ([0-9a-f]{24}) Hello from (\w+)!$/m) ?? [];
      if (!id) continue;
      // The page shows what the first of them prints.
      assertShown(shown.replace("JavaScript", language).replace("ReceiveMessage 2", `ReceiveMessage ${sequence}`), printed);
      ids.push(id);
      languages.push(language);
    } else if (block.language) {
      await user.save(block);
    } else {
      shown = block.text;
      if (shown.startsWith("HTTP")) assertShown(shown, printed);
      // "A moment later"
      if (shown.startsWith("{")) await until(shown, async () => !missingLine(shown, await user.run(commands)));
    }
  }
  assert.deepEqual(languages, ["JavaScript", "Python", "Java"]);

  const page = JSON.parse(await user.run({ text: `curl -s -H "Authorization: Bearer $TOKEN" ${url}/api/conversations/conv-123/messages` }));
  assert.deepEqual(page.messages.map(({ content }) => content), ["curl", "JavaScript", "Python", "Java"].map((name) => `Hello from ${name}!`));
  assert.deepEqual(page.messages.slice(1).map(({ id }) => id), ids, "ReceiveMessage has the real id");
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
});

test("./test says what it takes", () => {
  const { status, stdout } = spawnSync("./test", ["--help"], { cwd: repositoryRoot, encoding: "utf8" });
  assert.equal(status, 2);
  for (const part of ["all", "fast", "full"]) assert.match(stdout, new RegExp(`^ *\\./test +${part}\\b`, "m"));
});

test("every figure of its table stands in docs/performance.md", () => {
  const read = (path) => readFileSync(join(repositoryRoot, path), "utf8");
  const measured = read("docs/performance.md");
  const rows = read("README.md").split("## How fast")[1].split("\n\n- ")[0].split("\n").filter((line) => line.startsWith("|")).slice(2);
  const figures = rows.flatMap((row) => row.match(/\d[\d,.]*\d|\d/g));
  assert.ok(rows.length >= 4 && figures.length > 8);
  assert.deepEqual(figures.filter((figure) => !new RegExp(`(?<![\\d.,])${figure.replaceAll(".", "\\.")}(?![\\d]|[.,]\\d)`).test(measured)), []);
});

// --- C#, which is read --------------------------------------------------------------------------------------------------

const members = new Set(Object.values(calls).flat());

/** What C# on a page uses and the list of known calls has not. */
function unknownCalls(source) {
  const inStrings = (text) => (text.startsWith("$") ? [...text.matchAll(/\{([^{}]*)\}/g)].map(([, inner]) => `(${inner})`).join(" ") : '""');
  const code = source.replace(/\$?"(?:[^"\\]|\\.)*"/g, inStrings).replace(/\/\/.*$|^using .*$/gm, "");
  const names = (pattern) => [...code.matchAll(pattern)].map(([, name]) => name);
  const own = new Set([...names(/\b(?:record|class) (\w+)/g), ...names(/[\w?>] ([A-Z]\w*)(?= \{ get;|[,)])/g)]); // members of its own types, too
  const types = [...names(/\bnew ([A-Z]\w*)/g), ...names(/(?<![.\w])([A-Z]\w*)(?=\.[A-Z])/g), ...names(/\[([A-Z]\w*)[\](]/g)];
  return [...types.filter((name) => !(name in calls) && !own.has(name)), ...names(/\.([A-Z]\w*)/g).filter((name) => !members.has(name) && !own.has(name))];
}

test("C# calls what a program on Microsoft's client calls", () => {
  const sources = [...readPages()].flatMap(([, { blocks }]) => blocks.filter(({ language }) => language === "csharp"));
  assert.ok(sources.length >= 3);
  for (const { text } of sources) assert.deepEqual(unknownCalls(text), [], text);
  assert.deepEqual(unknownCalls('hub.Invoke("x"); new HubBuilder(); Tasks.Run(() => message.Idd);'), ["HubBuilder", "Tasks", "Invoke", "Idd"]);
  const [first] = readPage(readFileSync(join(repositoryRoot, "README.md"), "utf8")).blocks.filter(({ language }) => language === "csharp");
  for (const call of ["WithUrl", "AccessTokenProvider", "On", "StartAsync", "InvokeAsync", "JsonContent", "SendAsync"]) assert.ok(first.text.includes(call));
});
