// Whatever a client sends: a clear refusal as problem+json, and the service lives on.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { assertProblem, connected, get, goodMessage, history, messagesOf, post, request } from "../support/http.mjs";
import { sharedScope, startService, until } from "../support/service.mjs";

const CRLF = "\r\n";
const path = messagesOf("conv-123");
const json = { "Content-Type": "application/json" };
const text = JSON.stringify(goodMessage);
const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const having = (members) => JSON.stringify({ ...goodMessage, ...members });
const without = (member) => having({ [member]: undefined });
const inContent = (...octets) =>
  bytes('{"senderId":"p","senderType":"Parent","content":"a', octets, 'b"}');

let service;
let accepted = 0; // good messages so far: nothing else may ever be stored

const scope = sharedScope();
before(async () => (service = await startService(scope)));

async function livesOn() {
  await connected(service.port, async (connection) => {
    connection.write(post());
    const response = await connection.response();
    assert.equal(response?.status, 202, response?.body);
    accepted++;
  });
}

/** Sends `input` on a new connection, and expects a refusal with `status`. */
function refused(name, input, status, { fields, allow, closes = false } = {}) {
  test(name, async () => {
    await connected(service.port, async (connection) => {
      connection.write(input);
      const response = await connection.response();
      if (response?.status === 202) accepted++; // wrong, but the count below is about something else
      const problem = assertProblem(response, status);
      if (fields) assert.deepEqual(Object.keys(problem.errors ?? {}).sort(), [...fields].sort(), response.body);
      for (const [field, texts] of Object.entries(problem.errors ?? {})) {
        assert.ok(Array.isArray(texts) && texts.length > 0 && texts.every((line) => line.length > 0), field);
      }
      if (allow) assert.match(response.headers.get("allow") ?? "", allow);
      if (closes) {
        await connection.closed();
        assert.equal(connection.rest.length, 0, `nothing after the refusal: ${connection.rest}`);
      }
    });
    await livesOn();
  });
}

/** The bytes' framing cannot be trusted: after the refusal nothing more may be read as a request. */
const refusedAndClosed = (name, input, status, more = {}) => refused(name, input, status, { ...more, closes: true });

describe("a body that is no JSON object", () => {
  for (const [name, body] of [
    ["empty", ""],
    ["blank", "   \n"],
    ["cut off", '{"senderId":"p","senderType":"Parent"'],
    ["a list", "[]"],
    ["a string", '"text"'],
    ["null", "null"],
    ["a number", "5"],
    ["something after the object", text + " x"],
    ["two objects", text + text],
    ["a trailing comma", text.replace("}", ",}")],
    ["single quotes", "{'senderId':'p'}"],
    ["a comment", "/* hi */" + text],
    ["an unquoted key", text.replace('"senderId"', "senderId")],
    ["NaN", '{"content":NaN}'],
    ["a leading zero", '{"content":012}'],
    ["a raw line break in a string", text.replace("Hello", "Hel\nlo")],
    ["a raw NUL in a string", text.replace("Hello", "Hel\0lo")],
    ["a NUL behind the object", text + "\0"],
    ["an unknown escape", text.replace("Hello", "\\x41")],
    ["half of a surrogate pair, escaped", text.replace("Hello", "\\ud800")],
    ["the low half first", text.replace("Hello", "\\udc00\\ud800")],
    ["UTF-16", Buffer.from(text, "utf16le")],
    ["10 000 lists in each other", `{"x":${"[".repeat(10_000)}${"]".repeat(10_000)}}`],
    ["10 000 objects in each other", `${'{"x":'.repeat(10_000)}1${"}".repeat(10_000)}`],
    ["60 000 open lists", "[".repeat(60_000)],
  ]) {
    refused(name, post(body, body === "" ? { headers: { "Content-Length": "0" } } : {}), 400);
  }
});

