// What the service writes into Kafka, read by another program, is as src/api/descriptions/asyncapi.json says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asyncapi, checkRecord } from "../support/asyncapi.mjs";
import { startCluster } from "../support/cluster.mjs";
import { writeEverything } from "../support/everything.mjs";
import { readTopic } from "../support/records.mjs";

test("the records of the three topics", async (t) => {
  const cluster = await startCluster(t);
  const { records } = await writeEverything(t, cluster.settings());
  for (const [channel, { address }] of Object.entries(asyncapi.channels).filter(([name]) => name !== "hub")) {
    const seen = await readTopic(cluster, address.replace("{topicPrefix}", cluster.topicPrefix));
    for (const { headers, ...record } of seen) checkRecord(channel, { ...record, headers: Object.fromEntries(headers) });
    assert.ok(seen.length > 0);
    assert.deepEqual(seen.map(({ value }) => value).sort(), records[channel].map(({ value }) => value).sort(), "tail shows the same");
  }
});
