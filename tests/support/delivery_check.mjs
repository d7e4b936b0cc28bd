// The delivery checker: a pure function over what clients recorded and what the store holds afterwards.
//
//   writes    one entry a send, its intent noted before and its outcome after:
//             {conversationId, key, content, outcome: "ok" | "refused" | "unknown", sentMs, answeredMs}
//   stored    Map: conversationId -> its whole history in the order the service gives it
//   watchers  [{name, conversationId, afterSequence, received: [messages in the order they came, catch-up and live]}]
//
// It answers {counts, faults}: counts also when all is well, and one entry a fault: {kind, conversationId, key, detail}.

export const faultKinds = Object.freeze([
  "lost", // acknowledged and not stored
  "refused-but-stored",
  "doubled", // one key stored more than once
  "altered", // stored with other content than sent
  "phantom", // stored, and nobody sent it
  "reordered", // A acknowledged before B was sent, and stored behind B
  "sequence-not-increasing",
  "seen-phantom", // a client saw what is not stored
  "seen-altered", // a client saw other content, id or sequence than stored
  "seen-twice",
  "seen-out-of-order",
  "not-seen", // a gap in a client"s view
]);

export function checkDelivery({ writes, stored, watchers = [] }) {
  const faults = [];
  const report = (kind, conversationId, key, detail = "") => faults.push({ kind, conversationId, key, detail });
  const intents = new Map(writes.map((write) => [`${write.conversationId}\n${write.key}`, write]));
  if (intents.size !== writes.length) throw new Error("every write needs a key of its own");

  const storedCounts = new Map();
  for (const [conversationId, history] of stored) {
    checkSequences(conversationId, history, report);
    checkOrder(conversationId, history, intents, report);
    for (const message of history) {
      const id = `${conversationId}\n${message.temporaryMessageId}`;
      const count = (storedCounts.get(id) ?? 0) + 1;
      storedCounts.set(id, count);
      checkStored(conversationId, message, intents.get(id), count, report);
    }
  }
  for (const [id, write] of intents) {
    if (write.outcome === "ok" && !storedCounts.has(id)) {
      report("lost", write.conversationId, write.key, `acknowledged at ${write.answeredMs.toFixed(1)} ms`);
    }
  }
  for (const watcher of watchers) checkView(watcher, stored.get(watcher.conversationId) ?? [], report);

  return { counts: countsOf(writes, stored, watchers, storedCounts, faults), faults };
}

function checkSequences(conversationId, history, report) {
  let last = 0;
  for (const { sequence, temporaryMessageId } of history) {
    if (!Number.isSafeInteger(sequence) || sequence <= last) {
      report("sequence-not-increasing", conversationId, temporaryMessageId, `${sequence} behind ${last}`);
    }
    last = sequence;
  }
}

// Walks the history once: whatever was sent latest among the messages so far must not have been sent after this one was
// acknowledged.
function checkOrder(conversationId, history, intents, report) {
  let latest;
  for (const { temporaryMessageId } of history) {
    const write = intents.get(`${conversationId}\n${temporaryMessageId}`);
    if (!write) continue;
    if (write.outcome === "ok" && latest && write.answeredMs < latest.sentMs) {
      report("reordered", conversationId, write.key, `stored behind ${latest.key}, which was sent after its 202`);
    }
    if (!latest || write.sentMs > latest.sentMs) latest = write;
  }
}

function checkStored(conversationId, message, write, count, report) {
  const key = message.temporaryMessageId;
  if (!write) return report("phantom", conversationId, key, `sequence ${message.sequence}`);
  if (count === 2) report("doubled", conversationId, key, `again at sequence ${message.sequence}`);
  if (write.outcome === "refused") report("refused-but-stored", conversationId, key, `sequence ${message.sequence}`);
  if (message.content !== write.content || message.conversationId !== conversationId) {
    report("altered", conversationId, key, `sequence ${message.sequence}`);
  }
}

// A client"s view must be the history behind the sequence it joined with, message by message.
function checkView({ name, conversationId, afterSequence, received }, history, report) {
  const expected = new Map(history.filter(({ sequence }) => sequence > afterSequence).map((m) => [m.sequence, m]));
  const seen = new Set();
  let last = afterSequence;
  for (const message of received) {
    const fault = (kind) => report(kind, conversationId, message.temporaryMessageId, `${name}, sequence ${message.sequence}`);
    const original = expected.get(message.sequence);
    if (!original) fault(message.sequence <= afterSequence ? "seen-twice" : "seen-phantom");
    else if (!isSame(original, message)) fault("seen-altered");
    else if (seen.has(message.sequence)) fault("seen-twice");
    else if (message.sequence < last) fault("seen-out-of-order");
    seen.add(message.sequence);
    last = Math.max(last, message.sequence);
  }
  for (const [sequence, message] of expected) {
    if (!seen.has(sequence)) report("not-seen", conversationId, message.temporaryMessageId, `${name}, sequence ${sequence}`);
  }
}

const comparedFields = ["id", "temporaryMessageId", "conversationId", "sequence", "senderId", "senderType", "content", "sentAt"];

function isSame(a, b) {
  return comparedFields.every((field) => a[field] === b[field]);
}

function countsOf(writes, stored, watchers, storedCounts, faults) {
  const withOutcome = (outcome) => writes.filter((write) => write.outcome === outcome);
  const unknown = withOutcome("unknown");
  return {
    writes: writes.length,
    ok: withOutcome("ok").length,
    refused: withOutcome("refused").length,
    unknown: unknown.length,
    unknownButStored: unknown.filter(({ conversationId, key }) => storedCounts.has(`${conversationId}\n${key}`)).length,
    conversations: stored.size,
    stored: [...stored.values()].reduce((sum, history) => sum + history.length, 0),
    views: watchers.length,
    seen: watchers.reduce((sum, { received }) => sum + received.length, 0),
    faults: faults.length,
  };
}

/** The counts on one line, and the first few faults below it. */
export function describe({ counts, faults }, faultsShownMax = 20) {
  const lines = [Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", ")];
  for (const { kind, conversationId, key, detail } of faults.slice(0, faultsShownMax)) {
    lines.push(`${kind}: ${key} in ${conversationId}${detail && `: ${detail}`}`);
  }
  if (faults.length > faultsShownMax) lines.push(`and ${faults.length - faultsShownMax} more`);
  return lines.join("\n");
}
