// Two nodes behind HAProxy are restarted in turn, with thousands of hub clients and under posts: no post fails, none is
// lost, every client has every message once and in order, and the posts hardly notice it.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // the posts' agent; the crowd checks the proxy's certificate
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import https from "node:https";
import { test } from "node:test";
import { metric, startCluster } from "../support/cluster.mjs";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { behindProxy, proxies, startProxy } from "../support/deployed_proxies.mjs";
import { startCrowd } from "../support/hub_crowd.mjs";
import { sleep, startService, until } from "../support/service.mjs";
import { messagesUrl, readHistories, request } from "../support/traffic.mjs";

const CLIENTS = Number(process.env.RESTART_CLIENTS ?? 600);
const RATE = Number(process.env.RESTART_RATE ?? 200); // posts a second
const CALM_MS = 8_000;
const PENDING_MAX = 5_000; // a generator that the machine cannot keep up with holds no more
const haproxy = proxies.find(({ name }) => name === "haproxy");

/** So many posts a second, whatever the answers. A 503 with Retry-After is sent again with its key. */
class OpenLoop {
  entries = [];
  retried = 0;
  #agent = new https.Agent({ keepAlive: true });
  #pending = new Set();
  #running = true;
  #loop;

  constructor(url, conversations) {
    this.#loop = this.#run(url, conversations);
  }

  async #run(url, conversations) {
    const startedMs = performance.now();
    for (let sent = 0; this.#running; ) {
      const due = Math.floor(((performance.now() - startedMs) * RATE) / 1_000);
      for (; sent < due && this.#pending.size < PENDING_MAX; sent += 1) {
        const post = this.#post(messagesUrl(url, conversations[sent % conversations.length]), conversations[sent % conversations.length]);
        this.#pending.add(post);
        void post.finally(() => this.#pending.delete(post));
      }
      await sleep(5);
    }
  }

  async #post(url, conversationId) {
    const key = randomUUID();
    const entry = { conversationId, key, content: `${key} says hello`, outcome: "unknown", sentMs: performance.now(), answeredMs: Infinity };
    this.entries.push(entry);
    const body = { senderId: "parent-001", senderType: "Parent", content: entry.content, temporaryMessageId: key };
    const options = { method: "POST", body, agent: this.#agent, headers: { "Idempotency-Key": key } };
    const send = () => request(url, options).catch((error) => ({ status: String(error.code ?? error.message), headers: {} }));
    let answer = await send();
    while (answer.status === 503 && answer.headers["retry-after"] !== undefined) {
      this.retried += 1;
      await sleep(Number(answer.headers["retry-after"]) * 1_000);
      answer = await send();
    }
    entry.answeredMs = performance.now();
    entry.status = answer.status;
    if (answer.status === 202) entry.outcome = "ok";
  }

  /** The p99 of the posts that were sent in this time, in ms. */
  p99(fromMs, toMs) {
    const took = this.entries.filter(({ sentMs }) => sentMs >= fromMs && sentMs < toMs).map((entry) => entry.answeredMs - entry.sentMs);
    return took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)];
  }

  async stop() {
    this.#running = false;
    await this.#loop;
    await Promise.all(this.#pending);
    this.#agent.destroy();
  }
}

test(`${CLIENTS} hub clients and ${RATE} posts a second: both nodes are restarted in turn`, { skip: haproxy.skip }, async (t) => {
  const cluster = await startCluster(t);
  const settings = cluster.settings({ ...behindProxy, "Shutdown:DelayMs": 4_000, "Logging:Level": "Warning" });
  const nodes = [await startService(t, { settings }), await startService(t, { settings })];
  const conversations = Array.from({ length: CLIENTS / 2 }, (_, n) => `restart-${n}`);
  for (const id of conversations) {
    const body = { id, participants: [] };
    assert.equal((await request(`${nodes[0].url}/api/conversations`, { method: "POST", body })).status, 201);
  }
  const proxy = await startProxy(t, "haproxy", nodes);
  const crowd = await startCrowd(t, { url: proxy.url, authority: proxy.authority.toString(), conversations, clients: CLIENTS });
  const posts = new OpenLoop(proxy.url, conversations);
  t.after(() => posts.stop());
  await sleep(2_000); // first requests: new connections, caches
  const calmMs = performance.now();
  await sleep(CALM_MS);
  const restartsMs = performance.now();
  for (const [n, node] of nodes.entries()) {
    const checked = async () => (await proxy.servers())[`message_service_api/node${n + 1}`] === "UP L7OK";
    await until("HAProxy to take the node", checked, undefined, 100);
    assert.deepEqual(await node.kill("SIGTERM"), { code: 0, signal: null });
    await node.start();
    await until("HAProxy to take the node again", checked, undefined, 100);
  }
  const overMs = performance.now();
  await posts.stop();
  await until("everything to be stored", async () => (await metric(nodes[0], "consumer_lag_records")) + (await metric(nodes[1], "consumer_lag_records")) === 0);
  const stored = await readHistories(nodes[1], conversations);
  const lastSequences = new Map([...stored].map(([id, history]) => [id, history.at(-1)?.sequence ?? 0]));
  const { views, connects, failures } = await crowd.end(lastSequences);

  const [calm, restarts] = [posts.p99(calmMs, restartsMs), posts.p99(restartsMs, overMs)];
  const result = checkDelivery({ writes: posts.entries, stored, watchers: views });
  const kinds = [...new Set(failures)].map((text) => `${failures.filter((other) => other === text).length} times ${text}`);
  t.diagnostic(`${describe(result)}; ${posts.retried} posts sent again after a 503; p99 ${calm.toFixed(1)} ms, with restarts ` +
    `${restarts.toFixed(1)} ms; ${connects} connects of ${CLIENTS} clients, failed: ${kinds.join(", ") || "none"}`);
  assert.deepEqual(posts.entries.filter(({ status }) => status !== 202).map(({ status }) => status), []);
  assert.deepEqual(result.faults, []);
  assert.ok(connects > CLIENTS, "clients came back");
  if (process.env.RESTART_P99_RATIO) assert.ok(restarts <= calm * Number(process.env.RESTART_P99_RATIO), `${restarts} ms against ${calm} ms`);
});
