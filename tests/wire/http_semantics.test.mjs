// How the service speaks HTTP when nothing is wrong, and what each address answers.

import assert from "node:assert/strict";
import { statfsSync } from "node:fs";
import { before, describe, test } from "node:test";
import {
  RawConnection, assertProblem, connected, get, goodMessage, history, lastSequence, messagesOf, post, postMessage, request,
} from "../support/http.mjs";
import { WAIT_MS, sharedScope, startService, until } from "../support/service.mjs";

const path = messagesOf("conv-123");
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const origin = "https://app.example";

let service;
const scope = sharedScope();
before(async () => {
  service = await startService(scope, {
    conversations: ["conv-123", "conv-paged", "conv-empty"],
    settings: { "Cors:AllowedOrigins": origin, "Http:HeaderTimeoutMs": 500, "Http:BodyTimeoutMs": 700, "Http:IdleTimeoutMs": 1_500 },
  });
});

const postConversation = (body) => fetch(`${service.url}/api/conversations`, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
});

const stored = (temporaryId, conversationId = "conv-123") =>
  until(`${temporaryId} stored`, async () => {
    const response = await get(service, `${messagesOf(conversationId)}/by-temporary-id/${encodeURIComponent(temporaryId)}`);
    assert.ok([200, 202].includes(response.status), response.text);
    if (response.status === 202) assert.deepEqual(response.json, { status: "Pending" });
    return response.status === 200 ? response.json : undefined;
  });

