// The recorder of examples/ on the real service with Microsoft's client: under load, with crashes of the service and cut
// connections, the history is found well; then every fault that is planted into its files is found.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { before, describe, test } from "node:test";
import { Recorder } from "../../examples/recorder/recorder.mjs";
import { faultKinds } from "../support/delivery_check.mjs";
import { signalR } from "../support/hub.mjs";
import { verify, writeLines } from "../support/recorded_histories.mjs";
import { sharedScope, sleep, startService, temporaryFolder, until, WAIT_MS } from "../support/service.mjs";

const conversations = ["conv-a", "conv-b"];
const ROUNDS = 3;
const ACKNOWLEDGED_A_ROUND = 150;

/** Writes one message after the other until `state.running` is false, each with its key again until it is decided. */
async function write(service, post, state, number) {
  for (let i = 0; state.running; i += 1) {
    const conversationId = conversations[(number + i) % conversations.length];
    const body = JSON.stringify({
      senderId: `parent-${number}`, senderType: "Parent", content: `${number}: ${i} "ü"`, temporaryMessageId: `${number}-${i}`,
    });
    for (let tries = 0; tries < 5; tries += 1) {
      try {
        const headers = { "Content-Type": "application/json" };
        const url = `${service.url}/api/conversations/${conversationId}/messages`;
        const response = await post(url, { method: "POST", headers, body, signal: AbortSignal.timeout(WAIT_MS) });
        await response.arrayBuffer();
        if (response.status === 202) state.acknowledged += 1;
        if (response.status === 202) break;
      } catch {
        // refused or unknown; the recorder has noted which
      }
      await sleep(20);
    }
  }
}

