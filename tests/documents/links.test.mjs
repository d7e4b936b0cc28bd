// Every link inside the repository leads somewhere: to a file or folder that is there, and to a heading of it. No network:
// links to elsewhere are only read.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { filesOf, readPage, readPages, slug } from "../support/markdown.mjs";
import { repositoryRoot } from "../support/service.mjs";

const IMAGE_BYTES_MAX = 200 * 1024;
const pages = readPages();
const isOutside = (target) => /^[a-z]+:/.test(target);

/** {file, anchor} of a link in `page`; the page itself where it names no file. */
function destination(page, target) {
  const [path, anchor] = target.split("#");
  return { file: path ? normalize(join(dirname(page), decodeURI(path))).replace(/\/$/, "") : page, anchor };
}

function faultOf(page, target) {
  if (isOutside(target)) return target.startsWith("https:") && URL.canParse(target) ? null : "is no https address";
  const { file, anchor } = destination(page, target);
  if (file.startsWith("..") || !existsSync(join(repositoryRoot, file))) return "is not there";
  if (anchor !== undefined && !pages.get(file)?.anchors.has(anchor)) return `has no heading #${anchor}`;
  return null;
}

test("the reader finds what GitHub shows", () => {
  const { anchors, links, codes, blocks } = readPage([
    "# A `b_c`: [d](x.md)!", "", "# A", "## A", "", "see [e `f`](g.md#h) and ![i](j.png), `k | l`", "`` m`n ``", "", "```sh", "# no heading [o](p)",
    "```", "", "text", "", "    indented", "", "- item", "", "    of a list", ""].join("\n"));
  assert.deepEqual([...anchors], ["a-b_c-d", "a", "a-1"]);
  assert.deepEqual(links.map(({ target, line }) => [target, line]), [["x.md", 1], ["g.md#h", 6], ["j.png", 6]]);
  assert.deepEqual(codes.map(({ text }) => text), ["b_c", "f", "k | l", "m`n"]);
  assert.deepEqual(blocks.map(({ language, text }) => [language, text]), [["sh", "# no heading [o](p)\n"], ["", "indented\n"]]);
  assert.equal(slug("Metrics: `GET /metrics`"), "metrics-get-metrics");
  assert.equal(slug("How long a key counts – für 2"), "how-long-a-key-counts--für-2");
});

for (const [page, { links }] of pages) {
  test(`${page}: its links lead somewhere`, () => {
    const faults = links.map(({ target, line }) => [line, target, faultOf(page, target)]).filter(([, , fault]) => fault);
    assert.deepEqual(faults, []);
  });
}

test("a broken link of each kind is a fault", () => {
  assert.equal(faultOf("docs/alerts.md", "nowhere.md"), "is not there");
  assert.equal(faultOf("docs/alerts.md", "operations.md#nowhere"), "has no heading #nowhere");
  assert.equal(faultOf("docs/alerts.md", "#nowhere"), "has no heading #nowhere");
  assert.equal(faultOf("README.md", "../outside.md"), "is not there");
  assert.equal(faultOf("README.md", "http://example.com/"), "is no https address");
  assert.equal(faultOf("docs/alerts.md", "../README.md"), null);
});

test("every page of docs is found from the README", () => {
  const found = new Set();
  const follow = (page) => {
    if (found.has(page) || !pages.has(page)) return;
    found.add(page);
    for (const { target } of pages.get(page).links) if (!isOutside(target)) follow(destination(page, target).file);
  };
  follow("README.md");
  const decisions = /^docs\/decisions\//; // as a folder
  assert.deepEqual([...pages.keys()].filter((page) => page.startsWith("docs/") && !decisions.test(page) && !found.has(page)), []);
});

test("pictures are small", () => {
  const pictures = filesOf("docs/images/");
  assert.ok(pictures.length > 2);
  assert.deepEqual(pictures.filter((path) => statSync(join(repositoryRoot, path)).size > IMAGE_BYTES_MAX), []);
});

test("pages that comments, alerts and scripts name are there, with the heading", () => {
  const files = filesOf().filter((path) => /\.(cc|h|mjs|ts|py|sh|ya?ml|json|conf|cfg|cmake|service|socket)$/.test(path));
  const named = files.flatMap((path) => [...readFileSync(join(repositoryRoot, path), "utf8").matchAll(/(?<![\w/.])docs\/[\w/-]+\.md(?:#[\w-]+)?/g)]
    .map(([target]) => [path, target]));
  assert.ok(named.length > 20);
  assert.deepEqual(named.filter(([, target]) => faultOf("README.md", target)), []);
});

test("paths that configurations and scripts name are there", () => {
  const files = filesOf().filter((path) => /^(deploy|conf|packaging|scripts)\/.*[^/]$|^(Dockerfile|docker-compose\.yml|run|test)$/.test(path));
  const paths = /(?<![\w/.-])(?:docs|tests|scripts|deploy|conf|packaging|src|libs|examples)\/[\w./-]*\w/g;
  const named = files.flatMap((path) => [...readFileSync(join(repositoryRoot, path), "utf8").matchAll(paths)].map(([name]) => [path, name]));
  assert.ok(named.length > 20);
  const isThere = (name) => existsSync(join(repositoryRoot, name)) || filesOf().some((file) => file.startsWith(`${name}.`)); // without its extension
  assert.deepEqual(named.filter(([, name]) => !isThere(name)), []);
});
