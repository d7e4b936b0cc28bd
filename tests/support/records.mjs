// Reads topics with kcat: what a foreign program sees of them.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The dead-letter topic: [{partition, offset, key, value, headers: Map of the last value of each name, reason, source: "0/17"}]. */
export async function readDeadLetters({ cluster, topic }) {
  const records = await readTopic(cluster, topic("SendMessageRequestedEvent.DeadLetter"));
  return records.map((record) => ({
    ...record,
    reason: record.headers.get("reason"),
    source: `${record.headers.get("source-partition")}/${record.headers.get("source-offset")}`,
  }));
}

/** Every record of a topic. Keys, values and headers as kcat writes them into JSON: bytes that are no UTF-8 are replaced. */
export async function readTopic(cluster, topic) {
  const { stdout } = await run("kcat", ["-b", cluster.kafka.bootstrapServers, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J"],
    { timeout: 60_000, maxBuffer: 1 << 28 });
  return stdout.split("\n").filter((line) => line).map((line) => {
    const { partition, offset, key, payload, headers = [] } = JSON.parse(line);
    const pairs = [];
    for (let at = 0; at + 1 < headers.length; at += 2) pairs.push([headers[at], headers[at + 1]]);
    return { partition, offset, key, value: payload, headers: new Map(pairs) };
  });
}
