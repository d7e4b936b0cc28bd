// Runs of clients as recorded histories (docs/verify.md), and the verb that checks them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runVerb } from "./service.mjs";

const CLOCK = "test"; // one for all files: the times of a run are of one process

/** The lines of a run as delivery_check.mjs takes it, in three files: paths. */
export function writeHistory(folder, { writes, stored, watchers }) {
  const recording = { event: "recording", clock: CLOCK };
  const sends = [recording];
  for (const { conversationId, key, content, outcome, sentMs, answeredMs } of writes) {
    sends.push({ event: "sending", conversationId, key, content, at: sentMs });
    sends.push({ event: "sent", conversationId, key, outcome, at: answeredMs });
  }
  const listings = [recording];
  for (const [conversationId, history] of stored) {
    listings.push({ event: "listing", conversationId });
    for (const message of history) listings.push({ event: "stored", message });
    listings.push({ event: "listed", conversationId });
  }
  const views = [recording];
  watchers.forEach(({ name, conversationId, afterSequence, received }, number) => {
    const view = `${name} ${number}`;
    views.push({ event: "view", view, conversationId, afterSequence });
    for (const message of received) views.push({ event: "received", view, message });
    const upTo = Math.max(0, ...(stored.get(conversationId) ?? []).map(({ sequence }) => sequence));
    views.push({ event: "settled", view, upTo });
  });
  return Object.entries({ sends, listings, views }).map(([name, lines]) => writeLines(join(folder, `${name}.jsonl`), lines));
}

/** Returns the path. */
export function writeLines(path, lines) {
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

/** What `verify --json` says of files: {code, counts, kinds, faults}. */
export async function verify(files, ...args) {
  const { code, stdout, stderr } = await runVerb(["verify", ...files, "--json", ...args], { timeoutMs: 300_000 });
  if (code === 2) throw new Error(stderr);
  return { code, ...JSON.parse(stdout) };
}
