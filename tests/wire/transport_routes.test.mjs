// Every status, header and text of the transports' routes, as clients that are not Microsoft's would see them too.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { HANDSHAKE, HUB, OPCODE, negotiate, openSocket, record, upgradeRequest } from "../support/hub.mjs";
import { RawConnection, connected, get, postMessage, request } from "../support/http.mjs";
import { sharedScope, sleep, startService, until } from "../support/service.mjs";

const EVENTS = { Accept: "text/event-stream" };
const READY = "{}\x1e";

let service;
const scope = sharedScope();
before(async () => {
  service = await startService(scope, { settings: {
    "Server:Threads": 3, "Hub:PollTimeoutMs": 1_500, "Hub:DisconnectTimeoutMs": 2_500, "Cors:AllowedOrigins": "https://app.example" } });
});

/** One request on a connection of its own, which may reach any of the service's threads. */
const ask = (method, query = "", options = {}) => connected(service.port, (connection) => {
  connection.write(request(method, HUB + query, options));
  return connection.response(options);
});
const token = async (query) => (await negotiate(service, query)).connectionToken;
const post = (id, body) => ask("POST", `?id=${id}`, { body });
const poll = (id, options) => ask("GET", `?id=${id}`, options);

/** A request that waits for its answer. */
async function pending(t, method, query, options) {
  const connection = await RawConnection.open(service.port);
  t.after(() => connection.close());
  connection.write(request(method, HUB + query, options));
  return connection;
}

/** A long-polling connection behind its handshake. */
async function openPolling() {
  const id = await token();
  assert.equal((await poll(id)).status, 200);
  assert.equal((await post(id, HANDSHAKE)).status, 200);
  assert.equal((await poll(id)).body, READY);
  return id;
}

async function openEvents(t) {
  const id = await token();
  const stream = await pending(t, "GET", `?id=${id}`, { headers: EVENTS });
  const head = await stream.streamHead();
  return { id, stream, head };
}

function assertText(response, status, body) {
  assert.equal(response?.status, status, response?.body);
  assert.equal(response.body, body);
  assert.match(response.headers.get("content-type"), /^text\/plain/);
}

describe("negotiation", () => {
  test("offers all transports in the order of preference", async () => {
    const response = await ask("POST", "/negotiate?negotiateVersion=1");
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(response.json.availableTransports, [
      { transport: "WebSockets", transferFormats: ["Text", "Binary"] },
      { transport: "ServerSentEvents", transferFormats: ["Text"] },
      { transport: "LongPolling", transferFormats: ["Text", "Binary"] },
    ]);
    assert.match(response.json.connectionToken, /^[\w-]{22}$/);
    assert.match(response.json.connectionId, /^[\w-]{22}$/);
    assert.notEqual(response.json.connectionToken, response.json.connectionId);
  });

  test("in version 0 the id is the token", async () => {
    const { connectionId, ...rest } = await negotiate(service, "");
    assert.deepEqual(Object.keys(rest), ["negotiateVersion", "availableTransports"]);
    assert.equal((await poll(connectionId)).status, 200);
  });

  test("in version 1 the id is not", async () => {
    assertText(await poll((await negotiate(service)).connectionId), 404, "No Connection with that ID");
  });

  test("says what it does not understand", async () => {
    assert.deepEqual(await negotiate(service, "?negotiateVersion=x"), { error: "The client requested a non-integer protocol version." });
  });

  for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
    test(`${method}: 405`, async () => {
      assert.equal((await ask(method, "/negotiate?negotiateVersion=1")).status, 405);
    });
  }
});

for (const [name, method, headers] of [["a poll", "GET", {}], ["events", "GET", EVENTS], ["a POST", "POST", {}], ["a DELETE", "DELETE", {}]]) {
  test(`${name} without an id: 400, with an unknown one: 404`, async () => {
    assertText(await ask(method, "", { headers }), 400, "Connection ID required");
    assertText(await ask(method, "?id=", { headers }), 400, "Connection ID required");
    assertText(await ask(method, "?id=nobody", { headers }), 404, "No Connection with that ID");
    assertText(await ask(method, "?identity=nobody", { headers }), 400, "Connection ID required");
  });
}