describe("connections", () => {
  test("are kept for further requests", () => connected(service.port, async (connection) => {
    for (let n = 0; n < 5; n++) {
      connection.write(post());
      assert.equal((await connection.response()).status, 202);
    }
    connection.write(request("GET", "/nothing"));
    assert.equal((await connection.response()).status, 404);
    connection.write(post("not json"));
    assert.equal((await connection.response()).status, 400, "an error in the body spoils nothing");
    connection.write(post());
    assert.equal((await connection.response()).status, 202);
  }));

  test("take ten requests at once and answer in their order", () => connected(service.port, async (connection) => {
    const ids = Array.from({ length: 10 }, (_, n) => `pipelined-${n}`);
    connection.write(Buffer.concat(ids.map((id) => post({ ...goodMessage, temporaryMessageId: id }))));
    for (const id of ids) assert.equal((await connection.response()).json.id, id);
  }));

  test("take different requests at once, the last with Connection: close", () =>
    connected(service.port, async (connection) => {
      connection.write(Buffer.concat([
        request("GET", "/health/live"), post(), request("HEAD", "/"), request("GET", "/nothing"),
        request("GET", "/health/live", { headers: { Connection: "close" } }), request("GET", "/health/live"),
      ]));
      assert.equal((await connection.response()).status, 200);
      assert.equal((await connection.response()).status, 202);
      assert.equal((await connection.response({ head: true })).status, 200);
      assert.equal((await connection.response()).status, 404);
      const last = await connection.response();
      assert.equal(last.status, 200);
      assert.match(last.headers.get("connection") ?? "", /close/i);
      assert.equal(await connection.response(), null, "nothing is answered after close");
    }));

  // To close with bytes unread would reset the connection, and the answer of a message that is accepted would be lost.
  test("give the last answer to a client that sends on behind Connection: close", async () => {
    for (let round = 0; round < 10; round += 1) {
      await connected(service.port, async (connection) => {
        connection.write(post(goodMessage, { headers: { Connection: "close" } }));
        for (let n = 0; n < 32; n += 1) connection.write(Buffer.alloc(128 * 1024, "more "));
        assert.equal((await connection.response())?.status, 202, `round ${round}: ${connection.error}`);
        assert.equal(await connection.response(), null);
        assert.equal(connection.error, null);
      });
    }
  });

  test("may cut a request anywhere", async () => {
    const message = post({ ...goodMessage, content: "snow ☃" });
    for (let at = 1; at < message.length; at++) {
      await connected(service.port, async (connection) => {
        connection.write(message.subarray(0, at));
        await new Promise((done) => setImmediate(done));
        connection.write(message.subarray(at));
        const response = await connection.response();
        assert.equal(response.status, 202, `cut at ${at}: ${response.body}`);
        assert.equal(response.json.content, "snow ☃");
      });
    }
  });

  test("may send a request byte by byte", () => connected(service.port, async (connection) => {
    for (const byte of post()) {
      connection.write(Buffer.of(byte));
      await new Promise((done) => setImmediate(done));
    }
    assert.equal((await connection.response()).status, 202);
  }));

  test("may send chunks, with extensions and trailers", () => connected(service.port, async (connection) => {
    const body = JSON.stringify(goodMessage);
    const head = request("POST", path, { headers: { "Content-Type": "application/json", "Transfer-Encoding": "chunked" } });
    connection.write(`${head}5;x=y\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\nX-Sum: 1\r\n\r\n`);
    assert.equal((await connection.response()).status, 202);
    connection.write(post());
    assert.equal((await connection.response()).status, 202, "the next request is found behind the trailers");
  }));

  // A proxy in front may check headers, and not trailers.
  test("take no header from a trailer", () => connected(service.port, async (connection) => {
    const body = JSON.stringify(goodMessage);
    const head = request("POST", path, { headers: { "Content-Type": "application/json", "Transfer-Encoding": "chunked" } });
    connection.write(`${head}${body.length.toString(16)}\r\n${body}\r\n0\r\nIdempotency-Key: from-trailer\r\n` +
      `Origin: ${origin}\r\nHost: evil\r\nX-Correlation-ID: from-trailer\r\n\r\n`);
    const response = await connection.response();
    assert.equal(response.status, 202, response.body);
    assert.notEqual(response.json.id, "from-trailer");
    assert.notEqual(response.json.correlationId, "from-trailer");
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  }));

  test("may begin with empty lines", () => connected(service.port, async (connection) => {
    for (const lines of ["\r\n", "\r\n\r\n"]) {
      connection.write(Buffer.concat([Buffer.from(lines), post()]));
      assert.equal((await connection.response()).status, 202);
    }
  }));

  test("are asked with Expect: 100-continue before the body", () => connected(service.port, async (connection) => {
    const message = post(goodMessage, { headers: { Expect: "100-continue" } });
    const head = message.indexOf("\r\n\r\n") + 4;
    connection.write(message.subarray(0, head));
    assert.equal((await connection.response()).status, 100);
    connection.write(message.subarray(head));
    assert.equal((await connection.response()).status, 202);
  }));

  test("are refused with Expect: 100-continue when the body would be too long", () =>
    connected(service.port, async (connection) => {
      connection.write(request("POST", path, { headers: { "Content-Type": "application/json", Expect: "100-continue", "Content-Length": 100_000 } }));
      assertProblem(await connection.response(), 413);
    }));

  test("end with HTTP/1.0, unless it asks to keep them", async () => {
    await connected(service.port, async (connection) => {
      connection.write(request("GET", "/health/live", { version: "HTTP/1.0", headers: { Host: null } }));
      assert.equal((await connection.response()).status, 200);
      assert.equal(await connection.response(), null);
    });
    await connected(service.port, async (connection) => {
      const kept = request("GET", "/health/live", { version: "HTTP/1.0", headers: { Connection: "keep-alive" } });
      connection.write(kept);
      const response = await connection.response();
      assert.equal(response.status, 200);
      assert.match(response.headers.get("connection") ?? "", /keep-alive/i);
      connection.write(kept);
      assert.equal((await connection.response()).status, 200);
    });
  });

  test("take the absolute form of a target (RFC 9112, section 3.2.2)", () => connected(service.port, async (connection) => {
    connection.write(request("GET", `http://localhost:${service.port}/health/live`));
    const response = await connection.response();
    assert.equal(response.status, 200, response.body);
  }));

  test("that are slow with their headers are ended", () => connected(service.port, async (connection) => {
    connection.write(post().subarray(0, 40));
    const response = await connection.response({ timeoutMs: 5_000 });
    if (response !== null) assertProblem(response, 408);
    await connection.closed(1_000);
  }));

  test("that send one header byte at a time, for ever, are ended", () => connected(service.port, async (connection) => {
    connection.write("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    const drip = setInterval(() => connection.write("y"), 50);
    try {
      const response = await connection.response({ timeoutMs: 5_000 });
      if (response !== null) assertProblem(response, 408);
    } finally {
      clearInterval(drip);
    }
  }));

  test("that are slow with a body are ended", () => connected(service.port, async (connection) => {
    connection.write(post().subarray(0, -5));
    const response = await connection.response({ timeoutMs: 5_000 });
    if (response !== null) assertProblem(response, 408);
    await connection.closed(1_000);
  }));

  test("that ask nothing are ended in the end, not at once", () => connected(service.port, async (connection) => {
    connection.write(request("GET", "/health/live"));
    assert.equal((await connection.response()).status, 200);
    const started = performance.now();
    assert.equal(await connection.response({ timeoutMs: 8_000 }), null);
    assert.ok(performance.now() - started > 1_000, "idle for longer than a request's headers may take");
  }));

  test("over Limits:Connections are refused, and room is made by a close", async (t) => {
    const small = await startService(t, { settings: { "Limits:Connections": 3 } });
    const open = [];
    t.after(() => open.forEach((connection) => connection.close()));
    for (let n = 0; n < 3; n++) {
      open.push(await RawConnection.open(small.port));
      open[n].write(request("GET", "/health/live"));
      assert.equal((await open[n].response()).status, 200);
    }
    const fourth = await RawConnection.open(small.port);
    open.push(fourth);
    fourth.write(request("GET", "/health/live"));
    const refusal = await fourth.response();
    if (refusal !== null) assertProblem(refusal, 503);
    open[0].close();
    await until("a place is free again", () => connected(small.port, async (connection) => {
      connection.write(request("GET", "/health/live"));
      return (await connection.response().catch(() => null))?.status === 200;
    }), WAIT_MS, 50);
  });
});

describe("HEAD and OPTIONS", () => {
  test("HEAD answers like GET, without the body", () => connected(service.port, async (connection) => {
    for (const target of ["/", "/health/ready", "/api/conversations/conv-123", "/nothing"]) {
      connection.write(request("GET", target));
      const full = await connection.response();
      connection.write(request("HEAD", target));
      const head = await connection.response({ head: true });
      assert.equal(head.status, full.status, target);
      assert.equal(head.headers.get("content-type"), full.headers.get("content-type"));
      assert.equal(head.headers.get("content-length"), full.headers.get("content-length"));
    }
  }));

  test("OPTIONS names what the path can be asked with", () => connected(service.port, async (connection) => {
    connection.write(request("OPTIONS", path));
    const response = await connection.response();
    assert.equal(response.status, 204);
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
      assert.match(response.headers.get("allow"), new RegExp(`\\b${method}\\b`));
    }
    connection.write(request("OPTIONS", "/nothing"));
    assert.equal((await connection.response()).status, 404);
  }));

  test("OPTIONS * asks whether the server lives, as HAProxy does", async () => {
    for (const options of [{}, { version: "HTTP/1.0", headers: { Host: null } }]) {
      for (const target of ["*", "/"]) {
        await connected(service.port, async (connection) => {
          connection.write(request("OPTIONS", target, options));
          assert.equal((await connection.response()).status, 204, target);
        });
      }
    }
  });
});

