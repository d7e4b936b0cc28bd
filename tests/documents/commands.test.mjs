// Every command that a page shows can be typed: verbs and options are in the program's help, settings in docs/settings.md, files
// in the tree, curl's routes in the API's description, presets, targets and scripts where they are declared.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { before, test } from "node:test";
import { commandsOf, verbsOf } from "../support/commands.mjs";
import { filesOf, readPages } from "../support/markdown.mjs";
import { repositoryRoot } from "../support/service.mjs";

const read = (path) => readFileSync(join(repositoryRoot, path), "utf8");
const isThere = (path) => existsSync(join(repositoryRoot, path));
const pages = readPages();
const SHELL = new Set(["sh", "console", ""]);

let verbs;
before(() => {
  verbs = new Map(verbsOf().map((verb) => [verb.words.join(" "), verb]));
  assert.ok(verbs.has("bench fanout"), "the bench lies beside the program");
});

// --- the program ------------------------------------------------------------------------------------------------------

const settings = [...read("docs/settings.md").matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => new RegExp(`^${key.replaceAll("*", "[^:]+")}$`, "i"));
const isSetting = (key) => key === "Section:Key" || settings.some((pattern) => pattern.test(key));

/** `words` behind the program's name: null, or what is wrong. */
function verbFault(words) {
  const names = [];
  let rest = [...words];
  while (rest.length && verbs.get(names.join(" "))?.names.includes(rest[0])) names.push(rest.shift());
  const verb = verbs.get(names.join(" "));
  if (verb.names.length) {
    // "config print|check": one of several, each of which is there
    const choices = rest[0]?.includes("|") ? rest[0].split("|") : [];
    if (choices.length && choices.every((name) => verb.names.includes(name))) return choices.map((name) => verbFault([...names, name, ...rest.slice(1)])).find(Boolean);
    return rest.length || !names.length ? `no verb ${[...names, rest[0]].join(" ")}` : null;
  }
  const wrong = rest.map((word) => word.split("=")[0]).filter((word) => word.startsWith("--"))
    .filter((option) => !verb.options.includes(option) && !isSetting(option.slice(2)));
  return wrong.length ? `${names.join(" ")} has no ${wrong}` : null;
}

// --- others -----------------------------------------------------------------------------------------------------------

const presets = JSON.parse(read("CMakePresets.json"));
const cmake = filesOf().filter((path) => path.endsWith("CMakeLists.txt")).map(read).join("\n");
const openapi = JSON.parse(read("src/api/descriptions/openapi.json"));
const valueOf = (words, option) => words[words.indexOf(option) + 1];

function curlFault(words) {
  const url = words.find((word) => /^https?:/.test(word));
  const path = new URL(url).pathname;
  const method = words.includes("-X") ? valueOf(words, "-X") : "GET";
  const isOne = ([pattern, methods]) => new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path) && method.toLowerCase() in methods;
  return Object.entries(openapi.paths).some(isOne) ? null : `no route ${method} ${path}`;
}

function cmakeFault(words) {
  if (words.includes("--preset")) {
    const kind = words[0] === "ctest" ? "testPresets" : words.includes("--build") ? "buildPresets" : "configurePresets";
    if (!presets[kind].some(({ name }) => name === valueOf(words, "--preset"))) return `no preset ${valueOf(words, "--preset")}`;
  }
  if (words.includes("--target") && !isTarget(valueOf(words, "--target"))) return "no such target";
  if (words.includes("--component") && !new RegExp(`set\\(PACKAGE ${valueOf(words, "--component")}\\)`).test(cmake)) return "no such component";
  return null;
}

function npmFault(words, { folder }) {
  if (words[1] === "install" || words[1] === "ci") return null;
  const script = words[1] === "run" ? words[2] : words[1];
  const path = join(words.includes("--prefix") ? valueOf(words, "--prefix") : folder, "package.json");
  return isThere(path) && script in JSON.parse(read(path)).scripts ? null : `no script ${script}`;
}

const isTarget = (name) => new RegExp(`add_executable\\(${name}\\s`).test(cmake);

