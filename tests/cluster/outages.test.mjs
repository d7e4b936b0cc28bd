// MongoDB gone: every post is accepted, and all is stored and sent when it is back. Kafka gone: no post is accepted, each
// is answered in time, and what was refused never appears. OUTAGE_MS (8,000; `./test full` has 60,000).
import assert from "node:assert/strict";
import { before, describe as suite, test } from "node:test";
import { lagIsGone, metric, startCluster } from "../support/cluster.mjs";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { sharedScope, sleep, startService, until } from "../support/service.mjs";
import { WriteLog, Watcher, messagesUrl, readHistories, request, settle, startLoad, viewsAtTheEnd } from "../support/traffic.mjs";

const outageMs = Number(process.env.OUTAGE_MS ?? 8_000);
const publishTimeoutMs = 8000;
const shutdownTimeoutMs = 10_000; // the default
const lateMs = 3000; // what an answer may take beyond it, on a busy machine
const conversations = Array.from({ length: 20 }, (_, i) => `outage-${i}`);

suite("outages of the real servers", () => {
  const scope = sharedScope();
  let cluster;
  let service;
  before(async () => {
    cluster = await startCluster(scope);
    const settings = cluster.settings({ "KafkaSettings:PublishTimeoutMs": publishTimeoutMs });
    service = await startService(scope, { settings, conversations });
  });

  async function verdict(t, log, watchers) {
    const stored = await readHistories(service, conversations);
    const views = await viewsAtTheEnd(watchers, stored);
    const known = new Set(log.entries.map((entry) => entry.key));
    const own = new Map([...stored].map(([id, rows]) => [id, rows.filter((row) => known.has(row.temporaryMessageId))]));
    const ownViews = views.map((view) => ({ ...view, received: view.received.filter((row) => known.has(row.temporaryMessageId)) }));
    const result = checkDelivery({ writes: log.entries, stored: own, watchers: ownViews });
    t.diagnostic(describe(result));
    assert.deepEqual(result.faults.slice(0, 20), []);
    return result;
  }

  test("MongoDB stopped under load: every post is a 202, and all is stored and sent afterwards", async (t) => {
    const log = new WriteLog();
    const watchers = [new Watcher(service, "a client", conversations, 0)];
    t.after(() => Promise.all(watchers.map((watcher) => watcher.stop())));
    await until("the client to join", () => watchers[0].connects > 0);
    const stopLoad = startLoad(service, log, { conversations });
    t.after(stopLoad);
    await sleep(1000);
    await cluster.mongodb.stop();
    const from = log.entries.length;
    await sleep(outageMs);
    const to = log.entries.length;
    await cluster.mongodb.start();
    await sleep(1000);
    await stopLoad();
    const during = log.entries.slice(from, to - 32); // without those that were still under way
    assert.ok(during.length > outageMs / 20, `only ${during.length} posts during the outage`);
    assert.deepEqual([...new Set(during.map((entry) => entry.status))], [202]);
    await lagIsGone([service], 60_000);
    await settle(service, log, conversations);
    const { counts } = await verdict(t, log, watchers);
    assert.equal(counts.ok, log.entries.length);
  });

  test("Kafka stopped under load: 503 or 504 in time, never 202, and it goes on by itself", async (t) => {
    const log = new WriteLog();
    const watchers = [new Watcher(service, "a client", conversations)];
    t.after(() => Promise.all(watchers.map((watcher) => watcher.stop())));
    await until("the client to join", () => watchers[0].connects > 0);
    const stopLoad = startLoad(service, log, { conversations });
    t.after(stopLoad);
    await sleep(1000);
    await cluster.kafka.stop();
    const from = log.entries.length;
    await sleep(Math.max(outageMs, publishTimeoutMs + lateMs + 1000));
    const during = log.entries.slice(from).filter((entry) => entry.status !== undefined);
    await cluster.kafka.start();
    await until("posts to be accepted again", () => log.entries.at(-40)?.status === 202 && log.entries.slice(-80, -40).every((entry) => entry.status === 202), 60_000);
    await stopLoad();
    assert.ok(during.length > 0);
    for (const entry of during) {
      assert.ok([503, 504].includes(entry.status), `a ${entry.status} while Kafka was away`);
      if (entry.status === 503) assert.ok(entry.retryAfter, "a 503 without Retry-After");
      assert.ok(entry.answeredMs - entry.sentMs < publishTimeoutMs + lateMs, `answered after ${entry.answeredMs - entry.sentMs} ms`);
    }
    await lagIsGone([service], 60_000);
    await settle(service, log, conversations, 60_000);
    await verdict(t, log, watchers);
    assert.ok((await metric(service, "publish_total", 'outcome="ok"')) > 0);
  });

  // Last: it leaves the service without its store.
  test("MongoDB stopped: clients read nothing of the servers, and a stop takes no longer than it may", async (t) => {
    t.after(() => cluster.mongodb.start());
    await cluster.mongodb.stop();
    const { status, body } = await request(messagesUrl(service.url, conversations[0]));
    assert.equal(status, 503);
    assert.doesNotMatch(JSON.stringify(body), /mongo|127\.0\.0\.1|localhost|server/i);
    assert.equal((await new WriteLog().write(service, conversations[0])).status, 202);
    const begun = performance.now();
    const { code } = await service.stop();
    const took = performance.now() - begun;
    assert.equal(code, 0);
    assert.ok(took < shutdownTimeoutMs + lateMs, `it took ${took} ms`);
  });
});