describe("paths", () => {
  for (const [target, status] of [
    ["/health/live/", 200], [`${path}/`, 200], ["/HEALTH/Live", 200], ["/h%65alth/live", 200], ["/./health/live", 200],
    ["/x/../health/live", 200], ["/health/live?", 200], ["//health/live", 404], ["/health/live;a=b", 404], ["/health", 404],
  ]) {
    test(`${target} is ${status}, as ASP.NET has it`, () => connected(service.port, async (connection) => {
      connection.write(request("GET", target));
      assert.equal((await connection.response()).status, status);
    }));
  }
});

describe("CORS", () => {
  const assertAllowed = (response, what) => {
    assert.equal(response.headers.get("access-control-allow-origin"), origin, what);
    assert.equal(response.headers.get("access-control-allow-credentials"), "true", what);
    assert.match(response.headers.get("vary") ?? "", /Origin/i, what);
  };

  test("a preflight is answered", async () => {
    for (const target of [path, "/hubs/messages/negotiate", "/hubs/messages"]) {
      await connected(service.port, async (connection) => {
        connection.write(request("OPTIONS", target, { headers: {
          Origin: origin, "Access-Control-Request-Method": "POST",
          "Access-Control-Request-Headers": "content-type,x-requested-with,x-signalr-user-agent,idempotency-key" } }));
        const response = await connection.response();
        assert.equal(response.status, 204);
        assertAllowed(response, target);
        for (const method of ["GET", "POST", "DELETE"]) {
          assert.match(response.headers.get("access-control-allow-methods"), new RegExp(`\\b${method}\\b`));
        }
        for (const header of ["content-type", "x-requested-with", "x-signalr-user-agent", "idempotency-key"]) {
          assert.match(response.headers.get("access-control-allow-headers"), new RegExp(header, "i"));
        }
      });
    }
  });

  test("every answer may be read by the page, also when it is an error", async () => {
    const from = { Origin: origin };
    for (const [name, input, status] of [
      ["202", post(goodMessage, { headers: from }), 202],
      ["400", post("{", { headers: from }), 400],
      ["404", request("GET", "/nothing", { headers: from }), 404],
      ["405", request("PUT", path, { headers: from }), 405],
      ["415", post(goodMessage, { headers: { ...from, "Content-Type": "text/plain" } }), 415],
      ["413", post({ ...goodMessage, content: "x".repeat(70_000) }, { headers: from }), 413],
      ["431", request("GET", path, { headers: { ...from, "X-Long": "y".repeat(33_000) } }), 431],
      ["400 for a target", request("GET", "/%zz", { headers: from }), 400],
      ["negotiate", request("POST", "/hubs/messages/negotiate?negotiateVersion=1", { headers: { ...from, "Content-Length": 0 } }), 200],
    ]) {
      await connected(service.port, async (connection) => {
        connection.write(input);
        const response = await connection.response();
        assert.equal(response?.status, status, name);
        assertAllowed(response, name);
      });
    }
  });

  test("other origins are told nothing", () => connected(service.port, async (connection) => {
    for (const other of ["https://evil.example", "null", "https://app.example.evil", "http://app.example"]) {
      connection.write(request("GET", path, { headers: { Origin: other } }));
      const response = await connection.response();
      assert.equal(response.headers.get("access-control-allow-origin"), null, other);
      assert.equal(response.headers.get("access-control-allow-credentials"), null, other);
    }
  }));

  test("without the setting there are no such headers", async (t) => {
    const closed = await startService(t);
    const response = await get(closed, path, { Origin: origin });
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  });
});

