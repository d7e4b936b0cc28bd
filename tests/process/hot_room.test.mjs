// One room with many members that is flooded, beside a hundred small ones: the others keep at least half of their rate
// and hardly notice it; the room is slowed by its own backlog.
//
// Everything shares this machine's cores, the generators too, so the bounds are beside a control in the same run.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSocket } from "../support/hub.mjs";
import { get, postMessage } from "../support/http.mjs";
import { runVerb, startService, temporaryFolder, until } from "../support/service.mjs";

const HOT = "bench-0"; // the bench's members of one conversation join this one
const ROOMS = 100;
const MEMBERS_OF_HOT = 2_000;
const MEMBERS_OF_OTHERS = 10;
const WRITERS = 32;
const PROBES = [7, 29, 51, 73, 95];
const SECONDS = 3;

/** Runs a verb of the bench: `{code, stderr, result}`. */
async function bench(t, what, service, options) {
  const file = join(temporaryFolder(t), "result.json");
  const args = ["bench", what, "--quiet", "--url", service.url, "--json", file, ...options.map(String)];
  const { code, stderr } = await runVerb(args, { timeoutMs: 60_000 });
  return { code, stderr, get result() { return JSON.parse(readFileSync(file, "utf8")).result; } };
}

/** Members that read and count what they get. */
const swarm = (t, service, clients, conversations, seconds) => bench(t, "fanout", service,
  ["--clients", clients, "--conversations", conversations, "--rate", 0, "--duration", seconds]);

const write = (t, service, options) => bench(t, "http", service,
  ["--connections", WRITERS, "--duration", SECONDS, "--warmup", 0.5, ...options]);

async function metric(service, name) {
  const lines = (await get(service, "/metrics")).text.matchAll(new RegExp(`^message_service_${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"));
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** A member of a conversation that notes every sequence and how long each message has taken, in ms. */
async function probe(t, service, conversationId) {
  const socket = await (await openSocket(t, service)).shakeHands();
  socket.send({ type: 1, invocationId: "1", target: "JoinConversation", arguments: [conversationId] });
  const seen = { latencies: [], sequences: [], from: (await socket.message()).result.lastSequence };
  (async () => {
    for (let message; (message = await socket.messageButPing(60_000).catch(() => null)) !== null;) {
      if (message.target !== "ReceiveMessage") continue;
      seen.latencies.push(Date.now() - Date.parse(message.arguments[0].sentAt));
      seen.sequences.push(message.arguments[0].sequence);
    }
  })();
  return seen;
}

const p99 = (values) => values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)];

test("2,000 members in a room that 32 writers flood: 100 other rooms keep their rate and their latency", async (t) => {
  const service = await startService(t, { settings: { "Logging:Level": "Warning" } });
  const whole = 2 * (SECONDS + 0.5) + 6;
  const others = swarm(t, service, ROOMS * MEMBERS_OF_OTHERS, ROOMS, whole + 4);
  const hot = (async () => {
    await until("the others' members", async () => (await metric(service, "hub_connections")) >= ROOMS * MEMBERS_OF_OTHERS);
    return swarm(t, service, MEMBERS_OF_HOT, 1, whole);
  })();
  await until("all members", async () => (await metric(service, "hub_connections")) >= ROOMS * MEMBERS_OF_OTHERS + MEMBERS_OF_HOT);
  const probes = await Promise.all(PROBES.map((n) => probe(t, service, `bench-${n}`)));
  const latencies = () => probes.flatMap((one) => one.latencies.splice(0));

  const control = (await write(t, service, ["--conversations", ROOMS])).result;
  const controlReceived = p99(latencies());

  const member = await probe(t, service, HOT);
  const flood = write(t, service, ["--path", `/api/conversations/${HOT}/messages`]);
  const refused = until("a refusal of the flooded room", async () => {
    const { status, headers, json } = await postMessage(service, {}, { conversationId: HOT });
    return status === 503 && { retryAfter: headers.get("Retry-After"), reason: json.reason };
  }, 2_000 * SECONDS).catch(() => null);
  const measured = (await write(t, service, ["--conversations", ROOMS])).result;
  const received = p99(latencies());
  const flooded = (await flood).result;

  const rss = Number(readFileSync(`/proc/${service.pid}/status`, "utf8").match(/^VmHWM:\s+(\d+)/m)[1]) / 1024;
  t.diagnostic(`others: ${control.requests_per_s.toFixed(0)}/s, 202 within ${control.latency.p99_ms} ms, received within ${controlReceived} ms (p99)`);
  t.diagnostic(`beside the flood: ${measured.requests_per_s.toFixed(0)}/s, ${measured.latency.p99_ms} ms, ${received} ms; errors ${JSON.stringify(measured.errors)}`);
  t.diagnostic(`the flood: ${flooded.requests_per_s.toFixed(0)}/s accepted, errors ${JSON.stringify(flooded.errors)}; peak RSS ${rss.toFixed(0)} MiB`);
  assert.ok(measured.requests_per_s >= 0.5 * control.requests_per_s, `${measured.requests_per_s} of ${control.requests_per_s} a second`);
  assert.ok(measured.latency.p99_ms <= Math.max(20, 3 * control.latency.p99_ms), `202 within ${measured.latency.p99_ms} ms`);
  assert.ok(received <= Math.max(100, 3 * controlReceived), `received within ${received} ms`);
  assert.ok(rss <= 200, `${rss} MiB`);
  assert.deepEqual(await refused, { retryAfter: "1", reason: "conversation-backlog" });

  // The room itself loses nothing, and is open again when its members have what they were owed.
  await until("the room takes messages again", async () => (await postMessage(service, { content: "the last" }, { conversationId: HOT })).status === 202);
  const last = await until("the last one stored", async () => {
    const { messages } = (await get(service, `/api/conversations/${HOT}/messages?limit=1`)).json;
    return messages[0].content === "the last" && messages[0].sequence;
  });
  await until("the member has all", () => member.sequences.at(-1) >= last);
  assert.deepEqual(member.sequences, Array.from({ length: last - member.from }, (_, n) => member.from + 1 + n));
  for (const run of await Promise.all([others, hot])) assert.equal(run.code, 0, run.stderr);
  assert.equal(await metric(service, "hub_slow_clients_closed_total"), 0);
});