test("other verbs: 405", async () => {
  for (const method of ["PUT", "PATCH"]) assert.equal((await ask(method, `?id=${await token()}`)).status, 405);
  assert.equal((await ask("HEAD", `?id=${await token()}`, { head: true })).status, 405);
});

describe("long polling", () => {
  test("the first poll opens, the next ones bring what there is", async (t) => {
    const id = await token();
    const first = await poll(id);
    assert.equal(first.status, 200);
    assert.equal(first.body, "");
    assert.equal(first.headers.get("cache-control"), "no-cache, no-store");
    assert.equal(first.headers.get("pragma"), "no-cache");
    assert.equal(first.headers.get("expires"), "Thu, 01 Jan 1970 00:00:00 GMT");
    const second = await pending(t, "GET", `?id=${id}&_=123`);
    const sent = await post(id, HANDSHAKE);
    assertText(sent, 200, "");
    const answer = await second.response();
    assert.equal(answer.status, 200);
    assert.equal(answer.body, READY);
    assert.equal(answer.headers.get("content-type"), "application/octet-stream");
    assert.equal(answer.headers.get("cache-control"), "no-cache, no-store");
  });

  test("a POST may hold many messages, or a piece of one", async () => {
    const id = await openPolling();
    const call = (n) => record({ type: 1, invocationId: `${n}`, target: "LeaveConversation", arguments: ["x"] });
    await post(id, call(1) + call(2));
    await post(id, call(3).slice(0, 20));
    await post(id, call(3).slice(20));
    let answers = "";
    while (answers.split("\x1e").length < 4) answers += (await poll(id)).body;
    assert.deepEqual(answers.split("\x1e").slice(0, -1).map((answer) => JSON.parse(answer).invocationId), ["1", "2", "3"]);
  });

  test("a newer poll ends an older one with 204", async (t) => {
    const id = await openPolling();
    const older = await pending(t, "GET", `?id=${id}`);
    await sleep(500);
    const newer = await pending(t, "GET", `?id=${id}`);
    assert.equal((await older.response()).status, 204);
    await post(id, record({ type: 1, invocationId: "1", target: "LeaveConversation", arguments: ["x"] }));
    assert.equal(JSON.parse((await newer.response()).body.slice(0, -1)).invocationId, "1");
  });

  test("what comes while a poll's client is gone waits for the next poll", async (t) => {
    const id = await openPolling();
    const lost = await pending(t, "GET", `?id=${id}`);
    await sleep(500);
    lost.close();
    await sleep(500);
    await post(id, record({ type: 1, invocationId: "1", target: "LeaveConversation", arguments: ["x"] }));
    await sleep(50);
    assert.match((await poll(id)).body, /"invocationId":"1"/);
  });

  test("a poll with nothing to tell ends after its time, and there is no ping", async () => {
    const id = await openPolling();
    const started = performance.now();
    const idle = await poll(id);
    assert.ok(performance.now() - started >= 1_400);
    assertText(idle, 200, "");
    assert.equal((await poll(id)).body, "", "and the next one too");
  });

  test("DELETE ends it: 202, 204 for the poll, then 404", async (t) => {
    const id = await openPolling();
    const last = await pending(t, "GET", `?id=${id}`);
    await sleep(50);
    assertText(await ask("DELETE", `?id=${id}`), 202, "");
    assert.equal((await last.response()).status, 204);
    await until("forgotten", async () => (await poll(id)).status === 404);
    assert.equal((await post(id, record({ type: 6 }))).status, 404);
    assert.equal((await ask("DELETE", `?id=${id}`)).status, 404);
  });

  test("what was posted before DELETE is done", async () => {
    const id = await openPolling();
    const message = { senderId: "p", senderType: "Parent", content: `before the end ${id}` };
    await post(id, record({ type: 1, target: "SendMessage", arguments: ["conv-123", message] }) + record({ type: 7 }));
    await ask("DELETE", `?id=${id}`);
    await until("stored", async () => (await get(service, "/api/conversations/conv-123/messages")).text.includes(id));
  });

  test("an end by the server: the last words, 204, and 404", async () => {
    const id = await openPolling();
    await post(id, record("no json"));
    const last = await poll(id);
    assert.equal(last.status, 200);
    assert.match(last.body, /^\{"type":7,"error":"Connection closed with an error\./);
    assert.equal((await post(id, record({ type: 6 }))).status, 404, "sends that come too late");
    assert.equal((await poll(id)).status, 204);
    await until("forgotten", async () => (await poll(id)).status === 404, 2_000);
  });

  test("a client that does not come back is forgotten", async () => {
    const id = await openPolling();
    await sleep(5_500);
    assert.equal((await poll(id)).status, 404);
  });

  test("stays long polling", async (t) => {
    const id = await openPolling();
    assertText(await ask("GET", `?id=${id}`, { headers: EVENTS }), 400, "Cannot change transports mid-connection");
    await connected(service.port, async (connection) => {
      connection.write(upgradeRequest(`?id=${id}`));
      assertText(await connection.response(), 400, "Cannot change transports mid-connection");
    });
  });

  test("polls and POSTs of one client go by any thread, and stay in order", async () => {
    const id = await openPolling();
    const answers = [];
    let posting = true;
    const reading = (async () => {
      while (posting || answers.length < 150) {
        const { status, body } = await poll(id);
        assert.equal(status, 200);
        for (const answer of body.split("\x1e").slice(0, -1)) answers.push(JSON.parse(answer).invocationId);
      }
    })();
    for (let n = 1; n <= 150; n++) {
      assert.equal((await post(id, record({ type: 1, invocationId: `${n}`, target: "LeaveConversation", arguments: ["x"] }))).status, 200);
    }
    posting = false;
    await reading;
    assert.deepEqual(answers, Array.from({ length: 150 }, (_, n) => `${n + 1}`));
  });
});

describe("server-sent events", () => {
  test("the head, and a byte at once", async (t) => {
    const { head, stream, id } = await openEvents(t);
    assert.equal(head.status, 200);
    for (const [name, value] of Object.entries({
      "content-type": "text/event-stream", "cache-control": "no-cache,no-store", pragma: "no-cache", "content-encoding": "identity",
      "x-accel-buffering": "no", "content-length": null,
    })) assert.equal(head.headers.get(name), value, name);
    assert.equal(await stream.received(":\r\n", 1_000), ":\r\n");
    assertText(await post(id, HANDSHAKE), 200, "");
    assert.equal(await stream.received("\r\n\r\n"), `data: ${READY}\r\n\r\n`);
  });

  test("is text only", async (t) => {
    const { stream, id } = await openEvents(t);
    await stream.received(":\r\n");
    await post(id, record({ protocol: "messagepack", version: 1 }));
    assert.match(await stream.received("\r\n\r\n"),
      /Cannot use the 'messagepack' protocol on the current transport\. The transport does not support 'Binary' transfer format\./);
    assert.equal(await stream.closed(10_000), true, "before Hub:HandshakeTimeoutMs");
  });

  test("one stream at a time: 409; and no other transport: 400", async (t) => {
    const { id } = await openEvents(t);
    assertText(await ask("GET", `?id=${id}`, { headers: EVENTS }), 409, "");
    assertText(await poll(id), 400, "Cannot change transports mid-connection");
    assertText(await ask("DELETE", `?id=${id}`), 400, "Cannot terminate this connection using the DELETE endpoint.");
  });

  test("a client that is gone is forgotten", async (t) => {
    const { id, stream } = await openEvents(t);
    await post(id, HANDSHAKE);
    stream.close();
    await until("forgotten", async () => (await post(id, record({ type: 6 }))).status === 404);
  });

  test("a server that closes ends the stream", async (t) => {
    const { id, stream } = await openEvents(t);
    await post(id, HANDSHAKE + record("no json"));
    assert.match(await stream.received('"type":7'), /data: \{"type":7$/);
    assert.equal(await stream.closed(), true);
    assert.equal((await post(id, record({ type: 6 }))).status, 404);
  });

  test("the server pings", async (t) => {
    const brisk = await startService(t, { settings: { "Hub:KeepAliveIntervalMs": 200 } });
    const { connectionToken } = await negotiate(brisk);
    await connected(brisk.port, async (stream) => {
      stream.write(request("GET", `${HUB}?id=${connectionToken}`, { headers: EVENTS }));
      await stream.streamHead();
      await connected(brisk.port, async (connection) => {
        connection.write(request("POST", `${HUB}?id=${connectionToken}`, { body: HANDSHAKE }));
        assert.equal((await connection.response()).status, 200);
      });
      for (let n = 0; n < 2; n++) assert.ok((await stream.received('data: {"type":6}\x1e\r\n\r\n', 4_000)) !== null);
    });
  });

  test("a client that reads nothing is sent away, and others go on", async (t) => {
    const bounded = await startService(t, { settings: { "Limits:HubEgressBytes": 65_536 } });
    const { connectionToken } = await negotiate(bounded);
    const stream = await RawConnection.open(bounded.port);
    t.after(() => stream.close());
    stream.write(request("GET", `${HUB}?id=${connectionToken}`, { headers: EVENTS }));
    await stream.streamHead();
    await connected(bounded.port, async (connection) => {
      connection.write(request("POST", `${HUB}?id=${connectionToken}`, {
        body: HANDSHAKE + record({ type: 1, invocationId: "1", target: "JoinConversation", arguments: ["conv-123"] }) }));
      assert.equal((await connection.response()).status, 200);
    });
    await stream.received('"type":3');
    stream.pause();
    const closed = async () => Number((await get(bounded, "/metrics")).text.match(/^message_service_hub_slow_clients_closed_total (\d+)$/m)[1]);
    const deadline = performance.now() + 40_000;
    while ((await closed()) === 0) {
      assert.ok(performance.now() < deadline, "a client that reads nothing is still connected");
      for (let n = 0; n < 50; n++) await postMessage(bounded, { content: "x".repeat(16_000) });
    }
  });
});

describe("WebSockets", () => {
  test("a POST: 405, a DELETE: 400, a poll: 400, a second socket: 409", async (t) => {
    const id = await token();
    const socket = await (await openSocket(t, service, { token: id })).shakeHands();
    assertText(await post(id, record({ type: 6 })), 405, "POST requests are not allowed for WebSocket connections.");
    assertText(await ask("DELETE", `?id=${id}`), 400, "Cannot terminate this connection using the DELETE endpoint.");
    assertText(await poll(id), 400, "Cannot change transports mid-connection");
    await connected(service.port, async (connection) => {
      connection.write(upgradeRequest(`?id=${id}`));
      assertText(await connection.response(), 409, "");
    });
    socket.send({ type: 7 });
    assert.equal(await socket.messageButPing(), null);
    assert.equal(socket.closeCode, 1000);
  });
});

test("a negotiated connection that opens nothing is forgotten", async () => {
  const id = await token();
  await sleep(5_000);
  assert.equal((await poll(id)).status, 404);
});

describe("a POST before any transport is open", () => {
  const call = (n) => record({ type: 1, invocationId: `${n}`, target: "LeaveConversation", arguments: ["x"] });
  /** A connection that has sent its handshake and two calls, and has opened nothing yet. */
  async function early() {
    const id = await token();
    for (const body of [HANDSHAKE + call(1), call(2)]) assertText(await post(id, body), 200, "");
    return id;
  }
  const ids = (text) => [...text.matchAll(/"invocationId":"(\d+)"/g)].map(([, id]) => id);

  test("is read by long polling", async () => {
    const id = await early();
    assert.equal((await poll(id)).body, "", "the first poll opens, as ever");
    await post(id, call(3));
    let answers = "";
    while (ids(answers).length < 3) answers += (await poll(id)).body;
    assert.ok(answers.startsWith(READY));
    assert.deepEqual(ids(answers), ["1", "2", "3"]);
  });

  test("is read by server-sent events", async (t) => {
    const id = await early();
    const stream = await pending(t, "GET", `?id=${id}`, { headers: EVENTS });
    await stream.streamHead();
    assert.match(await stream.received('"invocationId":"1"'), /^:\r\ndata: \{\}\x1e\r\n\r\n/);
    await stream.received('"invocationId":"2"');
  });

  test("is read by a WebSocket, which takes no POST any more", async (t) => {
    const id = await early();
    const socket = await openSocket(t, service, { token: id });
    assert.deepEqual(await socket.messageButPing(), {});
    socket.send({ type: 1, invocationId: "3", target: "LeaveConversation", arguments: ["x"] });
    for (const expected of ["1", "2", "3"]) assert.equal((await socket.messageButPing()).invocationId, expected);
    assert.equal((await post(id, call(4))).status, 405);
  });

  test("waits for its answer when it is more than is kept, and is read then", async (t) => {
    const id = await early();
    const large = await pending(t, "POST", `?id=${id}`, { body: call(3) + record({ type: 6 }).repeat(6_500) + call(4) });
    await sleep(300); // what comes while it waits, waits behind it
    const behind = await pending(t, "POST", `?id=${id}`, { body: call(5) });
    await sleep(300);
    assert.deepEqual([large.rest.length, behind.rest.length], [0, 0]);
    await poll(id);
    assertText(await large.response(), 200, "");
    assertText(await behind.response(), 200, "");
    let answers = "";
    while (ids(answers).length < 5) answers += (await poll(id)).body;
    assert.deepEqual(ids(answers).sort(), ["1", "2", "3", "4", "5"]);
  });

  test("is told that nothing was opened in time", async (t) => {
    const id = await early();
    const large = await pending(t, "POST", `?id=${id}`, { body: record({ type: 6 }).repeat(6_500) });
    assertText(await large.response(), 404, "No Connection with that ID");
    assert.equal((await poll(id)).status, 404);
  });

  test("may be no longer than one POST may be", async () => {
    assert.equal((await post(await token(), "x".repeat(2 << 20)))?.status, 413);
  });
});

describe("other origins", () => {
  const origin = { Origin: "https://app.example" };

  test("a preflight allows DELETE and what clients send", async () => {
    for (const path of ["", "/negotiate"]) {
      const response = await ask("OPTIONS", path, { headers: {
        ...origin, "Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization,x-requested-with,x-signalr-user-agent" } });
      assert.equal(response.status, 204);
      assert.equal(response.headers.get("access-control-allow-origin"), "https://app.example");
      assert.equal(response.headers.get("access-control-allow-credentials"), "true");
      assert.match(response.headers.get("access-control-allow-methods"), /\bDELETE\b/);
      assert.match(response.headers.get("access-control-allow-headers"), /x-signalr-user-agent/);
    }
  });

  test("every answer can be read, errors too; the stream as well", async (t) => {
    for (const response of [
      await ask("POST", "/negotiate?negotiateVersion=1", { headers: origin }), await ask("GET", "?id=nobody", { headers: origin }),
      await ask("POST", "?id=nobody", { headers: origin }), await ask("DELETE", "", { headers: origin }), await ask("PUT", "", { headers: origin }),
      await poll(await token(), { headers: origin }),
      await (await pending(t, "GET", `?id=${await token()}`, { headers: { ...origin, ...EVENTS } })).streamHead(),
    ]) {
      assert.equal(response.headers.get("access-control-allow-origin"), "https://app.example", String(response.status));
      assert.equal(response.headers.get("access-control-allow-credentials"), "true");
      assert.match(response.headers.get("vary"), /Origin/);
    }
    const foreign = await ask("POST", "/negotiate?negotiateVersion=1", { headers: { Origin: "https://evil.example" } });
    assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  });
});

test("at the end no connection is left over", async () => {
  await until("no open hub connections", async () => {
    const { text } = await get(service, "/metrics");
    return [...text.matchAll(/^message_service_hub_connections\{[^}]*\} (\S+)$/gm)].every(([, value]) => Number(value) === 0);
  }, 10_000, 100);
});
