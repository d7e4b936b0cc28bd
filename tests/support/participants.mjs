// What holds when the participants of a conversation change, whichever node is asked: run on one embedded service and on
// two nodes of a cluster. Each scenario gets `[a, b]`: two nodes with API and hub, or the same one twice.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { connectHub } from "./hub.mjs";
import { sleep, until } from "./service.mjs";
import { Issuer, bearer } from "./tokens.mjs";
import { messagesUrl, request } from "./traffic.mjs";

export const issuer = new Issuer();
/** A race has its people do more in a second than people do. */
export const settings = (more = {}) => issuer.settings({ "RateLimits:Mode": "Off", ...more });
const tokens = new Map();
const tokenOf = (person) => {
  if (!tokens.has(person)) tokens.set(person, person === "back-end" ? issuer.program("conversations:manage") : issuer.person(person));
  return tokens.get(person);
};
const as = (person) => ({ headers: bearer(tokenOf(person)) });

const conversationUrl = (node, id) => `${node.url}/api/conversations/${id}`;
const participantsUrl = (node, id) => `${conversationUrl(node, id)}/participants`;

/** Asks as that person; the answer must have that status. */
async function ask(status, person, url, options = {}) {
  const answer = await request(url, { ...options, ...as(person) });
  assert.equal(answer.status, status, `${person} ${options.method ?? "GET"} ${url}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const everybody = [{ id: "anna", type: "Parent", role: "owner" }, { id: "tom", type: "Parent" }, { id: "rosa", type: "Parent" }];

async function makeConversation(node, participants = everybody) {
  const id = `school-${randomUUID()}`;
  await ask(201, "back-end", `${node.url}/api/conversations`, { method: "POST", body: { id, participants } });
  return id;
}

const set = (node, id, by, person, role, status = 202) =>
  ask(status, by, participantsUrl(node, id), { method: "POST", body: { id: person, type: "Parent", ...(role ? { role } : {}) } });
const remove = (node, id, by, person, status = 202) => ask(status, by, `${participantsUrl(node, id)}/${person}`, { method: "DELETE" });
const post = (node, id, person, content = "hello", status = 202) =>
  ask(status, person, messagesUrl(node.url, id), { method: "POST", body: { content, senderType: "Parent" } });
const list = async (node, id, by = "back-end") => (await ask(200, by, participantsUrl(node, id))).participants;

const applied = (node, id, what) => until("the change", async () => what(await list(node, id)));
const without = (person) => (people) => people.every((one) => one.id !== person);
const withRole = (person, role) => (people) => people.some((one) => one.id === person && one.role === role);

/** A hub client of that person, with what it hears about participants. */
async function connect(t, node, person, more = {}) {
  const changed = [];
  const removed = [];
  const client = await connectHub(t, node, {
    http: { accessTokenFactory: () => tokenOf(person) },
    configure(connection) {
      connection.on("ParticipantsChanged", (event) => changed.push(event));
      connection.on("RemovedFromConversation", (event) => removed.push(event));
    },
    ...more,
  });
  return Object.assign(client, { changed, removed });
}

const notYours = /there is no such conversation, or you are not in it/;

/** All that a person might read; each is refused. */
async function seesNothing(node, id, person) {
  for (const path of ["", "/messages", "/messages?after=0", `/messages/${"0".repeat(24)}`, "/messages/by-temporary-id/x", "/participants"]) {
    const body = await ask(403, person, conversationUrl(node, id) + path);
    assert.match(body.detail, notYours);
  }
  await post(node, id, person, "still here?", 403);
}

/** Another node learns within a moment that somebody is in. */
const reads = (node, id, person) =>
  until(`${person} is in`, async () => (await request(`${conversationUrl(node, id)}/messages`, as(person))).status === 200);

async function owners(t, [a, b]) {
  const id = await makeConversation(a);
  assert.deepEqual(await list(b, id, "rosa"), everybody.map((one) => ({ role: "member", ...one })));
  await set(a, id, "tom", "eve", undefined, 403);
  await remove(a, id, "tom", "rosa", 403);
  await set(a, id, "eve", "eve", undefined, 403);
  await set(a, id, "anna", "eve", "reader");
  await applied(b, id, withRole("eve", "reader"));
  await reads(b, id, "eve");
  await post(b, id, "eve", "a reader writes", 403);
  await set(b, id, "anna", "tom", "owner");
  await applied(a, id, withRole("tom", "owner"));
  await remove(a, id, "anna", "anna");
  await applied(b, id, without("anna"));
  await until("tom is known as an owner", async () => (await request(participantsUrl(b, id), { method: "POST", body: { id: "eve", type: "Parent" }, ...as("tom") })).status === 202);
  await set(a, id, "anna", "anna", undefined, 403);
  await ask(400, "tom", participantsUrl(a, id), { method: "POST", body: { id: "x", type: "Parent", role: "king" } });
  await ask(404, "back-end", participantsUrl(a, "no-such"), { method: "POST", body: { id: "x", type: "Parent" } });
  await ask(403, "tom", participantsUrl(a, "no-such"));
}

async function aRemovalIsHeardOnceAndNothingAfterIt(t, [a, b]) {
  const id = await makeConversation(a);
  const tom = await Promise.all([connect(t, a, "tom"), connect(t, b, "tom", { protocol: "messagepack" })]);
  const rosa = await connect(t, b, "rosa");
  for (const client of [...tom, rosa]) await client.join(id);
  await post(a, id, "anna", "before");
  await until("the message", () => [...tom, rosa].every((client) => client.received.length === 1));
  // The removal and what follows it are one batch, most times.
  await Promise.all([remove(b, id, "anna", "tom"), ...Array.from({ length: 20 }, (_, n) => post(a, id, "anna", `about ${n}`))]);
  await until("everything", () => rosa.received.length === 21 && rosa.changed.length === 1);
  const [{ sequence, change, by, conversationId }] = rosa.changed;
  assert.deepEqual([conversationId, change, by.id], [id, { action: "remove", id: "tom" }, "anna"]);
  await until("the removal", () => tom.every((client) => client.removed.length === 1));
  await sleep(100);
  for (const client of tom) {
    assert.deepEqual(client.removed, [{ conversationId: id }]);
    assert.ok(client.received.every((message) => message.sequence < sequence), "nothing of later");
    assert.deepEqual(client.changed, [], "the change itself is not for him");
    await assert.rejects(client.join(id), notYours);
    await assert.rejects(client.join(id, 0), notYours);
  }
  for (const node of [a, b]) await seesNothing(node, id, "tom");
  const pages = (await ask(200, "rosa", `${conversationUrl(a, id)}/messages?limit=100`)).messages;
  assert.deepEqual(pages.map((message) => message.sequence), rosa.sequences(id), "the change is a gap in the numbers");
  assert.ok(!pages.some((message) => message.sequence === sequence));
}

async function whoJoinsLaterSeesWhatComesFromThenOn(t, [a, b]) {
  const id = await makeConversation(a);
  const old = await post(a, id, "anna", "old");
  await set(a, id, "anna", "eve");
  await applied(b, id, withRole("eve", "member"));
  await reads(b, id, "eve");
  await post(b, id, "eve", "new");
  const eve = await connect(t, b, "eve");
  await eve.join(id, 0);
  await until("the new message", () => eve.received.length === 1);
  assert.equal(eve.received[0].content, "new");
  for (const query of ["", "?after=0", "?before=100000000000000"]) {
    const page = await ask(200, "eve", `${conversationUrl(b, id)}/messages${query}`);
    assert.deepEqual([page.messages.map(({ content }) => content), page.hasMore], [["new"], false], query);
  }
  await ask(404, "eve", `${conversationUrl(b, id)}/messages/by-temporary-id/${old.id}`);
  // Out and in again: the earlier removal is not met again by a catch-up.
  await remove(a, id, "anna", "eve");
  await until("the removal", () => eve.removed.length === 1);
  await post(a, id, "anna", "between");
  await set(a, id, "anna", "eve");
  await until("she may join again", () => eve.join(id, 0).then(() => true, () => false));
  await post(a, id, "anna", "again");
  await until("what came since", () => eve.received.some(({ content }) => content === "again"));
  assert.deepEqual(eve.received.map(({ content }) => content), ["new", "again"]);
  assert.equal(eve.removed.length, 1);
}

async function aRepeatedChangeIsOne(t, [a, b]) {
  const id = await makeConversation(a);
  const rosa = await connect(t, b, "rosa");
  await rosa.join(id);
  const key = randomUUID();
  const once = (node) => request(participantsUrl(node, id), { method: "POST", body: { id: "eve", type: "Parent" }, headers: { ...bearer(tokenOf("anna")), "Idempotency-Key": key } });
  const answers = await Promise.all([once(a), once(b), once(a)]);
  assert.deepEqual(answers.map(({ status }) => status), [202, 202, 202]);
  assert.deepEqual(new Set(answers.map(({ body }) => body.id)), new Set([key]));
  await applied(a, id, withRole("eve", "member"));
  await post(a, id, "anna", "last");
  await until("the last message", () => rosa.received.length === 1);
  assert.equal(rosa.changed.length, 1);
  const found = await ask(200, "rosa", `${conversationUrl(b, id)}/messages/by-temporary-id/${key}`);
  assert.deepEqual(found.participantChange, { action: "set", id: "eve", type: "Parent", role: "member" });
}

/**
 * Removals against sends, joins and reads, `lanes` at a time: nobody sees a sequence after his removal, nobody else misses
 * one, and what the removed one sent is stored or rejected.
 */
export async function race(t, [a, b], { rounds, lanes = 16 }) {
  let done = 0;
  let turned = 0;
  const lane = async (number) => {
    const [near, far] = number % 2 === 0 ? [a, b] : [b, a];
    const tom = await connect(t, far, "tom", { reconnect: [0, 100, 1000] });
    const rosa = await connect(t, near, "rosa", { reconnect: [0, 100, 1000] });
    while (done < rounds) {
      done += 1;
      const id = await makeConversation(near);
      await Promise.all([rosa.join(id, 0), tom.join(id, 0)]);
      const read = [];
      const sent = [];
      const until_ = { over: false };
      const reads = async () => {
        while (!until_.over) {
          const { status, body } = await request(`${conversationUrl(far, id)}/messages?limit=500`, as("tom"));
          if (status === 200) read.push(...body.messages.map(({ sequence }) => sequence));
          else assert.equal(status, 403);
        }
      };
      const joins = async () => {
        while (!until_.over) await tom.join(id, 0).catch(({ message }) => assert.match(message, notYours));
      };
      const sends = async (node, person) => {
        for (let n = 0; n < 4; n += 1) {
          const { status, body } = await request(messagesUrl(node.url, id), { method: "POST", body: { content: `${person} ${n}` }, ...as(person) });
          if (person === "tom" && status === 202) sent.push(body.id);
          else if (person !== "tom") assert.equal(status, 202, JSON.stringify(body));
        }
      };
      const background = [reads(), joins()];
      await Promise.all([sends(near, "anna"), sends(far, "rosa"), sends(far, "tom"), sleep(Math.random() * 6).then(() => remove(near, id, "anna", "tom"))]);
      await post(near, id, "anna", "the end");
      await until("the end", () => rosa.received.some((message) => message.conversationId === id && message.content === "the end"));
      until_.over = true;
      await Promise.all(background);
      const gone = rosa.changed.find((event) => event.conversationId === id);
      assert.ok(gone, "rosa hears of the removal");
      await until("tom hears of the removal, or was never in", async () => {
        if (tom.removed.some((event) => event.conversationId === id)) return true;
        return await tom.join(id).then(() => false, ({ message }) => notYours.test(message));
      });
      const late = [...read, ...tom.sequences(id)].filter((sequence) => sequence >= gone.sequence);
      assert.deepEqual(late, [], `${id}: tom was removed at ${gone.sequence}`);
      const stored = (await ask(200, "back-end", `${conversationUrl(far, id)}/messages?limit=500`)).messages;
      assert.deepEqual(rosa.sequences(id), stored.map(({ sequence }) => sequence), `${id}: rosa misses nothing`);
      for (const key of sent) {
        await until("what tom sent is stored or rejected", async () => {
          const { status, body } = await request(`${conversationUrl(far, id)}/messages/by-temporary-id/${key}`, as("back-end"));
          if (status !== 200) return false;
          if (body.status === "Rejected") turned += 1;
          else assert.ok(body.sequence < gone.sequence, "stored before the removal");
          return true;
        });
      }
      for (const client of [tom, rosa]) {
        client.received.length = 0;
        client.changed.length = 0;
        client.removed.length = 0;
      }
      if (done % 500 === 0) t.diagnostic(`${done} rounds`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, rounds) }, (_, number) => lane(number)));
  t.diagnostic(`${rounds} rounds, ${turned} messages were accepted and then rejected`);
}

export const participantScenarios = [
  { name: "owners decide, readers read, everybody may leave", run: owners },
  { name: "a removal is heard once, and nothing after it", run: aRemovalIsHeardOnceAndNothingAfterIt },
  { name: "who joins later sees what comes from then on", run: whoJoinsLaterSeesWhatComesFromThenOn },
  { name: "a change that is sent again is one change", run: aRepeatedChangeIsOne },
];

export const raceRounds = Number(process.env.RACE_ROUNDS ?? 100);
