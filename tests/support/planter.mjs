// Writes records as a foreign program does: any bytes, any headers, any partition, in transactions too.
//
//   const planter = await startPlanter(t, cluster.kafka.bootstrapServers);
//   const [[partition, offset]] = await planter.plant([{ topic, key: "conv-1", value: "{}", headers: [["name", bytes]] }]);

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pythonWith } from "./python.mjs";
import { repositoryRoot, within } from "./service.mjs";

const PLANT_MS = 180_000; // other suites start brokers beside it

const encoded = (bytes) => (bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString("base64"));

class Planter {
  #child;
  #answers;

  constructor(child) {
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Returns the place of each record: [partition, offset]. `records`: {topic, key, value, headers, partition, timestamp}, where texts and
   * buffers are bytes, and null or nothing is null. `partitioner`: one of librdkafka's; `transaction`: "commit" or "abort".
   */
  async plant(records, { partitioner, transaction } = {}) {
    const order = {
      partitioner,
      transaction,
      records: records.map((record) => ({
        ...record,
        key: encoded(record.key),
        value: encoded(record.value),
        headers: (record.headers ?? []).map(([name, value]) => [name, encoded(value)]),
      })),
    };
    return this.#ask(order);
  }

  /** Sets a topic's own settings. */
  configure(topic, settings) {
    return this.#ask({ configure: topic, settings });
  }

  /** Adds partitions to a topic. */
  grow(topic, partitions) {
    return this.#ask({ grow: [topic, partitions] });
  }

  /** Deletes a topic and makes it again under its name. */
  makeAnew(topic, partitions) {
    return this.#ask({ make_anew: [topic, partitions] });
  }

  /** Deletes the records of a partition before an offset, as a topic's retention does. */
  deleteBefore(topic, partition, offset) {
    return this.#ask({ delete_before: [topic, partition, offset] });
  }

  async #ask(order) {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await within("the planter's answer", this.#answers.next(), PLANT_MS);
    if (done) throw new Error("the planter has ended");
    const places = JSON.parse(value);
    if (places.error) throw new Error(`the planter: ${places.error}`);
    return places;
  }

  stop() {
    this.#child.kill("SIGKILL");
  }
}

/** Runs until `t` ends. */
export async function startPlanter(t, bootstrapServers) {
  const python = await pythonWith("confluent-kafka", "pymongo");
  const child = spawn(python, [join(repositoryRoot, "tests/support/plant.py"), bootstrapServers], { stdio: ["pipe", "pipe", "inherit"] });
  const planter = new Planter(child);
  t.after(() => planter.stop());
  return planter;
}

/** The value of a good record of a foreign program, with other fields where `more` has them. */
export const requestedValue = (conversationId, key, content, more = {}) => JSON.stringify({
  eventType: "SendMessageRequestedEvent", temporaryMessageId: key, conversationId, senderId: "other-program", senderType: "System", content,
  ...more });
