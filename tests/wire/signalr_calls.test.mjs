// The rules of calls, message by message, on a bare WebSocket: what Microsoft's client never shows or never does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { OPCODE, frame, record } from "../support/hub.mjs";
import { connect, openSocket, startFixture, upgrade } from "../support/conformance.mjs";
import { sharedScope, sleep, until, within } from "../support/service.mjs";

let fixture;
const scope = sharedScope();
before(async () => {
  fixture = await startFixture(scope);
});

const invocation = (invocationId, target, ...args) => ({ type: 1, invocationId, target, arguments: args });
const streamed = (invocationId, target, ...args) => ({ type: 4, invocationId, target, arguments: args });
const item = (invocationId, value) => ({ type: 2, invocationId, item: value });
const done = (invocationId, more = {}) => ({ type: 3, invocationId, ...more });
const failed = (invocationId, target, text) =>
  done(invocationId, { error: `An unexpected error occurred invoking '${target}' on the server. HubException: ${text}` });

/** The next `count` messages. */
async function messages(socket, count) {
  const all = [];
  while (all.length < count) all.push(await socket.messageButPing());
  return all;
}

/** That nothing is left to come: what was asked last is answered next. */
async function assertQuiet(socket, target = "Echo", answer = "last") {
  socket.send(invocation("last", target, answer));
  assert.deepEqual(await socket.messageButPing(), done("last", { result: answer }));
}

describe("answers", () => {
  test("a void method's has no result, a null one has", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(invocation("1", "Join", "g"), invocation("2", "GetHeader", "X-Absent"), invocation("3", "Echo", ""));
    assert.deepEqual(await messages(socket, 3), [done("1"), done("2", { result: null }), done("3", { result: "" })]);
  });

  test("who gives no id is never answered, whatever happens", async (t) => {
    const socket = await openSocket(t, fixture);
    for (const target of ["Echo", "ThrowException", "NoSuchMethod", "EmptyStream", "Forbidden", "Sum"]) {
      socket.send({ type: 1, target, arguments: ["x"] }, { type: 1, invocationId: null, target, arguments: ["x"] });
    }
    await assertQuiet(socket);
  });

  test("members come in any order, and unknown ones and types are ignored", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send('{"target":"echo","other":{"a":[]},"arguments":["x"],"headers":{"h":"1"},"invocationId":"1","type":1}', { type: 99 },
      { type: 3, invocationId: "nobody asked", result: 1 }, { type: 2, invocationId: "no stream", item: 1 },
      { type: 5, invocationId: "nothing runs" }, { type: 3, invocationId: "no stream", error: "x" });
    assert.deepEqual(await socket.messageButPing(), done("1", { result: "x" }));
    await assertQuiet(socket);
  });

  test("an id may be used again, even at once", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(invocation("1", "Echo", "a"), invocation("1", "Echo", "b"));
    assert.deepEqual(await messages(socket, 2), [done("1", { result: "a" }), done("1", { result: "b" })]);
  });
});

describe("order", () => {
  test("calls run one after the other, in the order in which they came", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(invocation("1", "Sleep", 60), invocation("2", "Sleep", 5), invocation("3", "Echo", "x"));
    assert.deepEqual((await messages(socket, 3)).map(({ invocationId }) => invocationId), ["1", "2", "3"]);
  });

  test("streams run beside the calls that follow", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(streamed("s", "InfiniteStream"), { ...invocation("u", "StreamingConcat"), streamIds: ["a"] }, invocation("1", "Echo", "x"));
    assert.deepEqual(await socket.messageButPing(), done("1", { result: "x" }));
    socket.send(item("a", "p"), item("a", "q"), done("a"), { type: 5, invocationId: "s" });
    const rest = await messages(socket, 3);
    assert.deepEqual(rest.find((message) => message.invocationId === "u"), done("u", { result: "pq" }));
    assert.deepEqual(rest.filter((message) => message.invocationId !== "u"),
      [{ type: 1, target: "StreamCanceled", arguments: [] }, done("s")], "cancelled, and still completed without an error");
  });

  test("while one runs a second waits, and whatever is behind it", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(streamed("s", "InfiniteStream"), invocation("1", "Sleep", 80), invocation("2", "Echo", "x"), { type: 5, invocationId: "s" });
    assert.deepEqual((await messages(socket, 4)).map(({ invocationId, target }) => invocationId ?? target),
      ["1", "2", "StreamCanceled", "s"]);
  });
});