/** A client that joins both conversations, and again where it stood after every loss of its connection. */
async function watch(service, recorder, name, afterSequence) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${service.url}/hubs/messages`)
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 50 })
    .configureLogging(signalR.LogLevel.None)
    .build();
  const hub = recorder.wrapHub(connection, name);
  const state = { hub, connection, reconnects: 0 };
  const join = async () => {
    for (const id of conversations) await connection.invoke("JoinConversation", id, ...[hub.lastSequence(id) ?? afterSequence].filter((n) => n !== undefined));
  };
  connection.onreconnected(() => {
    state.reconnects += 1;
    return join().catch(() => {}); // gone again: the next reconnect joins
  });
  await connection.start();
  await join();
  return state;
}

describe("a recorded history", () => {
  const scope = sharedScope();
  let service;
  let files;
  before(async () => {
    service = await startService(scope, { conversations });
    const folder = temporaryFolder(scope);
    files = ["client-1", "client-2"].map((name) => join(folder, `${name}.jsonl`));
    const recorders = files.map((file) => new Recorder(file, { clock: "this process" }));
    const watchers = [
      await watch(service, recorders[0], "from the beginning", 0),
      await watch(service, recorders[1], "live"),
    ];
    const state = { running: true, acknowledged: 0 };
    const round = () => {
      const enough = state.acknowledged + ACKNOWLEDGED_A_ROUND;
      return until(`${enough} acknowledged messages`, () => state.acknowledged >= enough);
    };
    const writers = Array.from({ length: 8 }, (_, n) => write(service, recorders[n % 2].wrapFetch(fetch), state, n));
    for (let crash = 0; crash < ROUNDS; crash += 1) {
      await round();
      await service.kill("SIGKILL");
      await service.restart();
    }
    await round();
    state.running = false;
    await Promise.all(writers);
    for (const id of conversations) {
      const { lastSequence } = await (await fetch(`${service.url}/api/conversations/${id}`)).json();
      for (const { hub } of watchers) {
        await until(`${id} up to ${lastSequence}`, () => hub.lastSequence(id) >= lastSequence);
        hub.settled(id, lastSequence);
      }
    }
    for (const { connection, reconnects } of watchers) {
      assert.ok(reconnects >= ROUNDS, `${reconnects} reconnects`);
      await connection.stop();
    }
    for (const id of conversations) await recorders[0].list(service.url, id);
    recorders.forEach((recorder) => recorder.close());
  });

  test("is found well, by its own listing and by the service's", async (t) => {
    const own = await verify(files);
    t.diagnostic(JSON.stringify(own.counts));
    assert.deepEqual(own.faults, []);
    assert.equal(own.code, 0);
    assert.ok(own.counts.ok >= (ROUNDS + 1) * ACKNOWLEDGED_A_ROUND && own.counts.seen >= 2 * own.counts.stored && own.counts.views === 4, JSON.stringify(own.counts));

    const folder = temporaryFolder(t);
    const unlisted = files.map((file) => {
      const lines = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
      return writeLines(join(folder, basename(file)), lines.filter(({ event }) => !["listing", "stored", "listed"].includes(event)));
    });
    const asked = await verify(unlisted, "--store", service.url);
    assert.equal(asked.code, 0);
    assert.deepEqual({ ...asked.counts, lines: 0 }, { ...own.counts, lines: 0 });
  });

  const isOf = (event, key) => (line) => line.event === event && (line.key ?? line.message?.temporaryMessageId) === key;
  const keyOf = ({ message }) => message.temporaryMessageId;

  /** By kind: changes the lines of one file; returns the key that is to be named. */
  const plants = {
    lost(lines, stored) {
      lines.splice(lines.indexOf(stored), 1);
      return keyOf(stored);
    },
    "refused-but-stored"(lines, stored) {
      for (const line of lines.filter(isOf("sent", keyOf(stored)))) line.outcome = "refused";
      return keyOf(stored);
    },
    doubled(lines, stored) {
      const { conversationId } = stored.message;
      const end = lines.findIndex((line) => line.event === "listed" && line.conversationId === conversationId);
      lines.splice(end, 0, { ...stored, message: { ...stored.message, sequence: 1e9 } });
      return keyOf(stored);
    },
    altered(lines, stored) {
      stored.message.content += ".";
      return keyOf(stored);
    },
    phantom(lines, stored) {
      lines.splice(lines.indexOf(stored), 1, { ...stored, message: { ...stored.message, temporaryMessageId: "nobody" } });
      return "nobody";
    },
    reordered(lines, stored) {
      const acknowledgedAt = lines.find(isOf("sent", keyOf(stored))).at;
      const sentAfter = (line) => lines.some((one) => isOf("sending", keyOf(line))(one) && one.at > acknowledgedAt);
      const isLater = ({ event, message }) => event === "stored" && message.conversationId === stored.message.conversationId;
      const later = lines.slice(lines.indexOf(stored)).find((line) => isLater(line) && sentAfter(line));
      [stored.message, later.message] = [{ ...later.message, sequence: stored.message.sequence }, { ...stored.message, sequence: later.message.sequence }];
      return keyOf(later);
    },
    "sequence-not-increasing"(lines, stored) {
      const at = lines.indexOf(stored);
      [lines[at], lines[at + 1]] = [lines[at + 1], lines[at]];
      return keyOf(stored);
    },
    "seen-phantom"(lines, stored, seen) {
      lines.push({ ...seen, message: { ...seen.message, temporaryMessageId: "ghost", sequence: 1e9 } });
      return "ghost";
    },
    "seen-altered"(lines, stored, seen) {
      seen.message.senderId = "somebody-else";
      return keyOf(seen);
    },
    "seen-twice"(lines, stored, seen) {
      lines.push({ ...seen });
      return keyOf(seen);
    },
    "seen-out-of-order"(lines, stored, seen) {
      const later = lines.findIndex((line) => line.event === "received" && line.view === seen.view && line.message.sequence > seen.message.sequence);
      const [line] = lines.splice(later, 1);
      lines.splice(lines.indexOf(seen), 0, line);
      return keyOf(seen);
    },
    "not-seen"(lines, stored, seen) {
      lines.splice(lines.indexOf(seen), 1);
      return keyOf(seen);
    },
  };

  for (const kind of faultKinds) {
    test(`${kind} is found in it`, async (t) => {
      const folder = join(temporaryFolder(t), kind);
      mkdirSync(folder);
      const [lines, others] = files.map((file) => readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line)));
      const acknowledged = new Set(lines.filter(({ event, outcome }) => event === "sent" && outcome === "ok").map(({ key }) => key));
      const tries = (key) => lines.filter(isOf("sending", key)).length;
      const storedLines = lines.filter((line) => line.event === "stored" && acknowledged.has(keyOf(line)) && tries(keyOf(line)) === 1);
      const seenLines = lines.filter(({ event }) => event === "received");
      const key = plants[kind](lines, storedLines[20], seenLines[40]);
      const planted = [writeLines(join(folder, "1.jsonl"), lines), writeLines(join(folder, "2.jsonl"), others)];
      const { code, faults } = await verify(planted);
      assert.equal(code, 1);
      assert.ok(faults.some((fault) => fault.kind === kind && fault.key === key), `${kind} ${key} is not in ${JSON.stringify(faults.slice(0, 20))}`);
    });
  }
});