describe("a message", () => {
  test("is accepted with the contract's body, and its Location resolves", async () => {
    const { status, headers, json } = await postMessage(service, { content: 'quotes " and \\ and \u0001 and ☃ 😀' });
    assert.equal(status, 202);
    assert.match(headers.get("content-type"), /^application\/json/);
    assert.deepEqual(Object.keys(json), ["id", "conversationId", "senderId", "senderType", "content", "status", "sentAt", "correlationId"]);
    assert.match(json.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, "a UUIDv7");
    assert.equal(json.status, "Sent");
    assert.match(json.sentAt, timestamp);
    assert.notEqual(json.correlationId, "");
    assert.equal(headers.get("location"), `${path}/by-temporary-id/${json.id}`);

    const message = await until("stored", async () => {
      const answer = await get(service, headers.get("location"));
      return answer.status === 200 && answer.json;
    });
    assert.deepEqual(Object.keys(message).sort(), ["id", "temporaryMessageId", "conversationId", "sequence", "senderId",
      "senderType", "content", "status", "sentAt", "persistedAt", "correlationId"].sort());
    assert.match(message.id, /^[0-9a-f]{24}$/);
    assert.ok(Number.isInteger(message.sequence) && message.sequence >= 1);
    assert.match(message.persistedAt, timestamp);
    for (const same of ["conversationId", "senderId", "senderType", "content", "sentAt", "correlationId"]) {
      assert.equal(message[same], json[same], same);
    }
    assert.equal(message.temporaryMessageId, json.id);
    assert.deepEqual((await get(service, `${path}/${message.id}`)).json, message);
  });

  test("carries the Idempotency-Key as its temporary id", async () => {
    const { status, json } = await postMessage(service, {}, { headers: { "Idempotency-Key": "key with blanks/and slash" } });
    assert.equal(status, 202);
    assert.equal(json.id, "key with blanks/and slash");
    assert.equal((await stored(json.id)).temporaryMessageId, json.id);
  });

  test("carries X-Correlation-ID into the answer and the store", async () => {
    const { headers, json } = await postMessage(service, {}, { headers: { "X-Correlation-ID": "corr-42" } });
    assert.equal(json.correlationId, "corr-42");
    assert.equal(headers.get("x-correlation-id"), "corr-42", "echoed as a header as well");
    assert.equal((await stored(json.id)).correlationId, "corr-42");
  });

  test("an error's traceId is the one of the request's traceparent", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const right = await get(service, "/nothing", { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    assert.equal(assertProblem(right, 404).traceId, traceId);
    for (const wrong of ["", "00-0-0-0", `00-${"0".repeat(32)}-b7ad6b7169203331-01`, `00-${traceId.toUpperCase()}-b7ad6b7169203331-01`, "x".repeat(200)]) {
      assert.notEqual(assertProblem(await get(service, "/nothing", { traceparent: wrong }), 404).traceId, traceId);
    }
  });

  test("that is not there: 404; an id that is none: 400 or 404", async () => {
    assertProblem(await get(service, `${path}/by-temporary-id/never-sent`), 404);
    assertProblem(await get(service, `${path}/${"0".repeat(24)}`), 404);
    assertProblem(await get(service, `${path}/nonsense`), [400, 404]);
    const { json } = await postMessage(service);
    const { id } = await stored(json.id);
    assertProblem(await get(service, `${messagesOf("conv-empty")}/${id}`), 404);
    assertProblem(await get(service, `${messagesOf("conv-empty")}/by-temporary-id/${json.id}`), 404);
  });
});

describe("a conversation's history", () => {
  const paged = messagesOf("conv-paged");
  const count = 120;
  const page = async (query) => {
    const response = await get(service, `${paged}${query}`);
    assert.equal(response.status, 200, response.text);
    assert.deepEqual(Object.keys(response.json), ["messages", "hasMore"]);
    return { sequences: response.json.messages.map((message) => message.sequence), hasMore: response.json.hasMore };
  };
  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

  before(async () => {
    for (let sent = 0; sent < count; sent++) {
      await postMessage(service, { content: `number ${sent + 1}` }, { conversationId: "conv-paged" });
    }
    await until("all stored", async () => (await history(service, "conv-paged")).length === count);
  });

  test("is in the order of the acknowledgements", async () => {
    const messages = await history(service, "conv-paged");
    assert.deepEqual(messages.map((message) => message.content), range(1, count).map((n) => `number ${n}`));
    assert.deepEqual(messages.map((message) => message.sequence), range(1, count));
  });

  test("comes in pages", async () => {
    assert.deepEqual(await page(""), { sequences: range(71, 120), hasMore: true }, "the newest page");
    assert.deepEqual(await page("?limit=5"), { sequences: range(116, 120), hasMore: true });
    assert.deepEqual(await page("?limit=500"), { sequences: range(1, 120), hasMore: false });
    assert.deepEqual(await page("?after=0&limit=10"), { sequences: range(1, 10), hasMore: true });
    assert.deepEqual(await page("?after=110&limit=10"), { sequences: range(111, 120), hasMore: false });
    assert.deepEqual(await page("?after=100"), { sequences: range(101, 120), hasMore: false });
    assert.deepEqual(await page("?after=120"), { sequences: [], hasMore: false });
    assert.deepEqual(await page("?after=9007199254740992"), { sequences: [], hasMore: false });
    assert.deepEqual(await page("?before=51"), { sequences: range(1, 50), hasMore: false });
    assert.deepEqual(await page("?before=60&limit=10"), { sequences: range(50, 59), hasMore: true });
    assert.deepEqual(await page("?before=1"), { sequences: [], hasMore: false });
    assert.deepEqual(await page("?before=1000&limit=1"), { sequences: [120], hasMore: true });
    assert.deepEqual(await page("?limit=1&unknown=x"), { sequences: [120], hasMore: true });
  });

  test("refuses parameters that are wrong, all at once", async () => {
    for (const [query, fields] of [
      ["?limit=0", ["limit"]], ["?limit=501", ["limit"]], ["?limit=-1", ["limit"]], ["?limit=many", ["limit"]],
      ["?limit=", ["limit"]], ["?limit=1.5", ["limit"]], ["?limit=+5", ["limit"]], ["?limit=%205", ["limit"]],
      ["?after=-1", ["after"]], ["?after=x", ["after"]], ["?after=99999999999999999999", ["after"]],
      ["?before=0x10", ["before"]], ["?after=x&before=y&limit=z", ["after", "before", "limit"]],
    ]) {
      const problem = assertProblem(await get(service, paged + query), 400);
      assert.deepEqual(Object.keys(problem.errors).sort(), fields, query);
    }
  });

  test("with after and before together is either a range or refused", async () => {
    const response = await get(service, `${paged}?after=10&before=20`);
    if (response.status === 200) {
      assert.deepEqual(response.json.messages.map((message) => message.sequence), range(11, 19));
    } else {
      assertProblem(response, 400);
    }
  });

  test("is empty, or not there", async () => {
    assert.deepEqual((await get(service, messagesOf("conv-empty"))).json, { messages: [], hasMore: false });
    assertProblem(await get(service, messagesOf("nowhere")), 404);
  });
});

describe("conversations", () => {
  const participants = [{ id: "parent-001", type: "Parent" }, { id: "teacher-001", type: "Teacher" }];

  test("are made, read, made again, and not made differently", async () => {
    const wanted = { id: "school/7 ☃", participants, title: "Class 7" };
    const made = await postConversation(wanted);
    assert.equal(made.status, 201);
    assert.equal(made.headers.get("location"), `/api/conversations/${encodeURIComponent(wanted.id)}`);
    const body = await made.json();
    assert.equal(body.id, wanted.id);
    assert.deepEqual(body.participants, participants);
    assert.equal(body.title, "Class 7");

    const read = (await get(service, made.headers.get("location"))).json;
    assert.equal(read.lastSequence, 0);
    assert.match(read.historyId, /^[0-9a-f-]{36}$/);
    assert.equal(body.historyId, read.historyId);
    assert.deepEqual(read.participants, participants);

    assert.ok([200, 201].includes((await postConversation(wanted)).status), "the same once more does no harm");
    const other = await postConversation({ ...wanted, title: "Class 8" });
    assert.equal(other.status, 409);
    assertProblem({ status: 409, headers: other.headers, json: await other.json() }, 409);

    const sent = await postMessage(service, {}, { conversationId: wanted.id });
    assert.equal(sent.status, 202, "an id with a slash and more is one segment of a path");
    assert.equal(sent.json.conversationId, wanted.id);
    await stored(sent.json.id, wanted.id);
    await until("its last sequence", async () => (await lastSequence(service, wanted.id)) === 1);
    assert.equal((await history(service, wanted.id)).length, 1);
  });

  test("get an id when they bring none", async () => {
    const made = await postConversation({ participants });
    assert.equal(made.status, 201);
    const { id } = await made.json();
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal((await get(service, made.headers.get("location"))).json.id, id);
  });

  test("that are not there: 404", async () => {
    assertProblem(await get(service, "/api/conversations/nowhere"), 404);
    assertProblem({ ...(await postMessage(service, {}, { conversationId: "nowhere" })) }, 404);
  });

  test("are found however their id is encoded", async () => {
    for (const id of ["conv-123", "conv%2D123", "%63onv-123"]) {
      assert.equal((await get(service, `/api/conversations/${id}`)).status, 200, id);
    }
    assert.equal((await get(service, "/API/Conversations/conv-123")).status, 200, "paths as in ASP.NET");
    assert.equal((await get(service, "/api/conversations/CONV-123")).status, 404, "but ids as they are");
  });
});

describe("operations", () => {
  test("health", async () => {
    const live = await get(service, "/health/live");
    assert.equal(live.status, 200);
    const ready = await get(service, "/health/ready");
    assert.equal(ready.status, 200);
    for (const line of ready.text.trimEnd().split("\n")) assert.match(line, /^[\w ]+: ok$/);
  });

  test("metrics: every family of the contract that an embedded node has", async () => {
    await postMessage(service);
    await get(service, "/nothing");
    const { status, headers, text } = await get(service, "/metrics");
    assert.equal(status, 200);
    assert.match(headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
    const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
    const missing = [];
    for (const [name, type] of Object.entries({
      publish_duration_seconds: "histogram", publish_total: "counter", http_requests_total: "counter",
      http_request_duration_seconds: "histogram", consumer_lag_records: "gauge", consumed_total: "counter",
      batch_size: "histogram", batch_flush_total: "counter", store_write_duration_seconds: "histogram",
      store_writes_total: "counter", end_to_end_seconds: "histogram", duplicates_total: "counter",
      dead_letter_total: "counter", hub_connections: "gauge", hub_messages_sent_total: "counter",
      hub_slow_clients_closed_total: "counter", refused_total: "counter", consumer_requires_version: "gauge",
      disk_free_bytes: "gauge", disk_size_bytes: "gauge", ready: "gauge",
    })) {
      if (types.get(`message_service_${name}`) !== type) missing.push(name);
    }
    for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "message_service_build_info"]) {
      if (!types.has(name)) missing.push(name);
    }
    assert.deepEqual(missing, []);
    for (const label of ['publish_total{outcome="ok"}', 'publish_total{outcome="refused"}', 'publish_total{outcome="unknown"}',
      'batch_flush_total{reason="idle"}', 'http_requests_total{route="/api/conversations/{}/messages",status="202"}']) {
      assert.ok(text.includes(`message_service_${label}`), label);
    }
    assert.match(text, /_bucket\{[^}]*le="0\.0001"\}/, "buckets from 100 µs");
    const valueOf = (name) => Number(text.match(new RegExp(`^message_service_${name} (\\S+)$`, "m"))[1]);
    assert.equal(valueOf("ready"), 1);
    assert.equal(valueOf('consumer_requires_version{partition="0"}'), 0);
    const disk = statfsSync(service.dataDirectory);
    assert.equal(valueOf("disk_size_bytes"), disk.blocks * disk.bsize);
    assert.ok(valueOf("disk_free_bytes") > 0 && valueOf("disk_free_bytes") <= valueOf("disk_size_bytes"));
    assert.ok(!text.includes("conv-123"), "no ids in labels");
  });

  test("metrics: an unknown method or path adds no label of its own", async () => {
    await connected(service.port, async (connection) => {
      for (const name of ["QWERTZ1", "QWERTZ2"]) {
        connection.write(request(name, `/${name}`));
        await connection.response();
      }
    });
    assert.ok(!(await get(service, "/metrics")).text.includes("QWERTZ"));
  });

  test("/openapi.json", async () => {
    const { status, headers, json } = await get(service, "/openapi.json");
    assert.equal(status, 200);
    assert.match(headers.get("content-type"), /^application\/(openapi\+)?json/);
    assert.match(json.openapi ?? "", /^3\.1/);
    assert.ok(Object.keys(json.paths).some((route) => /^\/api\/conversations\/\{\w+\}\/messages$/.test(route)));
  });

  test("/ is the chat page, with a policy that keeps strangers' scripts out", async () => {
    const { status, headers, text } = await get(service, "/");
    assert.equal(status, 200);
    assert.match(headers.get("content-type"), /^text\/html/);
    const policy = headers.get("content-security-policy");
    assert.match(policy, /default-src 'self'/);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    const assets = [...text.matchAll(/(?:src|href)="\.?(\/assets\/[^"]+)"/g)].map(([, asset]) => asset);
    assert.ok(assets.length > 0, text);
    for (const asset of assets) {
      const file = await get(service, asset);
      assert.equal(file.status, 200, asset);
      assert.match(file.headers.get("cache-control"), /immutable/);
    }
  });
});
