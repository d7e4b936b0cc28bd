// Reads Markdown as this repository writes it: what a page links to, which anchors it has, its code in lines and in blocks.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./service.mjs";

const GENERATED = new Set([".git", "node_modules", "build", "data", "dist", "__pycache__", ".cache"]);

/** Every file and every folder ("docs/") of the checkout, without what is built or fetched. */
export function filesOf(folder = "") {
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true }).filter(({ name }) => !GENERATED.has(name)).flatMap((entry) => {
    const path = folder + entry.name;
    return entry.isDirectory() ? [`${path}/`, ...filesOf(`${path}/`)] : [path];
  });
}

/** GitHub's name of a heading: of what is shown, letters, digits, "-" and "_" stay, and blanks become "-". */
export function slug(heading) {
  const shown = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
  return shown.trim().toLowerCase().replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "").replaceAll(" ", "-");
}

const blanked = (text) => text.replace(/[^\n]/g, " ");

/**
 * {anchors: Set, links: [{target, line}], codes: [{text, line}], blocks: [{language, text, line, before}]}.
 * A block is fenced, or indented behind a paragraph; `before` is the paragraph that stands above it.
 */
export function readPage(text) {
  const lineOf = (at) => text.slice(0, at).split("\n").length;
  const blocks = [];
  const note = (at, language, body) => {
    const before = text.slice(0, at).trimEnd().split(/\n\s*\n|```\n/).at(-1);
    blocks.push({ language, text: body, line: lineOf(at), before });
  };
  let prose = text.replace(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm, (all, indent, language, body, at) => {
    note(at, language, body.replaceAll(new RegExp(`^${indent}`, "gm"), ""));
    return blanked(all);
  });
  prose = prose.replace(/(?<=^(?![ \-*]|\d+\.)[^\n]*\n\n)(?: {4}\S[^\n]*\n)+/gm, (all, at) => {
    note(at, "", all.replaceAll(/^ {4}/gm, ""));
    return blanked(all);
  });
  const codes = [];
  const plain = prose.replace(/(`+)((?:[^`]|(?!\1)`|\n(?!\n))+?)\1(?!`)/g, (all, ticks, code, at) => {
    codes.push({ text: code.replaceAll("\\|", "|").replace(/\s+/g, " ").trim(), line: lineOf(at) });
    return all.replace(/[[\]()!]/g, " ");
  });
  const anchors = new Set();
  for (const [, heading] of prose.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const name = slug(heading);
    let unique = name;
    for (let n = 1; anchors.has(unique); n += 1) unique = `${name}-${n}`;
    anchors.add(unique);
  }
  const links = [...plain.matchAll(/\[(?:[^[\]]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^()\s]*\))?)\)/g)]
    .map(({ 1: target, index }) => ({ target, line: lineOf(index) }));
  return { anchors, links, codes, blocks: blocks.sort((a, b) => a.line - b.line) };
}

/** Every page of the checkout by its path, read. */
export function readPages() {
  const paths = filesOf().filter((path) => path.endsWith(".md"));
  return new Map(paths.map((path) => [path, readPage(readFileSync(join(repositoryRoot, path), "utf8"))]));
}
