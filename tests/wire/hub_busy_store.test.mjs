// A store that is too busy to be asked, as after a restart with thousands of clients: they wait, and none is sent away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectHub } from "../support/hub.mjs";
import { startService, until } from "../support/service.mjs";
import { WriteLog, settle } from "../support/traffic.mjs";

const CLIENTS = 100;
const MESSAGES = 20;

test("many joins at once wait for a busy store, and each client gets everything", async (t) => {
  const service = await startService(t, { settings: { "Limits:StoreQueue": 1 } });
  const log = new WriteLog();
  for (let i = 0; i < MESSAGES; i += 1) await log.write(service, "conv-123", { content: `${i}` });
  await settle(service, log, ["conv-123"]);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connectHub(t, service)));
  const ended = [];
  for (const client of clients) client.closed.then((error) => ended.push(error));

  const joined = await Promise.all(clients.map((client) => client.join("conv-123", 0)));
  assert.deepEqual([...new Set(joined.map(({ lastSequence }) => lastSequence))], [MESSAGES + 1]);
  const all = Array.from({ length: MESSAGES + 1 }, (_, i) => i + 1);
  await until("every client to have the history", () => clients.every((client) => client.received.length >= all.length));
  await log.write(service, "conv-123", { content: "live" });
  await until("every client to be live", () => clients.every((client) => client.received.at(-1).content === "live"));
  for (const client of clients) assert.deepEqual(client.sequences(), [...all, MESSAGES + 2]);
  assert.deepEqual(ended, [], "no client is sent away");
  assert.equal(service.output.match(/cannot catch up/g), null);
  assert.ok((service.output.match(/Hub clients wait for the history/g) ?? []).length <= 1, "at most one line a minute");
});
