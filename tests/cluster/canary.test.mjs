// The canaries of two nodes on Kafka and MongoDB: each times its own messages in the conversation that both share, which
// stays short; while MongoDB stands still their messages wait, and nothing piles up.
import assert from "node:assert/strict";
import { before, describe as suite, test } from "node:test";
import { metric, startCluster } from "../support/cluster.mjs";
import { startEditor } from "../support/hostile_documents.mjs";
import { postMessage } from "../support/http.mjs";
import { sharedScope, sleep, startService, until } from "../support/service.mjs";
import { readHistory } from "../support/traffic.mjs";

const canary = "$canary-7c41e2f9";
const ROWS_MAX = 1_000;
const waiting = (node) => metric(node, "canary_waiting_seconds");
const delivered = (node) => metric(node, "canary_delivered_total");
const lost = (node) => metric(node, "canary_lost_total");

suite("two canaries", () => {
  const scope = sharedScope();
  let cluster;
  let nodes;
  let rows;
  before(async () => {
    cluster = await startCluster(scope);
    const settings = cluster.settings({ "Canary:IntervalMs": 2 });
    const roles = ["api,hub,persister", "api,hub"];
    nodes = await Promise.all(roles.map((role) => startService(scope, { settings, roles: role })));
    const edit = await startEditor(scope, cluster);
    rows = async (conversationId) => {
      const { n } = await edit({ count: "messages", query: { conversationId } });
      return Number(n.$numberInt ?? n);
    };
  });

  test("each hears its own messages, and neither lets the conversation grow", async (t) => {
    for (let i = 0; i < 20; i += 1) assert.equal((await postMessage(nodes[i % 2], { content: String(i) })).status, 202);
    let most = 0;
    await until("800 messages of each", async () => {
      most = Math.max(most, await rows(canary));
      return (await Promise.all(nodes.map(delivered))).every((count) => count >= 800);
    }, 180_000, 100);
    t.diagnostic(`at most ${most} rows, of ${(await Promise.all(nodes.map(delivered))).join(" + ")} messages`);
    assert.ok(most > 500 && most <= ROWS_MAX, `${most} rows`);
    assert.deepEqual(await Promise.all(nodes.map(lost)), [0, 0]);
    assert.equal((await readHistory(nodes[0], "conv-123")).length, 20);
  });

  test("MongoDB stands still: few messages wait, and all of them arrive", async () => {
    const before = await Promise.all(nodes.map((node) => metric(node, "canary_posts_total")));
    cluster.mongodb.signal("SIGSTOP");
    try {
      for (const node of nodes) await until("messages to wait for 5 s", async () => (await waiting(node)) > 5, 60_000, 100);
      const after = await Promise.all(nodes.map((node) => metric(node, "canary_posts_total")));
      for (const [i, count] of after.entries()) assert.ok(count - before[i] < 2_000, `${count - before[i]} posts`);
      await sleep(1_000);
      assert.deepEqual(await Promise.all(nodes.map((node) => metric(node, "canary_posts_total"))), after, "it posts while it waits");
    } finally {
      cluster.mongodb.signal("SIGCONT");
    }
    for (const node of nodes) {
      const then = await delivered(node);
      await until("messages to arrive again", async () => (await delivered(node)) > then + 5 && (await waiting(node)) < 1, 60_000, 100);
    }
    assert.deepEqual(await Promise.all(nodes.map(lost)), [0, 0]);
  });
});
