// The program's verbs as its help shows them, and a shell's commands taken apart: what a page shows to be typed is compared with
// what can be typed.

import { execFileSync } from "node:child_process";
import { binary } from "./service.mjs";

/** Every verb with the long options that its help shows and the verbs below it: [{words, options, names}]. */
export function verbsOf(words = [], isWanted = () => true) {
  const help = execFileSync(binary, [...words, "--help"], { encoding: "utf8" });
  const [, below = ""] = help.split("Subcommands:\n");
  const options = [...help.matchAll(/^ {2}(?:-\w,)?(--[\w-]+)/gm)].map(([, option]) => option);
  const names = [...below.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name).filter(isWanted);
  return [{ words, options, names }, ...names.flatMap((name) => verbsOf([...words, name], isWanted))];
}

const QUOTED = /^'[^']*'|^"(?:\$\([^)]*\)|[^"\\]|\\.)*"/;
const SUBSTITUTION = /^\$\([^)]*\)/;
const DIVIDER = /^(?:&&|\|\||[;\n|])/;

/**
 * The simple commands of a script, each as its words without their quotes; those inside of "$(…)" are commands of their own. In a
 * synopsis "a|b" is a word and "x | --option" divides nothing.
 */
export function commandsOf(script) {
  const text = script.replaceAll("\\\n", " ");
  const inner = [...text.matchAll(/\$\(([^)]*)\)/g)].flatMap(([, command]) => commandsOf(command));
  const commands = [[]];
  let word = "";
  const endWord = () => {
    if (word) commands.at(-1).push(word);
    word = "";
  };
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const [part] = rest.match(QUOTED) ?? rest.match(SUBSTITUTION) ?? [];
    const [skipped] = (!word && rest.match(/^(?:#[^\n]*|\|(?= +--))/)) || [];
    const [divider] = (rest[0] === "|" && word ? null : rest.match(DIVIDER)) ?? [];
    at += (part ?? skipped ?? divider ?? rest[0]).length;
    if (part) word += part.replace(/^(['"])(.*)\1$/s, "$2");
    else if (skipped || divider || /\s/.test(rest[0])) endWord();
    else word += rest[0];
    if (divider && !skipped) commands.push([]);
  }
  endWord();
  return [...inner, ...commands.filter((words) => words.length)];
}
