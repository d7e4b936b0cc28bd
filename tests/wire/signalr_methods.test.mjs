// Every hub method of the fixture, by Microsoft's client of three versions, on every transport with every protocol.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { buildConnection, collect, connect, failure, kinds, startFixture, versions } from "../support/conformance.mjs";
import { sharedScope, until, within } from "../support/service.mjs";

let fixture;
const scope = sharedScope();
before(async () => {
  fixture = await startFixture(scope);
});

const unexpected = (target, text) => `An unexpected error occurred invoking '${target}' on the server. ${text}`;

for (const version of versions) {
  for (const { name, transport, protocol } of kinds) {
    describe(`${version.name}: ${name}`, () => {
      const options = { version, transport, protocol };
      const binary = protocol === "messagepack";
      let connection;
      const inside = sharedScope();
      before(async () => {
        connection = await connect(inside, fixture, options);
      });

      test("echoes text and says who calls", async () => {
        for (const text of ["", "hello", "你好，世界！", "\u0000 \u001e \r\n data: 😀", "long ".repeat(5_000)]) {
          assert.equal(await connection.invoke("Echo", text), text);
        }
        assert.equal(await connection.invoke("GetCallerConnectionId"), connection.connectionId);
        assert.equal(await connection.invoke("GetActiveTransportName"), transport);
        assert.equal(await connection.invoke("echo", "any case"), "any case");
      });

      test("carries objects, bytes and times", async () => {
        const expected = {
          String: "hello world", IntArray: [1, 2, 3], Guid: "00010203-0405-0607-0706-050403020100",
          ByteArray: binary ? new Uint8Array([1, 2, 3]) : "AQID",
          DateTime: binary ? new Date("2000-01-01T00:00:00Z") : "2000-01-01T00:00:00Z",
        };
        const withBytes = (object) => (binary ? { ...object, ByteArray: new Uint8Array(object.ByteArray) } : object);
        assert.deepEqual(withBytes(await connection.invoke("SendComplexObject")), expected);
        assert.deepEqual(withBytes(await connection.invoke("EchoComplexObject", expected)), expected);
        const custom = new Promise((done) => connection.on("CustomObject", done));
        await connection.invoke("SendCustomObject", { Name: "test", Value: 42 });
        assert.deepEqual(await within("the object", custom), { Name: "test", Value: 42 });
      });

      test("a method without a result gives null; what it sends comes before its answer", async () => {
        const seen = connection.received.length;
        const result = await connection.invoke("InvokeWithString", "first");
        assert.deepEqual(connection.received.slice(seen), ["first"]);
        assert.ok(result === null || result === undefined);
        await connection.send("InvokeWithString", "not awaited");
        await until("the message", () => connection.received.at(-1) === "not awaited");
      });

      test("failures are told in the server's words", async () => {
        assert.equal(await failure(connection.invoke("ThrowException", "你好")),
          unexpected("ThrowException", "InvalidOperationException: 你好"));
        assert.equal(await failure(connection.invoke("Refuse", "not now")), unexpected("Refuse", "HubException: not now"));
        assert.equal(await failure(connection.invoke("noSuchThing")),
          "Failed to invoke 'noSuchThing' due to an error on the server. HubException: Method does not exist.");
        assert.equal(await failure(connection.invoke("Echo")),
          "Failed to invoke 'Echo' due to an error on the server. InvalidDataException: " +
          "Invocation provides 0 argument(s) but target expects 1.");
        assert.equal(await failure(connection.invoke("Echo", { not: "a text" })),
          "Failed to invoke 'Echo' due to an error on the server. InvalidDataException: Error binding arguments. " +
          "Make sure that the types of the provided values match the types of the hub method being invoked.");
        assert.equal(await failure(connection.invoke("forbidden")), "Failed to invoke 'forbidden' because user is unauthorized");
        assert.equal(await connection.invoke("Echo", "still here"), "still here");
      });

      test("streams from the server", async () => {
        assert.deepEqual(await collect(connection.stream("Stream")), { items: ["a", "b", "c"], error: null });
        assert.deepEqual(await collect(connection.stream("EmptyStream")), { items: [], error: null });
        assert.deepEqual(await collect(connection.stream("StreamThrowException", "boo")),
          { items: [], error: unexpected("StreamThrowException", "InvalidOperationException: boo") });
        assert.deepEqual(await collect(connection.stream("BreakAfter", 2)),
          { items: [0, 1], error: "An error occurred on the server while streaming results. HubException: broken" });
        const many = await collect(connection.stream("Count", 2_000));
        assert.deepEqual(many, { items: Array.from({ length: 2_000 }, (_, n) => n), error: null });
      });

      test("a stream is cancelled", async () => {
        const cancelled = new Promise((done) => connection.on("StreamCanceled", done));
        const subscription = connection.stream("InfiniteStream").subscribe({ next() {}, complete() {}, error() {} });
        subscription.dispose();
        await within("StreamCanceled", cancelled);
      });

      test("streams and calls are not taken for each other", async () => {
        assert.equal(await failure(connection.invoke("EmptyStream")),
          "The client attempted to invoke the streaming 'EmptyStream' method with a non-streaming invocation.");
        assert.equal((await collect(connection.stream("Echo", "x"))).error,
          "The client attempted to invoke the non-streaming 'Echo' method with a streaming invocation.");
      });

      test("streams to the server", async () => {
        const { Subject } = version.signalR;
        const parts = new Subject();
        const all = connection.invoke("StreamingConcat", parts);
        for (const part of ["Hello ", "world", "!"]) parts.next(part);
        parts.complete();
        assert.equal(await within("the whole", all), "Hello world!");

        const broken = new Subject();
        const failing = failure(connection.invoke("StreamingConcat", broken));
        broken.next("begun");
        broken.error(new Error("Something bad"));
        assert.equal(await failing, unexpected("StreamingConcat", "HubException: Something bad"));

        const [a, b] = [new Subject(), new Subject()];
        const sum = connection.invoke("Sum", a, 100, b); // the client loses the second of two neighbours
        b.next(10);
        a.next(1);
        a.next(2);
        b.complete();
        a.complete();
        assert.equal(await within("the sum", sum), 113);
      });

      test("streams both ways at once", async () => {
        const numbers = new version.signalR.Subject();
        const doubled = collect(connection.stream("Double", numbers));
        for (const number of [1, 2, 3]) numbers.next(number);
        numbers.complete();
        assert.deepEqual(await doubled, { items: [2, 4, 6], error: null });
      });

      test("what the opening request had can be asked for", async (t) => {
        const http = { headers: { "X-Test-Header": "from the client", Cookie: "a=1; testCookie=me" } };
        const other = await connect(t, fixture, { ...options, path: "/testhub?numRedirects=7", http });
        assert.equal(await other.invoke("GetHeader", "x-test-header"), "from the client");
        assert.equal(await other.invoke("GetHeader", "X-Absent"), null);
        assert.match(await other.invoke("GetCookie", "testCookie"), /^(me|testValue)$/);
        assert.equal(await other.invoke("GetCookie", "absent"), null);
        assert.equal(await other.invoke("GetNumRedirects"), 7);
      });

      test("the client is asked for results, in a method and from outside", { skip: !version.canAnswer }, async (t) => {
        const other = await connect(t, fixture, options);
        other.on("Double", (number) => number * 2);
        other.on("Result", () => 17);
        assert.equal(await within("its own", other.invoke("AskCaller", "Double", 21)), 42);
        assert.equal(await within("another's", connection.invoke("AskClient", other.connectionId)), 17);
        const ask = async (id) => (await fetch(`${fixture.url}/clientresult/${id}`)).text();
        assert.equal(await within("from outside", ask(other.connectionId)), "17");

        other.off("Result");
        assert.equal(await ask(other.connectionId), "Client didn't provide a result.");
        other.on("Result", () => { throw new Error("I will not"); });
        assert.equal(await ask(other.connectionId), "Error: I will not");
        assert.equal(await failure(connection.invoke("AskClient", other.connectionId)),
          unexpected("AskClient", "HubException: Error: I will not"));
        other.off("Result");
        other.on("Result", () => "no number");
        assert.equal(await ask(other.connectionId), "The client's result is not of the expected type.");
        assert.equal(await ask("nobody"), "Connection 'nobody' does not exist.");
      });

      test("ends without an error when it stops, and with none when the server ends it well", async () => {
        for (const end of [(c) => c.stop(), (c) => c.send("Abort")]) {
          const other = buildConnection(fixture, options);
          const closed = new Promise((done) => other.onclose((error) => done(error ?? null)));
          await other.start();
          await end(other);
          assert.equal(await within("the end", closed), null);
        }
      });
    });
  }
}
