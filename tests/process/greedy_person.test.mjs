// One person at a hundred times the limit, beside a thousand at their usual rate: the others do not notice, and nothing
// that was answered 429 is ever stored.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import http from "node:http";
import { test } from "node:test";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { sleep, startService } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { messagesUrl, request } from "../support/traffic.mjs";

const PEOPLE = 1000;
const USUAL_PER_SECOND = 200; // of all together: each one every 5 s
const LIMIT = 2;
const GREEDY_PER_SECOND = 100 * LIMIT;
const PAIRS = 5;
const WINDOW_MS = 3000;
const NOISE_MS = 5; // below it the machine decides, and not the service

/** One message; says whether it was refused. */
async function post(url, person, agent) {
  const key = randomUUID();
  const begun = performance.now();
  const { status } = await request(messagesUrl(url, person.conversation), { method: "POST", agent, body: { content: "hello", temporaryMessageId: key }, headers: person.headers });
  return { key, status, ms: performance.now() - begun };
}

/** Starts so many a second, whatever becomes of them, for the time of a window. */
async function openLoop(perSecond, next) {
  const under = [];
  const begun = performance.now();
  for (let n = 0; performance.now() - begun < WINDOW_MS; n += 1) {
    under.push(next(n));
    await sleep(Math.max(0, ((n + 1) * 1000) / perSecond - (performance.now() - begun)));
  }
  return Promise.all(under);
}

// The flood has a thread of its own: what it costs the others shall be what it costs them in the service.
if (!isMainThread) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  parentPort.on("message", async () => parentPort.postMessage(await openLoop(GREEDY_PER_SECOND, () => post(workerData.url, workerData.person, agent))));
}

const percentile = (values, part) => values.sort((a, b) => a - b)[Math.floor(values.length * part)];
const median = (values) => percentile([...values], 0.5);

if (isMainThread) test("the others do not notice one person's flood", { timeout: 300_000 }, async (t) => {
  const issuer = new Issuer();
  const settings = issuer.settings({ "RateLimits:Sends:PerSecond": LIMIT, "RateLimits:Sends:Burst": 20 });
  const service = await startService(t, { settings, conversations: [] });
  const manager = bearer(issuer.program("conversations:manage"));
  const people = Array.from({ length: PEOPLE }, (_, n) => ({ id: `parent-${n}`, conversation: `class-${n % 10}` }));
  for (const person of people) person.headers = bearer(issuer.person(person.id));
  for (let n = 0; n < 10; n += 1) {
    const id = `class-${n}`;
    const participants = people.filter(({ conversation }) => conversation === id).map(({ id: person }) => ({ id: person, type: "Parent" }));
    const { status } = await request(`${service.url}/api/conversations`, { method: "POST", body: { id, participants }, headers: manager });
    assert.equal(status, 201);
  }
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  t.after(() => agent.destroy());
  const refused = new Set();
  let turn = 1; // person 0 is the greedy one
  const others = () => openLoop(USUAL_PER_SECOND, () => post(service.url, people[1 + (turn++ % (PEOPLE - 1))], agent));
  const thread = new Worker(new URL(import.meta.url), { workerData: { url: service.url, person: people[0] } });
  t.after(() => thread.terminate());
  const greedy = () => new Promise((done) => {
    thread.once("message", done);
    thread.postMessage("begin");
  });
  for (let n = 0; n < 3; n += 1) await Promise.all([others(), greedy()]); // warm
  const ratios = [];
  const p99s = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const windows = pair % 2 === 0 ? [false, true] : [true, false];
    const p99 = {};
    for (const flood of windows) {
      const [honest, flooded] = await Promise.all([others(), flood ? greedy() : []]);
      assert.deepEqual([...new Set(honest.map(({ status }) => status))], [202]);
      for (const { key, status } of flooded) if (status === 429) refused.add(key);
      if (flood) assert.ok(flooded.filter(({ status }) => status === 429).length > flooded.length / 2, "the flood is refused");
      p99[flood] = percentile(honest.map(({ ms }) => ms), 0.99);
    }
    ratios.push(Math.max(0, p99[true] - NOISE_MS) / p99[false]);
    p99s.push(`${p99[false].toFixed(1)} -> ${p99[true].toFixed(1)}`);
  }
  t.diagnostic(`p99 in ms without and with: ${p99s.join(", ")}`);
  assert.ok(median(ratios) <= 1.25, `${ratios}`);
  assert.ok(refused.size > 1000);
  await sleep(1000);
  for (let n = 0; n < 10; n += 1) {
    let after = 0;
    for (let more = true; more; ) {
      const { body } = await request(`${messagesUrl(service.url, `class-${n}`)}?after=${after}&limit=500`, { headers: manager });
      for (const message of body.messages) assert.ok(!refused.has(message.temporaryMessageId), "a refused message is stored");
      more = body.hasMore;
      after = body.messages.at(-1)?.sequence ?? after;
    }
  }
});