/** Of what a program of the system is given, the files that should be in the checkout, or be shown by the page. */
function filesFault(words, { folder, made }) {
  const files = words.slice(1).filter((word) => /\.(mjs|py|java|sh|json)$|^(\.\.\/)*(tests|scripts)\//.test(word) && !word.includes("*"));
  const missing = files.filter((word) => !made.has(word) && !isThere(word) && !isThere(normalize(join(folder, word))));
  return missing.length ? `${missing} is not there` : null;
}

/** A variable in front of `node --test FILE` is one that the file or ./test knows. */
function variablesFault(variables, words) {
  const script = words.find((word) => word.endsWith(".mjs"));
  const unknown = script ? variables.map((word) => word.split("=")[0]).filter((name) => !read(script).includes(name) && !read("test").includes(name)) : [];
  return unknown.length ? `${script} knows no ${unknown}` : null;
}

const withoutBrackets = (words) => words.map((word) => word.replaceAll(/^\[|\]$/g, "")).filter((word) => word !== "…");
const faultOfProgram = {
  "message-service": (words) => verbFault(withoutBrackets(words.slice(1))),
  "build_release": () => (read("scripts/setup.sh").includes("build_release()") ? null : "no such function"),
  "…": () => null,
  "bash": (words, place) => (words[1] === "-c" ? commandsOf(words[2]).map((inner) => faultOf(inner, place)).find(Boolean) ?? null : filesFault(words, place)),
  "cmake": cmakeFault,
  "ctest": cmakeFault,
  "curl": curlFault,
  "npm": npmFault,
  "sudo": (words, place) => faultOf(words.slice(words[1] === "-u" ? 3 : 1), place),
};
for (const name of [".", "apt", "cd", "export", "g++", "java", "mkdir", "mvn", "node", "python3", "python/bin/pip", "python/bin/python", "systemctl"]) {
  faultOfProgram[name] = filesFault;
}

/** What is wrong with one command, or null. `place`: {folder, made}, where the page is by its "cd", and the files that it shows. */
function faultOf(command, place) {
  const assigned = command.findIndex((word) => !/^\w+=/.test(word));
  if (assigned < 0) return null;
  const words = command.slice(assigned);
  const file = words[0].replace(/^\.\//, "");
  const [, built] = file.match(/^build\/[\w-]+\/([\w-]+)$/) ?? [];
  const check = faultOfProgram[built ?? words[0]];
  if (check) return variablesFault(command.slice(0, assigned), words) ?? check(words, place);
  if (built) return isTarget(built) ? null : "is built by nobody";
  return words[0].includes("/") && isThere(file) ? null : "nobody knows this program";
}

// In blocks without a language stand trees, log lines and answers, too.
const PROGRAMS = "message-service|apt|cd|cmake|ctest|curl|export|node|npm|python3|sudo|systemctl";
const isCommand = (line) => new RegExp(`^(?:\\w+=\\S+ )*(?:(?:${PROGRAMS})(?=\\s|$)|\\./\\w|(?:build|scripts|tests)/\\w)`).test(line);

for (const [page, { blocks, codes }] of pages) {
  test(`${page}: its commands can be typed`, () => {
    const made = new Set([...codes.map(({ text }) => text), "dev-key.json", "build/development-key.json"]);
    const faults = [];
    const home = isThere(join(dirname(page), "package.json")) ? dirname(page) : ".";
    const place = { folder: home, made };
    const check = (command, line) => {
      for (const words of commandsOf(command)) {
        if (words[0] === "cd") place.folder = normalize(join(place.folder, words[1]));
        const fault = faultOf(words, place);
        if (fault) faults.push(`${page}:${line} ${words.join(" ")}: ${fault}`);
      }
    };
    for (const { language, text, line } of blocks) {
      if (!SHELL.has(language)) continue;
      const lines = text.replaceAll("\\\n", " ").split("\n").filter((each) => language === "sh" || isCommand(each));
      check(lines.join("\n"), line);
    }
    place.folder = home;
    for (const { text, line } of codes.filter((code) => /\s/.test(code.text) && !code.text.includes("…"))) {
      const [first, second] = text.split(/ |\|/);
      const isVerb = verbs.get("").names.includes(first) && (/ --\w/.test(text) || verbs.get(first).names.includes(second));
      if (isVerb) check(`message-service ${text.replaceAll(/ \| (?=\w)/g, "|")}`, line);
      else if (isCommand(text)) check(text, line);
    }
    assert.deepEqual(faults, []);
  });
}

test("a command that is wrong is found", () => {
  const fault = (command) => commandsOf(command).map((words) => faultOf(words, { folder: ".", made: new Set() })).find(Boolean) ?? null;
  assert.equal(fault("message-service dead bury"), "no verb dead bury");
  assert.equal(fault("message-service lag --watsh"), "lag has no --watsh");
  assert.equal(fault("message-service serve --Limits:Nothing=1"), "serve has no --Limits:Nothing");
  assert.equal(fault("build/release/message-service config print|chek"), "no verb config print|chek");
  assert.equal(fault("T=$(message-service token creat) && true"), "no verb token creat");
  assert.equal(fault("curl -X DELETE http://127.0.0.1:5005/metrics"), "no route DELETE /metrics");
  assert.equal(fault("cmake --preset nothing"), "no preset nothing");
  assert.equal(fault("cmake --build build/release --target nothing"), "no such target");
  assert.equal(fault("npm run nothing --prefix web"), "no script nothing");
  assert.equal(fault("node --test tests/nothing.test.mjs"), "tests/nothing.test.mjs is not there");
  assert.equal(fault("NOTHING=1 node --test tests/process/crash.test.mjs"), "tests/process/crash.test.mjs knows no NOTHING");
  assert.equal(fault("build/release/nothing 5000"), "is built by nobody");
  assert.equal(fault("scripts/nothing.sh"), "nobody knows this program");
  assert.equal(fault("message-service dead retry 0/17 | --conversation C | --all"), null);
  assert.equal(fault("message-service dead list [--conversation C] [--json]   # 'all' of them"), null);
});