describe("text that is not UTF-8", () => {
  for (const [name, octets] of [
    ["a lone continuation byte", [0x80]],
    ["a byte that never occurs", [0xff]],
    ["an overlong NUL", [0xc0, 0x80]],
    ["an overlong slash", [0xe0, 0x80, 0xaf]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
    ["beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["a sequence cut off", [0xe4, 0xb8]],
  ]) {
    refused(`in the body: ${name}`, post(inContent(...octets)), 400);
    const encoded = octets.map((octet) => "%" + octet.toString(16)).join("");
    refused(`in the path: ${name}`, post(goodMessage, { target: `/api/conversations/a${encoded}b/messages` }), 400);
  }
  refused("in the body's key", post(bytes('{"a', [0xff], '":1,', text.slice(1))), 400);
  refused("in a query", request("GET", `${path}?after=%ff`), 400);
  refused("in Idempotency-Key", bytes(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`,
    `Content-Length: ${text.length}\r\nIdempotency-Key: a`, [0xff], `\r\n\r\n${text}`), 400);
});

describe("fields", () => {
  const long = "x".repeat(129);
  for (const [name, body, fields] of [
    ["none at all", "{}", ["senderId", "senderType", "content"]],
    ["all null", having({ senderId: null, senderType: null, content: null }), ["senderId", "senderType", "content"]],
    ["all empty", having({ senderId: "", senderType: "", content: "" }), ["senderId", "senderType", "content"]],
    ["all of wrong types", having({ senderId: 1, senderType: true, content: {}, temporaryMessageId: [] }),
      ["senderId", "senderType", "content", "temporaryMessageId"]],
    ["all too long or unknown",
      having({ senderId: long, senderType: "Nobody", content: "x".repeat(16_385), temporaryMessageId: long }),
      ["senderId", "senderType", "content", "temporaryMessageId"]],
    ["senderId missing", without("senderId"), ["senderId"]],
    ["senderType missing", without("senderType"), ["senderType"]],
    ["content missing", without("content"), ["content"]],
    ["senderId a number", having({ senderId: 12 }), ["senderId"]],
    ["senderType a number", having({ senderType: 0 }), ["senderType"]],
    ["content a list", having({ content: ["a"] }), ["content"]],
    ["content a huge number", text.replace('"Hello teacher!"', "1e400"), undefined],
    ["content 60 000 digits", text.replace('"Hello teacher!"', "9".repeat(60_000)), undefined],
    ["content one byte over", having({ content: "x".repeat(16_385) }), ["content"]],
    ["content over in bytes, not in characters", having({ content: "ä".repeat(8_193) }), ["content"]],
    ["temporaryMessageId empty", having({ temporaryMessageId: "" }), ["temporaryMessageId"]],
    ["temporaryMessageId too long", having({ temporaryMessageId: long }), ["temporaryMessageId"]],
    ["a line break in senderId", having({ senderId: "a\nb" }), ["senderId"]],
    ["a NUL in senderId", having({ senderId: "a\0b" }), ["senderId"]],
    ["a DEL in temporaryMessageId", having({ temporaryMessageId: "a\x7fb" }), ["temporaryMessageId"]],
    ["an escape in temporaryMessageId", having({ temporaryMessageId: "a\x1b[31mb" }), ["temporaryMessageId"]],
  ]) {
    refused(name, post(body), 400, { fields });
  }
  refused("both forms of the key, different",
    post(having({ temporaryMessageId: "a" }), { headers: { "Idempotency-Key": "b" } }), 400);
  refused("an Idempotency-Key too long", post(text, { headers: { "Idempotency-Key": long } }), 400);
  refused("a conversation id too long", post(text, { conversationId: long }), 400, { fields: ["conversationId"] });
  for (const control of ["%00", "%0a", "%0d%0aX:%20y", "%1b", "%7f"]) {
    const target = `/api/conversations/a${control}b/messages`;
    refused(`${control} in the conversation id`, post(text, { target }), 400, { fields: ["conversationId"] });
  }
  refused("every bad field of path, header and body at once",
    post(having({ senderId: "", content: 5 }), { conversationId: long }), 400,
    { fields: ["conversationId", "senderId", "content"] });
  refused("an empty conversation id", post(text, { target: "/api/conversations//messages" }), [400, 404]);
  refused("a conversation that is not there", post(text, { conversationId: "nowhere" }), 404);

  refused("a new conversation with nothing right",
    request("POST", "/api/conversations", { headers: json, body: '{"id":5,"participants":"p","title":[]}' }), 400,
    { fields: ["id", "participants", "title"] });
  refused("participants with nothing right",
    request("POST", "/api/conversations", { headers: json, body: '{"participants":[5,{"id":"a"},{"id":1,"type":"X"}]}' }),
    400);
});

describe("limits", () => {
  test("what is just within them is taken", async () => {
    const id = "k".repeat(128);
    for (const input of [
      post(having({ content: "x".repeat(16_384) })),
      post(having({ senderId: id, temporaryMessageId: id })),
      post(having({ temporaryMessageId: "same" }), { headers: { "Idempotency-Key": "same" } }),
      post(having({ extra: { x: [1, { y: null }] }, more: "kept out" })),
      request("GET", `${path}?x=${"y".repeat(8_192 - "GET ?x= HTTP/1.1\r\n".length - path.length)}`),
      request("GET", path, { headers: { "X-Long": "y".repeat(32_000) } }),
      request("GET", path, { headers: Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`X-${n}`, "y"])) }),
    ]) {
      await connected(service.port, async (connection) => {
        connection.write(input);
        const response = await connection.response();
        assert.ok([200, 202].includes(response?.status), response?.body);
        if (response.status === 202) accepted++;
      });
    }
  });

  const over = "x".repeat(70_000);
  refused("a body over the limit, announced and not sent",
    request("POST", path, { headers: { ...json, "Content-Length": 70_000 } }), 413);
  refusedAndClosed("a body over the limit, sent", post(having({ content: over })), 413);
  refusedAndClosed("a megabyte sent at once", post(having({ content: over.repeat(15) })), 413);
  refusedAndClosed("chunks over the limit", bytes(
    request("POST", path, { headers: { ...json, "Transfer-Encoding": "chunked" } }),
    `8000${CRLF}${"x".repeat(0x8000)}${CRLF}`.repeat(3), `0${CRLF}${CRLF}`), 413);
  refused("a chunk of 16 hex digits", bytes(
    request("POST", path, { headers: { ...json, "Transfer-Encoding": "chunked" } }), `FFFFFFFFFFFFFFFF${CRLF}x`),
    [400, 413]);
  refusedAndClosed("a target too long", request("GET", "/" + "x".repeat(8_192)), 414);
  refusedAndClosed("a request line that never ends", "GET /" + "x".repeat(9_000), 414);
  refusedAndClosed("a target longer than all headers may be", request("GET", "/" + "x".repeat(40_000)), [414, 431]);
  refusedAndClosed("a header too long", request("GET", path, { headers: { "X-Long": "y".repeat(33_000) } }), 431);
  refusedAndClosed("101 headers", request("GET", path, {
    headers: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`X-${n}`, "y"])) }), 431);
  refusedAndClosed("a flood of headers", request("GET", path, {
    headers: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`X-${n}`, "y"])) }), 431);
  refusedAndClosed("a flood of headers that never ends", bytes(`GET ${path} HTTP/1.1${CRLF}Host: a${CRLF}`,
    `X: y${CRLF}`.repeat(20_000)), 431);
  refusedAndClosed("a chunk extension without end", bytes(
    request("POST", path, { headers: { ...json, "Transfer-Encoding": "chunked" } }), `5;${"x".repeat(100_000)}`),
    [400, 413, 431]);
  refusedAndClosed("trailers without end", bytes(
    request("POST", path, { headers: { ...json, "Transfer-Encoding": "chunked" } }), `0${CRLF}`,
    `X: y${CRLF}`.repeat(20_000)), [400, 413, 431]);
});

// C5: nothing is looked up or remembered under an id that nothing can have.
describe("ids that are too long", () => {
  const long = "x".repeat(3_000);
  for (const target of [`/api/conversations/${long}`, `/api/conversations/${long}/messages`,
    `/api/conversations/${long}/messages/${"0".repeat(24)}`, `/api/conversations/${long}/messages/by-temporary-id/x`]) {
    refused(`GET ${target.slice(0, 30)}…${target.slice(-20)}`, request("GET", target), 400, { fields: ["conversationId"] });
  }
  refused("a temporary id", request("GET", `${path}/by-temporary-id/${long}`), 400, { fields: ["temporaryMessageId"] });
});

describe("media type and method", () => {
  for (const charset of ["utf-16", "iso-8859-1", "nonsense", '"utf-16"']) {
    refused(`charset ${charset}`, post(text, { headers: { "Content-Type": `application/json; a=b; charset=${charset}` } }), 415);
  }
  test("a body with Content-Encoding is told how to come", async () => {
    for (const encoding of ["gzip", "br", "deflate", "gzip, identity"]) {
      await connected(service.port, async (connection) => {
        connection.write(post(text, { headers: { "Content-Encoding": encoding } }));
        const response = await connection.response();
        assertProblem(response, 415);
        assert.equal(response.headers.get("accept-encoding"), "identity");
        connection.write(post());
        assert.equal((await connection.response())?.status, 202, "the connection lives on");
        accepted++;
      });
    }
  });

  for (const type of [null, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", "multipart/form-data; boundary=x"]) {
    refused(`Content-Type ${type}`, post(text, { headers: { "Content-Type": type } }), 415);
  }
  for (const method of ["PUT", "PATCH", "DELETE", "FOO", "TRACE"]) {
    refused(`${method} of messages`, request(method, path), 405, { allow: /\bGET\b.*\bPOST\b|\bPOST\b.*\bGET\b/ });
  }
  refused("POST to the metrics", request("POST", "/metrics", { headers: json, body: "{}" }), 405, { allow: /\bGET\b/ });
  refused("GET of negotiate", request("GET", "/hubs/messages/negotiate"), 405, { allow: /\bPOST\b/ });
  refused("a method in lower case", post(text).toString().replace("POST", "post"), [400, 405, 501]);
  refused("CONNECT", request("CONNECT", "example.com:443"), [400, 404, 405, 501]);
  refused("a path that is not there", request("GET", "/nothing/here"), 404);
  refused("a path out of the root", request("GET", "/../../etc/passwd"), [400, 404]);
  refused("a path out of the root, encoded", request("GET", "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd"), [400, 404]);
});

describe("targets", () => {
  for (const target of ["/%", "/%4", "/%zz", "/a%2", "/?a=%zz", "/a#b", "/a\\b", "/a|b", "/ä", '/"', "//[", "noslash", "?a"]) {
    refused(`target ${target}`, request("GET", target), [400, 404]);
  }
  for (const target of ["/%zz", `/api/conversations/%4/messages`, "/api/conversations/a%0g/messages"]) {
    refused(`bad percent-encoding ${target}`, post(text, { target }), 400);
  }
  refused("a blank in the target", request("GET", "/a b"), 400);
  refused("a NUL in the target", request("GET", "/a\0b"), 400);
  refused("a tab in the target", request("GET", "/a\tb"), 400);
});

describe("request lines and headers", () => {
  const get = `GET ${path} HTTP/1.1${CRLF}`;
  const host = `Host: a${CRLF}`;
  for (const [name, input, status] of [
    ["HTTP/0.9", `GET /${CRLF}`, 400],
    ["HTTP/0.9 with an end", `GET /${CRLF}${CRLF}`, 400],
    ["HTTP/2's preface", `PRI * HTTP/2.0${CRLF}${CRLF}SM${CRLF}${CRLF}`, [400, 505]],
    ["HTTP/3.0", request("GET", path, { version: "HTTP/3.0" }), [400, 505]],
    ["HTTP/1.1 in lower case", request("GET", path, { version: "http/1.1" }), 400],
    ["a version without digits", request("GET", path, { version: "HTTP/x.y" }), 400],
    ["TLS where none is spoken", Buffer.from("16030100c8010000c40303", "hex"), 400],
    ["noise", Buffer.from(Array.from({ length: 4_000 }, (_, n) => (n * 7919 + 13) % 256)), 400],
    ["no Host", get + CRLF, 400],
    ["two Hosts", get + host + host + CRLF, 400],
    ["two different Hosts", `${get}${host}Host: b${CRLF}${CRLF}`, 400],
    ["only LF", `GET ${path} HTTP/1.1\nHost: a\n\n`, 400],
    ["LF after one header", `${get}Host: a\n${CRLF}`, 400],
    ["a CR in a value", `${get}${host}X: a\rb${CRLF}${CRLF}`, 400],
    ["a NUL in a value", `${get}${host}X: a\0b${CRLF}${CRLF}`, 400],
    ["a NUL in a name", `${get}${host}X\0: a${CRLF}${CRLF}`, 400],
    ["a blank before the colon", `${get}${host}X : a${CRLF}${CRLF}`, 400],
    ["a header without a colon", `${get}${host}nonsense${CRLF}${CRLF}`, 400],
    ["a header without a name", `${get}${host}: a${CRLF}${CRLF}`, 400],
    ["a line that continues the request line", `${get} X: a${CRLF}${host}${CRLF}`, 400],
    ["two blanks in the request line", `GET  ${path} HTTP/1.1${CRLF}${host}${CRLF}`, 400],
    ["something behind the version", `GET ${path} HTTP/1.1 x${CRLF}${host}${CRLF}`, 400],
    ["a header that goes over two lines", `${get}${host}X: a${CRLF} b${CRLF}${CRLF}`, 400],
    ["a Host with a blank", `${get}Host: a b${CRLF}${CRLF}`, 400],
    ["a Host with a comma", `${get}Host: a,b${CRLF}${CRLF}`, 400],
    ["a Host with a slash", `${get}Host: a/b${CRLF}${CRLF}`, 400],
    ["a Host with a user", `${get}Host: u@a${CRLF}${CRLF}`, 400],
    ["a Host that is not ASCII", `${get}Host: \u00e9${CRLF}${CRLF}`, 400],
    ["an absolute target with a user", `GET http://u@a/ HTTP/1.1${CRLF}${host}${CRLF}`, 400],
    ["nothing but a blank line and noise", `${CRLF}\x01\x02${CRLF}${CRLF}`, 400],
  ]) {
    refusedAndClosed(name, input, status);
  }
});

describe("lengths that could be read in two ways", () => {
  const start = `POST ${path} HTTP/1.1${CRLF}Host: a${CRLF}Content-Type: application/json${CRLF}`;
  const hidden = `GET /health/live HTTP/1.1${CRLF}Host: a${CRLF}${CRLF}`; // must never be answered
  const length = `Content-Length: ${text.length}${CRLF}`;
  const chunked = `Transfer-Encoding: chunked${CRLF}`;
  const oneChunk = `${text.length.toString(16)}${CRLF}${text}${CRLF}0${CRLF}${CRLF}`;
  const withLength = (value) => `${start}Content-Length: ${value}${CRLF}${CRLF}${text}${hidden}`;
  const withCoding = (value) => `${start}Transfer-Encoding: ${value}${CRLF}${CRLF}${oneChunk}${hidden}`;
  const withChunks = (chunks) => `${start}${chunked}${CRLF}${chunks}${hidden}`;
  for (const [name, input, status] of [
    ["two equal Content-Lengths", `${start}${length}${length}${CRLF}${text}${hidden}`, 400],
    ["two different Content-Lengths", `${start}Content-Length: 3${CRLF}${length}${CRLF}${text}${hidden}`, 400],
    ["a list of equal Content-Lengths", withLength(`${text.length}, ${text.length}`), 400],
    ["a list of different Content-Lengths", withLength(`3, ${text.length}`), 400],
    ["Content-Length with a plus", withLength(`+${text.length}`), 400],
    ["Content-Length below zero", withLength("-1"), 400],
    ["Content-Length in hex", withLength("0x50"), 400],
    ["Content-Length with a fraction", withLength(`${text.length}.0`), 400],
    ["Content-Length without a number", withLength("many"), 400],
    ["Content-Length empty", withLength(""), 400],
    ["Content-Length beyond 64 bits", withLength("18446744073709551617"), [400, 413]],
    ["a blank before Content-Length's colon", `${start}Content-Length : ${text.length}${CRLF}${CRLF}${text}${hidden}`, 400],
    ["Content-Length with Transfer-Encoding", `${start}${length}${chunked}${CRLF}${oneChunk}${hidden}`, 400],
    ["Transfer-Encoding with Content-Length", `${start}${chunked}Content-Length: 4${CRLF}${CRLF}${oneChunk}${hidden}`, 400],
    ["Content-Length 0 with Transfer-Encoding", `${start}Content-Length: 0${CRLF}${chunked}${CRLF}${oneChunk}${hidden}`, 400],
    ["an unknown coding", withCoding("xchunked"), [400, 501]],
    ["gzip below chunked", withCoding("gzip, chunked"), [400, 501]],
    ["chunked twice", withCoding("chunked, chunked"), [400, 501]],
    ["chunked not last", withCoding("chunked, identity"), [400, 501]],
    ["identity", withCoding("identity"), [400, 501]],
    ["chunked in quotes", withCoding('"chunked"'), [400, 501]],
    ["a vertical tab before chunked", withCoding("\x0bchunked"), [400, 501]],
    ["two Transfer-Encodings", `${start}${chunked}${chunked}${CRLF}${oneChunk}${hidden}`, [400, 501]],
    ["two Transfer-Encodings, one unknown", `${start}${chunked}Transfer-Encoding: x${CRLF}${CRLF}${oneChunk}${hidden}`, [400, 501]],
    ["a blank before Transfer-Encoding's colon", `${start}Transfer-Encoding : chunked${CRLF}${CRLF}${oneChunk}${hidden}`, 400],
    ["Transfer-Encoding in a folded line", `${start}Transfer-Encoding:${CRLF} chunked${CRLF}${length}${CRLF}${text}${hidden}`, 400],
    ["Transfer-Encoding behind a lone LF", `${start}X: y\nTransfer-Encoding: chunked${CRLF}${CRLF}${oneChunk}${hidden}`, 400],
    ["a chunk size that is none", withChunks(`zz${CRLF}${text}${CRLF}0${CRLF}${CRLF}`), 400],
    ["a chunk size below zero", withChunks(`-5${CRLF}${text}${CRLF}0${CRLF}${CRLF}`), 400],
    ["a chunk size with 0x", withChunks(`0x5${CRLF}${text}${CRLF}0${CRLF}${CRLF}`), 400],
    ["an empty chunk size", withChunks(`${CRLF}${text}${CRLF}0${CRLF}${CRLF}`), 400],
    ["a chunk size beyond 64 bits", withChunks(`10000000000000005${CRLF}${text}${CRLF}0${CRLF}${CRLF}`), [400, 413]],
    ["a chunk longer than its size", withChunks(`5${CRLF}${text}${CRLF}0${CRLF}${CRLF}`), 400],
    ["a chunk size that ends with LF", withChunks(`${text.length.toString(16)}\n${text}${CRLF}0${CRLF}${CRLF}`), 400],
    ["a chunk's extension that ends with LF", withChunks(`${text.length.toString(16)};a\n${text}${CRLF}0${CRLF}${CRLF}`), 400],
    ["a trailer that is none", withChunks(`${text.length.toString(16)}${CRLF}${text}${CRLF}0${CRLF}no colon${CRLF}${CRLF}`), 400],
    ["chunked with HTTP/1.0", withCoding("chunked").replace("HTTP/1.1", "HTTP/1.0"), 400],
    ["a chunk that ends with LF", withChunks(`${text.length.toString(16)}${CRLF}${text}\n0${CRLF}${CRLF}`), 400],
  ]) {
    refusedAndClosed(name, input, status);
  }
});

describe("bodies that never come to their end", () => {
  for (const [name, input] of [
    ["a body cut off", post(text).subarray(0, -5)],
    ["headers cut off", post(text).subarray(0, 60)],
    ["a request line cut off", "POS"],
    ["chunks cut off", bytes(request("POST", path, { headers: { ...json, "Transfer-Encoding": "chunked" } }), "5\r\nab")],
    ["nothing at all", ""],
  ]) {
    test(name, async () => {
      await connected(service.port, async (connection) => {
        connection.write(input);
        connection.endWriting();
        const response = await connection.response({ timeoutMs: 8_000 }); // before Http:HeaderTimeoutMs
        if (response !== null) assertProblem(response, [400, 408]); // to say nothing is right as well
        await connection.closed();
      });
      await livesOn();
    });
  }

  test("a hundred connections that end in the middle of a request", async () => {
    await Promise.all(Array.from({ length: 100 }, (_, n) => connected(service.port, async (connection) => {
      connection.write(post(text).subarray(0, 1 + n));
    })));
    await livesOn();
  });
});

test("of all this only the good messages were stored, and the service is still ready", async () => {
  assert.equal((await get(service, "/health/ready")).status, 200);
  const stored = await until("all of them stored", async () => {
    const messages = await history(service);
    return messages.length >= accepted && messages;
  });
  assert.equal(stored.length, accepted);
});
