// The man page and the completions of the package are made of the program's own help: nothing of it is missing in them.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { verbsOf } from "../support/commands.mjs";
import { binary, repositoryRoot, sharedScope, temporaryFolder } from "../support/service.mjs";

describe("made of the help", () => {
  const scope = sharedScope();
  let folder;
  let verbs;
  const text = (file) => readFileSync(join(folder, file), "utf8");
  before(() => {
    folder = temporaryFolder(scope);
    execFileSync("python3", [join(repositoryRoot, "packaging/command_docs.py"), binary, folder]);
    verbs = verbsOf([], (name) => name !== "bench"); // a program of its own
    assert.ok(verbs.length > 15 && verbs.some(({ words }) => words.join(" ") === "dead retry"));
  });

  test("the man page has every verb, option and setting", () => {
    const page = text("message-service.1").replaceAll("\\-", "-");
    for (const { words, options, names } of verbs) {
      if (names.length) continue;
      const [, section] = page.split(`\\fB${words.join(" ")}\\fR`);
      assert.ok(section, `${words.join(" ")} has a section`);
      const own = section.split("\n.SS\n")[0];
      for (const option of options) if (option !== "--help") assert.ok(own.includes(option), `${words.join(" ")} ${option}`);
    }
    const { options } = JSON.parse(execFileSync(binary, ["config", "print", "--json"], { encoding: "utf8", cwd: folder }));
    for (const { key } of options) assert.ok(page.includes(`\\fB${key}\\fR`), key);
  });

  const complete = (words) => {
    const script = `source "${join(folder, "message-service.bash")}"; compopt() { :; }
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _message_service; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", script, "bash", "message-service", ...words], { encoding: "utf8" }).split("\n").filter(Boolean);
  };

  test("bash completes every verb and option, values and settings", () => {
    for (const { words, options, names } of verbs) {
      const offered = complete([...words, ""]);
      for (const word of [...options, ...names]) assert.ok(offered.includes(word), `${words.join(" ")} ${word}`);
    }
    assert.deepEqual(complete(["dead", "re"]), ["retry"]);
    assert.deepEqual(complete(["tail", "--from"]), ["--from-beginning"]);
    assert.deepEqual(complete(["dead", "list", "--reason", "key"]), ["key-conflict"]);
    assert.deepEqual(complete(["serve", "--Logging:L"]), ["--Logging:Level="]);
    assert.deepEqual(complete(["version", "--Logging:L"]), [], "which takes no settings");
  });

  test("zsh's has every verb and option, and zsh reads it", (t) => {
    const script = text("_message-service");
    for (const { words, options, names } of verbs) {
      const [, branch] = script.split(`\n    ('${words.join(" ")}')\n`);
      const own = branch.split(";;")[0];
      for (const option of options) assert.ok(own.includes(`'${option}[`), `${words.join(" ")} ${option}`);
      for (const name of names) assert.ok(own.includes(`'${name}:`), `${words.join(" ")} ${name}`);
    }
    const { error, status, stderr } = spawnSync("zsh", ["-n", join(folder, "_message-service")], { encoding: "utf8" });
    if (error) t.diagnostic("no zsh here");
    else assert.equal(status, 0, stderr);
  });
});
