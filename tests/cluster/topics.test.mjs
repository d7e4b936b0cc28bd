// Topics that somebody deletes and makes again under the running service: every 202 is stored and sent, in order, and the
// log says what has happened. `latest` with a group that is new: a 202 is stored all the same.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { before, describe as suite, test } from "node:test";
import { promisify } from "node:util";
import { groupLagIsGone, lagIsGone, startCluster } from "../support/cluster.mjs";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { startPlanter } from "../support/planter.mjs";
import { repositoryRoot, sharedScope, startService, until } from "../support/service.mjs";
import { WriteLog, Watcher, readHistories, settle, viewsAtTheEnd } from "../support/traffic.mjs";

const run = promisify(execFile);
const conversations = ["anew-1", "anew-2", "anew-3"];

suite("topics that are made anew", () => {
  const scope = sharedScope();
  let cluster;
  before(async () => {
    cluster = await startCluster(scope);
  });

  const topicTool = (...args) =>
    run(join(repositoryRoot, "scripts/kafka.sh"), [
      "tool", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", cluster.kafka.bootstrapServers, ...args]);
  async function post(service, log, count) {
    for (let i = 0; i < count; i += 1) {
      await until("a post to be accepted", async () =>
        (await log.write(service, conversations[i % conversations.length])).outcome === "ok", 30_000, 50);
    }
  }

  test("every 202 is stored once and sent, and sequences go on rising", async (t) => {
    const service = await startService(t, { settings: cluster.settings(), conversations });
    const planter = await startPlanter(t, cluster.kafka.bootstrapServers);
    const log = new WriteLog();
    const watcher = new Watcher(service, "a client", conversations, 0);
    t.after(() => watcher.stop());
    await until("the client to join", () => watcher.connects > 0);
    await post(service, log, 40);
    await lagIsGone([service]);
    for (const name of ["SendMessageRequestedEvent", "MessageSentEvent"]) {
      await planter.makeAnew(cluster.topicPrefix + name, 6);
      await post(service, log, 90); // each partition becomes longer than it was
      await groupLagIsGone(cluster);
    }
    await settle(service, log, conversations);
    planter.stop();
    const stored = await readHistories(service, conversations);
    const views = await viewsAtTheEnd([watcher], stored);
    const result = checkDelivery({ writes: log.entries, stored, watchers: views });
    t.diagnostic(describe(result));
    assert.deepEqual(result.faults.slice(0, 20), []);
    assert.equal([...stored.values()].flat().length, log.entries.filter((entry) => entry.outcome === "ok").length);
    assert.match(service.output, /The topic of the log began anew/);
    assert.match(service.output, /sequences go on in a higher epoch/);
    await service.stop();
  });

  test("latest with a new group: what is accepted before its first persister is stored", async (t) => {
    const settings = cluster.settings({ "KafkaSettings:AutoOffsetReset": "latest", "KafkaSettings:GroupId": "new", "KafkaSettings:TopicPrefix": "new." });
    const api = await startService(t, { settings, roles: "api", conversations });
    const log = new WriteLog();
    await post(api, log, 30);
    const persister = await startService(t, { settings, roles: "persister" });
    await until("all to be stored", async () => {
      const stored = await readHistories(api, conversations);
      const keys = new Set([...stored.values()].flat().map((row) => row.temporaryMessageId));
      return log.entries.every((entry) => entry.outcome !== "ok" || keys.has(entry.key));
    });
    await persister.stop();
  });

  test("topics that are gone: posts are refused, and the service ends in time", async (t) => {
    const prefix = "gone.";
    const settings = cluster.settings({ "KafkaSettings:GroupId": "gone", "KafkaSettings:TopicPrefix": prefix, "KafkaSettings:PublishTimeoutMs": 1000 });
    const service = await startService(t, { settings, conversations });
    await post(service, new WriteLog(), 10);
    await lagIsGone([service]);
    await topicTool("--delete", "--topic", `${prefix}(SendMessageRequestedEvent|MessageSentEvent)`);
    const refused = new WriteLog();
    await until("posts to be refused", async () => [503, 504].includes((await refused.write(service, "anew-1")).status));
    assert.equal((await service.stop()).code, 0); // librdkafka 2.0.2 would wait for ever
  });
});
