// What people and other programs do to the documents in MongoDB. A plant is {name, plant(scene), check(scene)}: plant()
// runs while others write and read, check() afterwards. The scene: {nodes, edit(command), scope}.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { metric } from "./cluster.mjs";
import { pythonWith } from "./python.mjs";
import { repositoryRoot, until, within } from "./service.mjs";
import { Watcher, messagesUrl, readHistory, request } from "./traffic.mjs";

/** Runs database commands in extended JSON, until `t` ends. */
export async function startEditor(t, cluster) {
  const python = await pythonWith("confluent-kafka", "pymongo");
  const program = join(repositoryRoot, "tests/support/documents.py");
  const child = spawn(python, [program, cluster.mongodb.connectionString, cluster.database], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (command) => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    const { value } = await within("the answer of MongoDB", answers.next(), 30_000);
    const answer = JSON.parse(value);
    if (answer.error || answer.writeErrors) throw new Error(value);
    return answer;
  };
}

const messageBody = (key, content) => ({ senderId: "parent-001", senderType: "Parent", temporaryMessageId: key, content });

async function post(node, conversationId, key, content) {
  const { status } = await request(messagesUrl(node.url, conversationId), { method: "POST", body: messageBody(key, content) });
  assert.equal(status, 202, `${conversationId} ${key}`);
}

const stored = (node, conversationId, count) =>
  until(`${count} messages of ${conversationId}`, async () => {
    const history = await readHistory(node, conversationId);
    return history.length === count && history;
  });

async function makeConversation(node, id) {
  await request(`${node.url}/api/conversations`, { method: "POST", body: { id, participants: [], title: id } });
}

const EDITS = [
  ["content", { $unset: { content: 1 } }],
  ["senderId", { $set: { senderId: 5 } }],
  ["sentAt", { $set: { sentAt: "yesterday" } }],
  ["sequence", { $set: { sequence: "text" } }],
  ["sequence", { $set: { sequence: { $numberLong: "-7" } } }],
  ["_id", { $set: { conversationId: "edited-elsewhere" } }],
  ["persistedAt", { $set: { persistedAt: { $date: { $numberLong: "9223372036854775807" } } } }],
];

const editedMessages = {
  name: "edited messages are left out of pages and catch-up, and named when asked for",
  async plant({ nodes, edit, scope }) {
    const [node] = nodes;
    await makeConversation(node, "edited");
    for (let i = 0; i < 2 * EDITS.length; i += 1) await post(node, "edited", `key-${i}`, `${i}`);
    this.before = await stored(node, "edited", 2 * EDITS.length);
    for (const [i, [, change]] of EDITS.entries()) {
      await edit({ update: "messages", updates: [{ q: { _id: { $oid: this.before[2 * i].id } }, u: change }] });
    }
    for (const sequence of ["text", { $numberDouble: "2.5" }, { $numberLong: "9007199254740990" }, this.before[1].sequence]) {
      await edit({ insert: "messages", documents: [{ conversationId: "edited", sequence, content: "mine" }] });
    }
    this.watcher = new Watcher(nodes.at(-1), "a client of edited messages", ["edited"], 0);
    scope.after(() => this.watcher.stop());
    await post(node, "edited", "later", "later");
  },
  async check({ nodes }) {
    const left = [...this.before.filter((_, i) => i % 2 === 1).map((message) => message.content), "later"];
    for (const node of nodes) {
      await until("the later message", async () => (await readHistory(node, "edited")).at(-1)?.content === "later");
      assert.deepEqual((await readHistory(node, "edited")).map((message) => message.content), left);
      for (const query of ["limit=1&after=0", "limit=3", `before=${this.before.at(-1).sequence}&limit=2`]) {
        const page = await request(`${messagesUrl(node.url, "edited")}?${query}`);
        assert.equal(page.status, 200, query);
        assert.ok(page.body.messages.length > 0, query);
      }
      for (const [i, [field]] of EDITS.entries()) {
        const asked = await request(`${messagesUrl(node.url, "edited")}/${this.before[2 * i].id}`);
        assert.equal(asked.status, 500);
        assert.match(asked.body.detail, new RegExp(`field ${field} `));
      }
      assert.ok((await metric(node, "unreadable_total", 'what="messages"')) > 0);
      assert.match((await request(`${node.url}/health/ready`)).body, /stored data: some stored data cannot be read/);
      assert.equal((await request(`${node.url}/health/ready`)).status, 200);
    }
    const seen = () => this.watcher.views.get("edited").received.map((message) => message.content);
    await until("the client to catch up and go on", () => seen().at(-1) === "later");
    assert.deepEqual(seen(), left);
    assert.equal(this.watcher.connects, 1, "the client is not sent away");
  },
};

const damagedConversation = {
  name: "messages of a damaged conversation go on",
  async plant({ nodes, edit }) {
    const [node] = nodes;
    await makeConversation(node, "damaged");
    await edit({ update: "conversations", updates: [{ q: { _id: "damaged" }, u: { $set: { participants: "none" }, $unset: { title: 1 } } }] });
    for (const [i, each] of nodes.entries()) await post(each, "damaged", `key-${i}`, `${i}`);
  },
  async check({ nodes }) {
    await stored(nodes[0], "damaged", nodes.length);
    const asked = await request(`${nodes[0].url}/api/conversations/damaged`);
    assert.equal(asked.status, 500);
    assert.match(asked.body.detail, /field title is missing/);
  },
};

const foreignRules = {
  name: "a message that a foreign index or validator keeps out is a dead letter, and the next one is stored",
  async plant({ nodes, edit }) {
    await makeConversation(nodes[0], "ruled");
    const only = (content) => ({ partialFilterExpression: { content } });
    await edit({
      createIndexes: "messages",
      indexes: [
        { key: { content: "text" }, name: "words", language_override: "senderType", ...only("bad words") },
        { key: { senderType: "2dsphere" }, name: "places", ...only("bad place") },
      ],
    });
    await edit({ collMod: "messages", validator: { content: { $ne: "bad rule" } } });
    for (const content of ["1", "bad words", "2", "bad place", "3", "bad rule", "4"]) {
      await post(nodes[0], "ruled", `key ${content}`, content);
    }
  },
  async check({ nodes }) {
    const history = await stored(nodes[0], "ruled", 4);
    assert.deepEqual(history.map((message) => message.content), ["1", "2", "3", "4"]);
    for (const content of ["bad words", "bad place", "bad rule"]) {
      const url = `${messagesUrl(nodes[0].url, "ruled")}/by-temporary-id/${encodeURIComponent(`key ${content}`)}`;
      const { body } = await request(url);
      assert.equal(body.status, "Rejected", content);
    }
  },
};

const foreignBookkeeping = {
  name: "foreign documents among the epochs and the dead letters stop nobody",
  async plant({ nodes, edit }) {
    await edit({ insert: "log_epochs", documents: [{ _id: "mine" }, { _id: -4, kind: "log" }, { _id: 100_000, kind: "synchronous" }] });
    await edit({ insert: "dead_letters", documents: [{ _id: "mine", reason: 7 }] });
    await makeConversation(nodes[0], "bookkeeping");
    await post(nodes[0], "bookkeeping", "key", "still stored");
  },
  check: ({ nodes }) => stored(nodes[0], "bookkeeping", 1),
};

export const hostileDocuments = [editedMessages, damagedConversation, foreignRules, foreignBookkeeping];
