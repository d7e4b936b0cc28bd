// Clients that say what they show (ReportView), with the page's own hash, and what a node says of them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { repositoryRoot } from "./service.mjs";
import { bearer } from "./tokens.mjs";
import { request } from "./traffic.mjs";

const { transformSync } = createRequire(join(repositoryRoot, "web/package.json"))("esbuild");
const source = readFileSync(join(repositoryRoot, "web/src/model/view_hash.ts"), "utf8");
const { code } = transformSync(source, { loader: "ts", format: "esm" });
export const { ViewHash, hashOfMessage } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);

/** A report of messages as the hub gave them, in the order in which they are shown. */
export function reportOf(conversationId, messages, { from = messages[0].sequence, to = messages.at(-1).sequence } = {}) {
  const hash = new ViewHash();
  for (const { sequence, id, senderId, content } of messages) hash.add(sequence, hashOfMessage(id, senderId, content));
  return { version: 1, conversationId, from, to, count: messages.length, hash: hash.rolling, sum: hash.sum };
}

export const adminToken = (service) => readFileSync(join(service.dataDirectory, "admin-token"), "utf8");

/** GET /admin/views, as who has the data folder's token, or an operator's. */
export async function viewsOf(service, token = adminToken(service)) {
  const { status, body } = await request(`${service.url}/admin/views`, { headers: bearer(token) });
  if (status !== 200) throw new Error(`/admin/views: ${status}`);
  return body;
}