describe("streams", () => {
  test("an id that is in use is refused, and the stream goes on", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(streamed("s", "InfiniteStream"), streamed("s", "Count", 1));
    assert.deepEqual(await socket.messageButPing(), done("s", { error: "Invocation ID 's' is already in use." }));
    socket.send({ type: 5, invocationId: "s" });
    assert.deepEqual(await messages(socket, 2), [{ type: 1, target: "StreamCanceled", arguments: [] }, done("s")]);
    socket.send(streamed("s", "Count", 1));
    assert.deepEqual(await messages(socket, 2), [item("s", 0), done("s")], "and then the id is free");
  });

  test("the number of uploaded streams must be right", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(invocation("1", "StreamingConcat"), { ...invocation("2", "Echo", "x"), streamIds: ["a", "b"] },
      { ...invocation("3", "Sum", 1), streamIds: ["same", "same"] });
    assert.deepEqual(await messages(socket, 3),
      [failed("1", "StreamingConcat", "Client sent 0 stream(s), Hub method expects 1."),
       failed("2", "Echo", "Client sent 2 stream(s), Hub method expects 0."),
       failed("3", "Sum", "Stream ID 'same' is already in use.")]);
  });

  test("an uploaded item that is of another type ends the call", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send({ ...invocation("1", "StreamingConcat"), streamIds: ["a"] }, item("a", "text"), item("a", 5));
    assert.deepEqual(await socket.messageButPing(), failed("1", "StreamingConcat", "An item of the stream is not of the expected type."));
    await assertQuiet(socket);
  });

  test("items that come after the method has ended are ignored", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send({ ...invocation("1", "TakeOne"), streamIds: ["a"] }, ...Array.from({ length: 50 }, (_, n) => item("a", n)), done("a"));
    assert.deepEqual(await socket.messageButPing(), done("1", { result: true }));
    await assertQuiet(socket);
    socket.send({ ...invocation("2", "TakeOne"), streamIds: ["a"] }, done("a"));
    assert.deepEqual(await socket.messageButPing(), done("2", { result: false }), "the id is free again");
  });

  test("while ten items wait nothing more is read", async (t) => {
    const socket = await openSocket(t, fixture);
    const items = Array.from({ length: 30 }, (_, n) => item("a", n));
    const started = performance.now();
    socket.send({ ...invocation("1", "TakeSlowly"), streamIds: ["a"] }, ...items, done("a"), invocation("2", "Echo", "behind"));
    // One is taken every 20 ms: the 30th finds its place when 20 have been taken, and only then is the echo read.
    assert.deepEqual(await socket.messageButPing(), done("2", { result: "behind" }));
    const waited = performance.now() - started;
    assert.ok(waited >= 18 * 20, `the echo was read after ${waited} ms`);
    assert.deepEqual(await socket.messageButPing(), done("1", { result: 30 }));
  });

  test("a client that does not read holds its stream up, and gets all of it when it does", async (t) => {
    const socket = await openSocket(t, fixture);
    const memory = () => Number(readFileSync(`/proc/${fixture.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]);
    const before = memory();
    socket.connection.pause();
    const count = 1_000_000; // some 40 MB
    socket.send(streamed("s", "Count", count));
    await sleep(700);
    const grown = memory() - before;
    assert.ok(grown < 16 * 1024, `${grown} KiB more`);
    socket.connection.resume();
    socket.send({ type: 5, invocationId: "s" });
    let message = await socket.messageButPing();
    let expected = 0;
    while (message.type === 2) {
      assert.equal(message.item, expected++);
      message = await socket.messageButPing();
    }
    assert.deepEqual(message, done("s"));
    assert.ok(expected < count, "the cancellation was heard");
  });
});

describe("results of clients", () => {
  test("are awaited inside a method without holding up what carries them", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(invocation("1", "AskCaller", "Square", 5), invocation("2", "Echo", "beside"));
    const asked = await socket.messageButPing();
    assert.deepEqual([asked.type, asked.target, asked.arguments], [1, "Square", [5]]);
    assert.deepEqual(await socket.messageButPing(), done("2", { result: "beside" }), "its turn was lent");
    socket.send(done("not this one", { result: 1 }), done(asked.invocationId, { result: 25 }), done(asked.invocationId, { result: 26 }));
    assert.deepEqual(await socket.messageButPing(), done("1", { result: 25 }));
    await assertQuiet(socket);
  });

  test("ids are the server's own and never the same", async (t) => {
    const ids = new Set();
    for (let n = 0; n < 3; ++n) {
      const socket = await openSocket(t, fixture);
      socket.send(invocation("1", "AskCaller", "X", n), invocation("2", "AskCaller", "X", n));
      for (const { invocationId } of await messages(socket, 2)) ids.add(invocationId);
    }
    assert.equal(ids.size, 6);
  });

  test("an answer without a result is none for a method that needs one", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(invocation("1", "AskCaller", "X", 1));
    const asked = await socket.messageButPing();
    socket.send(done(asked.invocationId));
    assert.deepEqual(await socket.messageButPing(), failed("1", "AskCaller", "The client's result is not of the expected type."));
  });

  test("an answer that comes too late is ignored", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(invocation("1", "AskCallerWithin", "X", 100));
    const asked = await socket.messageButPing();
    assert.deepEqual(await socket.messageButPing(), failed("1", "AskCallerWithin", "The client has not answered in time."));
    socket.send(done(asked.invocationId, { result: 1 }));
    await assertQuiet(socket);
    socket.send(invocation("2", "AskCallerWithin", "X", 10_000));
    socket.send(done((await socket.messageButPing()).invocationId, { result: 2 }));
    assert.deepEqual(await socket.messageButPing(), done("2", { result: 2 }));
  });

  test("who disconnects owes nothing any more", async (t) => {
    const asker = await connect(t, fixture);
    const socket = await openSocket(t, fixture);
    socket.send(invocation("1", "GetCallerConnectionId"));
    const { result: id } = await socket.messageButPing();
    const asking = asker.invoke("AskClient", id).catch((error) => error.message);
    const outside = fetch(`${fixture.url}/clientresult/${id}`).then((response) => response.text());
    await messages(socket, 2);
    socket.connection.close();
    assert.equal(await within("the failure", asking),
      `An unexpected error occurred invoking 'AskClient' on the server. HubException: Connection '${id}' disconnected.`);
    assert.equal(await within("the failure outside", outside), `Connection '${id}' disconnected.`);
  });
});

describe("whom a message reaches", () => {
  // Five clients, on as many shards as the machine has.
  const setUp = async (t, names = ["a", "b", "c", "d", "e"]) => {
    const protocols = ["json", "messagepack"];
    const all = await Promise.all(names.map((_, n) => connect(t, fixture, { protocol: protocols[n % 2] })));
    return {
      all, ids: all.map(({ connectionId }) => connectionId),
      // Each says it a last time to itself; what came before that is what it got.
      async got() {
        await sleep(50); // for what was posted to other shards
        await Promise.all(all.map((client) => client.invoke("InvokeWithString", "end")));
        return all.map((client) => client.received.splice(0).filter((message) => message !== "end").join());
      },
    };
  };

  test("all, others, all but some, and some", async (t) => {
    const { all, ids, got } = await setUp(t);
    await all[0].invoke("SendToAll", "x");
    assert.deepEqual(await got(), ["x", "x", "x", "x", "x"]);
    await all[1].invoke("SendToOthers", "y");
    assert.deepEqual(await got(), ["y", "", "y", "y", "y"]);
    await all[2].invoke("SendToAllExcept", [ids[0], ids[4], "nobody"], "z");
    assert.deepEqual(await got(), ["", "z", "z", "z", ""]);
    await all[3].invoke("SendToClients", [ids[1], ids[4], ids[1], "nobody"], "s");
    assert.deepEqual(await got(), ["", "s", "", "", "s"], "once each");
  });

  test("groups, whose members come and go", async (t) => {
    const { all, got } = await setUp(t);
    for (const n of [0, 1, 2]) await all[n].invoke("Join", "g");
    for (const n of [2, 3]) await all[n].invoke("Join", "h");
    await all[4].invoke("SendToGroup", "g", "x");
    assert.deepEqual(await got(), ["x", "x", "x", "", ""]);
    await all[0].invoke("SendToOthersInGroup", "g", "y");
    assert.deepEqual(await got(), ["", "y", "y", "", ""]);
    await all[4].invoke("SendToGroups", ["g", "h", "none"], "z");
    assert.deepEqual(await got(), ["z", "z", "z", "z", ""], "once each");
    await all[1].invoke("Leave", "g");
    await all[4].invoke("Leave", "g");
    await all[2].stop();
    await all[4].invoke("SendToGroup", "g", "w");
    all.splice(2, 1);
    assert.deepEqual(await got(), ["w", "", "", ""]);
  });

  test("what is kept for a connection is that connection's", async (t) => {
    const { all } = await setUp(t, ["a", "b"]);
    await all[0].invoke("Remember", "mine");
    assert.equal(await all[0].invoke("Recall"), "mine");
    assert.equal(await all[1].invoke("Recall"), null);
  });
});

describe("a hub with filters, hooks and limits, that tells no details", () => {
  const open = (t, query = "") => openSocket(t, fixture, `/guardedhub${query}`);

  test("only what may be told is told", async (t) => {
    const socket = await open(t);
    socket.send(invocation("1", "ThrowException", "secret"), invocation("2", "Refuse", "not now"), invocation("3", "Echo"),
      streamed("4", "StreamThrowException", "secret"));
    assert.deepEqual(await messages(socket, 4), [
      done("1", { error: "An unexpected error occurred invoking 'ThrowException' on the server." }),
      failed("2", "Refuse", "not now"),
      done("3", { error: "Failed to invoke 'Echo' due to an error on the server." }),
      done("4", { error: "An unexpected error occurred invoking 'StreamThrowException' on the server." })]);
    socket.write(frame(record("{")));
    assert.deepEqual(await socket.messageButPing(), { type: 7, error: "Connection closed with an error.", allowReconnect: true });
  });

  test("filters stand around every call", async (t) => {
    const socket = await open(t);
    socket.send(invocation("1", "Hidden"), invocation("2", "Echo", "once"));
    assert.deepEqual(await messages(socket, 2),
      [done("1", { error: "Failed to invoke 'Hidden' because user is unauthorized" }), done("2", { result: "once" })]);
    socket.send(invocation("3", "Echo", "twice"));
    assert.deepEqual(await socket.messageButPing(), done("3", { result: "twice twice" }));
  });

  test("as many calls as are allowed run beside each other", async (t) => {
    const socket = await open(t);
    socket.send(invocation("1", "Sleep", 1_000), invocation("2", "Sleep", 5), invocation("3", "Sleep", 5), invocation("4", "Sleep", 5));
    assert.deepEqual((await messages(socket, 4)).map(({ invocationId }) => invocationId), ["2", "3", "4", "1"]);
  });

  test("no more streams than are allowed", async (t) => {
    const socket = await open(t);
    socket.send(streamed("1", "InfiniteStream"), { ...invocation("2", "StreamingConcat"), streamIds: ["a"] }, streamed("3", "InfiniteStream"),
      streamed("4", "InfiniteStream"));
    assert.deepEqual(await socket.messageButPing(), failed("4", "InfiniteStream", "A connection can have 3 streams."));
    socket.send(done("a"));
    assert.deepEqual(await socket.messageButPing(), done("2", { result: "" }));
    socket.send(streamed("5", "EmptyStream"));
    assert.deepEqual(await socket.messageButPing(), done("5"));
  });

  test("hooks tell who comes and goes, and why", async (t) => {
    const stays = await open(t, "?name=stays");
    assert.deepEqual(await stays.messageButPing(), { type: 1, target: "Message",
      arguments: ["Client results inside OnConnectedAsync Hub methods are not allowed."] });
    /** What the hook says when `name` has gone; those of other tests may be going too. */
    const left = async (name) => {
      for (;;) {
        const [text] = (await stays.messageButPing()).arguments;
        if (text.startsWith(`${name} left: `)) return text.slice(`${name} left: `.length);
      }
    };

    const stops = await open(t, "?name=stops");
    stops.send({ type: 7 });
    assert.equal(await left("stops"), "");
    const breaks = await open(t, "?name=breaks");
    breaks.write(frame(record("{")));
    assert.equal(await left("breaks"), "Connection closed with an error.");
    const drops = await open(t, "?name=drops");
    drops.connection.close();
    assert.equal(await left("drops"), "The client has gone without closing the connection.");
    const closes = await open(t, "?name=closes");
    closes.write(frame("", { opcode: OPCODE.close }));
    assert.equal(await left("closes"), "");
    const waits = await open(t, "?name=waits");
    const sent = performance.now();
    waits.send(invocation("1", "Sleep", 100));
    waits.send({ type: 7 });
    assert.equal(await left("waits"), "");
    assert.ok(performance.now() - sent > 80, "when its last method had ended");
  });

  test("a connection that the hook does not let in is closed, and its end is nobody's business", async (t) => {
    const stays = await open(t, "?name=stays");
    await stays.messageButPing();
    const refused = await open(t, "?name=nobody");
    assert.deepEqual(await refused.messageButPing(), { type: 7, error: "Connection closed with an error. HubException: Nobody may come." });
    assert.equal(await refused.messageButPing(), null);
    assert.equal(refused.closeCode, 1000);
    stays.send(invocation("last", "Echo", "last"));
    for (let next = await stays.messageButPing(); next.type === 1; next = await stays.messageButPing()) {
      assert.doesNotMatch(next.arguments[0], /^nobody/);
    }
  });
});

describe("users", () => {
  test("get what is sent to them on all their connections", async (t) => {
    const token = await (await fetch(`${fixture.url}/generateJwtToken`)).text();
    const http = { accessTokenFactory: () => token };
    const mine = await Promise.all(["json", "messagepack"].map((protocol) => connect(t, fixture, { path: "/authorizedhub", protocol, http })));
    await mine[0].invoke("SendToUser", "testuser", "hello");
    await mine[0].invoke("SendToUser", "somebody else", "not for us");
    await until("both have it", () => mine.every(({ received }) => received.length > 0));
    await mine[1].invoke("Echo", "and nothing more");
    assert.deepEqual(mine.map(({ received }) => received), [["hello"], ["hello"]]);
  });
});

describe("ends", () => {
  test("abort sends a Close that does not let the client come back, and the socket ends well", async (t) => {
    const socket = await openSocket(t, fixture);
    socket.send(invocation("1", "Abort"));
    assert.deepEqual(await socket.messageButPing(), { type: 7 });
    assert.equal(await socket.messageButPing(), null);
    assert.equal(socket.closeCode, 1000);
  });

  for (const [said, payload, answer] of [["no code", "", 1000], ["1000", [0x03, 0xe8], 1000], ["4000", [0x0f, 0xa0], 4000]]) {
    test(`a Close with ${said} is answered with ${answer}`, async (t) => {
      for (const path of ["/testhub", "/echo"]) {
        const socket = await upgrade(t, fixture, path, { Cookie: "testCookie=testValue" });
        socket.write(frame(Buffer.from(payload), { opcode: OPCODE.close }));
        assert.equal(await socket.message(), null);
        assert.equal(socket.closeCode, answer, path);
      }
    });
  }

  test("a client that breaks the protocol is told, and may come back", async (t) => {
    for (const [wrong, detail] of [
      ["{", /^Connection closed with an error\. .*JSON/],
      ['{"type":1,"arguments":[]}', /^Connection closed with an error\. .*'target'/],
      ['{"type":2,"item":1}', /^Connection closed with an error\. .*'invocationId'/],
      ['{"type":3,"invocationId":"1","result":1,"error":"x"}', /mutually exclusive/],
    ]) {
      const socket = await openSocket(t, fixture);
      socket.write(frame(record(wrong)));
      const close = await socket.messageButPing();
      assert.equal(close.type, 7);
      assert.match(close.error, detail);
      assert.equal(close.allowReconnect, true);
      assert.equal(await socket.messageButPing(), null);
    }
  });

  test("streams, uploads and methods that wait end with the connection", async (t) => {
    const others = await connect(t, fixture);
    for (let n = 0; n < 20; ++n) {
      const socket = await openSocket(t, fixture);
      socket.send(streamed("s", "InfiniteStream"), streamed("c", "Count", 10_000_000), { ...invocation("u", "StreamingConcat"), streamIds: ["a"] },
        { ...invocation("v", "TakeSlowly"), streamIds: ["b"] }, ...Array.from({ length: 15 }, (_, i) => item("b", i)),
        invocation("w", "AskCaller", "X", 1));
      await socket.messageButPing();
      socket.connection.close();
    }
    // Nothing is left that keeps a core busy or a caller waiting.
    assert.equal(await others.invoke("Echo", "alive"), "alive");
    const cpuTicks = () => {
      const [user, system] = readFileSync(`/proc/${fixture.pid}/stat`, "utf8").split(" ").slice(13, 15).map(Number);
      return user + system;
    };
    await until("rest", async () => {
      const before = cpuTicks();
      await sleep(300);
      return cpuTicks() - before <= 2;
    }, 5_000);
  });
});
