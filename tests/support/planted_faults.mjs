// A run of clients as delivery_check.mjs wants it, and one planted fault of each kind. For whoever checks a checker.
import assert from "node:assert/strict";

export const messageCount = 4000;
export const conversationCount = 4;
const writerCount = 3;

/** A record as a crash run leaves it: several writers a conversation, some sends refused, some without an answer. */
export function makeRun() {
  const writes = [];
  const stored = new Map();
  for (let c = 0; c < conversationCount; c += 1) stored.set(`conv-${c}`, []);
  for (let i = 0; i < messageCount; i += 1) {
    const conversationId = `conv-${i % conversationCount}`;
    const outcome = i % 53 === 7 ? "refused" : i % 47 === 3 ? "unknown" : "ok";
    // Every writer starts its next send 2 ms after an answer; the writers overlap, so some pairs may come in any order.
    const round = Math.floor(i / (conversationCount * writerCount));
    const sentMs = round * 10 + (i % 7) / 10;
    const write = { conversationId, key: `key-${i}`, content: `text ${i}`, outcome, sentMs, answeredMs: sentMs + 8 };
    writes.push(write);
    if (outcome === "ok" || (outcome === "unknown" && i % 2 === 0)) append(stored.get(conversationId), write);
  }
  const watchers = ["first", "second"].flatMap((name, index) =>
    [...stored].map(([conversationId, history]) => {
      const afterSequence = index * 10;
      const received = history.filter(({ sequence }) => sequence > afterSequence).map((message) => ({ ...message }));
      return { name, conversationId, afterSequence, received };
    }),
  );
  return { writes, stored, watchers };
}

function append(history, { conversationId, key, content }) {
  const sequence = (history.at(-1)?.sequence ?? 0) + 1;
  const sender = { senderId: "parent-001", senderType: "Parent", sentAt: "2026-01-27T10:30:00.000Z" };
  history.push({ id: `id-${key}`, temporaryMessageId: key, conversationId, sequence, content, ...sender });
}

const okWrites = (run) => run.writes.filter(({ outcome }) => outcome === "ok");

function remove(run, key) {
  for (const history of run.stored.values()) {
    const at = history.findIndex(({ temporaryMessageId }) => temporaryMessageId === key);
    if (at >= 0) history.splice(at, 1);
  }
  for (const { received } of run.watchers) {
    const at = received.findIndex(({ temporaryMessageId }) => temporaryMessageId === key);
    if (at >= 0) received.splice(at, 1);
  }
}

function swapContents(list, a, b) {
  const { sequence: sequenceA } = list[a];
  const { sequence: sequenceB } = list[b];
  [list[a], list[b]] = [{ ...list[b], sequence: sequenceA }, { ...list[a], sequence: sequenceB }];
}

export const plantedFaults = {
  "one in a thousand dropped": {
    kind: "lost",
    plant: (run) => okWrites(run).filter((_, i) => i % 1000 === 500).map(({ key }) => (remove(run, key), key)),
  },
  "acknowledged early: a crash took the last group, whose 202s were out": {
    kind: "lost",
    plant: (run) => okWrites(run).slice(-8).map(({ key }) => (remove(run, key), key)),
  },
  "two swapped": {
    kind: "reordered",
    plant(run) {
      const history = run.stored.get("conv-1");
      const keys = [history[200], history[206]].map(({ temporaryMessageId }) => temporaryMessageId);
      const sent = keys.map((key) => run.writes.find((write) => write.key === key));
      assert.ok(sent[0].answeredMs < sent[1].sentMs, "the two are not concurrent");
      swapContents(history, 200, 206);
      for (const { conversationId, received, afterSequence } of run.watchers) {
        if (conversationId === "conv-1") swapContents(received, 200 - afterSequence, 206 - afterSequence);
      }
      return keys.slice(0, 1);
    },
  },
  "one doubled under a new sequence": {
    kind: "doubled",
    plant(run) {
      const write = okWrites(run).findLast(({ conversationId }) => conversationId === "conv-2");
      append(run.stored.get("conv-2"), write);
      for (const { conversationId, received } of run.watchers) {
        if (conversationId === "conv-2") received.push({ ...run.stored.get("conv-2").at(-1) });
      }
      return [write.key];
    },
  },
  "a phantom in the store": {
    kind: "phantom",
    plant(run) {
      const phantom = { conversationId: "conv-0", key: "nobody-sent-this", content: "boo" };
      append(run.stored.get("conv-0"), phantom);
      return [phantom.key];
    },
  },
  "a refused message that appears": {
    kind: "refused-but-stored",
    plant(run) {
      const write = run.writes.findLast(({ outcome }) => outcome === "refused");
      append(run.stored.get(write.conversationId), write);
      return [write.key];
    },
  },
  "a byte changed in the store": {
    kind: "altered",
    plant(run) {
      const message = run.stored.get("conv-3")[77];
      message.content = `${message.content}.`;
      return [message.temporaryMessageId];
    },
  },
  "a sequence used twice": {
    kind: "sequence-not-increasing",
    plant(run) {
      const [, before, message] = run.stored.get("conv-3");
      message.sequence = before.sequence;
      return [message.temporaryMessageId];
    },
  },
  "a client saw what was never stored": {
    kind: "seen-phantom",
    plant(run) {
      const { received } = run.watchers[0];
      received.push({ ...received.at(-1), temporaryMessageId: "ghost", sequence: received.at(-1).sequence + 1 });
      return ["ghost"];
    },
  },
  "a client saw another content": {
    kind: "seen-altered",
    plant(run) {
      const message = run.watchers[1].received[40];
      message.content = "other";
      return [message.temporaryMessageId];
    },
  },
  "a client saw another sequence": {
    kind: "seen-altered",
    plant(run) {
      const { received } = run.watchers[1];
      swapContents(received, 40, 41);
      return received.slice(40, 42).map(({ temporaryMessageId }) => temporaryMessageId);
    },
  },
  "a client saw one twice": {
    kind: "seen-twice",
    plant(run) {
      const { received } = run.watchers[2];
      received.splice(31, 0, { ...received[30] });
      return [received[30].temporaryMessageId];
    },
  },
  "a client saw again what it had before it joined": {
    kind: "seen-twice",
    plant(run) {
      const { conversationId, afterSequence, received } = run.watchers.at(-1);
      const old = run.stored.get(conversationId)[afterSequence - 1];
      received.unshift({ ...old });
      return [old.temporaryMessageId];
    },
  },
  "a client saw two the wrong way round": {
    kind: "seen-out-of-order",
    plant(run) {
      const { received } = run.watchers[3];
      [received[50], received[51]] = [received[51], received[50]];
      return [received[51].temporaryMessageId];
    },
  },
  "a gap in one in a thousand for one client": {
    kind: "not-seen",
    plant: (run) => run.watchers[0].received.splice(500, 1).map(({ temporaryMessageId }) => temporaryMessageId),
  },
};
