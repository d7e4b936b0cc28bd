// What others do to topics, clocks and groups, see cluster/hostile.test.mjs. Each of these is done while the rooms are written to, or, where
// Kafka itself would take what nobody has stored yet or the order is not promised (docs/guarantees.md), in a pause of the writers.
import assert from "node:assert/strict";
import { groupLag, groupLagIsGone, metric } from "./cluster.mjs";
import { connectHub } from "./hub.mjs";
import { movedClock } from "./moved_clock.mjs";
import { startService, until } from "./service.mjs";
import { readHistory } from "./traffic.mjs";

const REQUESTED = "SendMessageRequestedEvent";
const SENT = "MessageSentEvent";
const PARTITIONS = 6;

const madeAnew = {
  name: "topics are deleted and made again",
  async plant({ planter, topic, inAPause }) {
    for (const name of [REQUESTED, SENT]) await inAPause(() => planter.makeAnew(topic(name), PARTITIONS));
  },
  check({ nodes }) {
    assert.ok(nodes.some((node) => /began anew/.test(node.output)), "no line says so");
  },
};

const cutShort = {
  name: "a topic is cut to nothing",
  async plant({ cluster, planter, topic, inAPause }) {
    await inAPause(async () => {
      const { partitions } = await groupLag(cluster);
      this.cut = partitions.filter(({ committed }) => committed > 0);
      for (const { partition, committed } of this.cut) await planter.deleteBefore(topic(REQUESTED), partition, committed);
    });
  },
  check() {
    assert.ok(this.cut.length > 0, "there was nothing to delete");
  },
};

// No multiple of what there was: conversations move between the old partitions too. Nobody goes on in earnest before every node writes by
// the new number: into the new partitions, and nowhere from where a record has to be moved.
const morePartitions = {
  name: "partitions are added",
  async plant({ cluster, planter, topic, inAPause, nodes, log, conversations }) {
    const seen = async () => ({
      inNew: (await groupLag(cluster)).partitions.slice(PARTITIONS).reduce((sum, { end }) => sum + end, 0),
      moved: (await Promise.all(nodes.map((node) => metric(node, "moved_total")))).reduce((sum, count) => sum + count),
    });
    await inAPause(async () => {
      await planter.grow(topic(REQUESTED), PARTITIONS + 2);
      for (const node of nodes) {
        let before = await seen();
        await until("a node to write by the new number", async () => {
          for (const id of conversations) await log.write(node, id);
          await groupLagIsGone(cluster);
          const { inNew, moved } = await seen();
          const knows = inNew > before.inNew && moved === before.moved;
          before = { inNew, moved };
          return knows;
        }, 60_000, 0);
      }
    });
  },
  async check({ cluster }) {
    const { partitions } = await groupLag(cluster);
    assert.equal(partitions.length, PARTITIONS + 2);
    assert.ok(partitions.at(-1).committed > 0, "nothing came into the new ones");
  },
};

// The service of another machine, whose clock is wrong and which a setting tells to begin at the end of topics.
const wrongClock = {
  name: "a node's clock is eight days behind, and ahead",
  async plant({ cluster, scope, log, conversations }) {
    const clock = movedClock(scope);
    clock.set(-8);
    const settings = cluster.settings({ "KafkaSettings:AutoOffsetReset": "latest" });
    const node = await startService(scope, { settings, conversations: [], env: clock.env });
    this.keys = [];
    const write = async (count) => {
      for (let i = 0; i < count; i += 1) {
        const { key, outcome } = await log.write(node, conversations[0]);
        if (outcome === "ok") this.keys.push(key);
      }
    };
    await write(30);
    clock.set(8);
    await write(30);
    await node.stop();
  },
  async check({ nodes, conversations }) {
    assert.ok(this.keys.length > 30, "the node accepted too little");
    const stored = new Set((await readHistory(nodes[0], conversations[0])).map((message) => message.temporaryMessageId));
    assert.deepEqual(this.keys.filter((key) => !stored.has(key)), []);
  },
};

const racingJoins = {
  name: "a client joins from the beginning and live at once",
  async plant({ scope, nodes, conversations }) {
    this.conversation = conversations[1];
    this.clients = await Promise.all(nodes.map((node) => connectHub(scope, node)));
    for (const [at, client] of this.clients.entries()) {
      const joins = [() => client.join(this.conversation, 0), () => client.join(this.conversation)];
      await Promise.all((at === 0 ? joins : joins.reverse()).map((join) => join()));
    }
  },
  async check({ nodes }) {
    const stored = (await readHistory(nodes[0], this.conversation)).map(({ sequence }) => sequence);
    for (const client of this.clients) {
      await until("the client to have all", () => client.received.length >= stored.length).catch(() => {});
      assert.deepEqual(client.received.map(({ sequence }) => sequence), stored);
    }
  },
};

export const hostileTopics = [racingJoins, madeAnew, cutShort, morePartitions, wrongClock];
