// The worst that one parser or one queue can be sent: {first: the bytes that open a connection, again: those that are sent
// over and over; nothing where the opening is answered and done}.
import { deflateRawSync } from "node:zlib";
import { HUB, negotiate } from "../../support/hub.mjs";

const masked = (opcode, payload = Buffer.alloc(0), { fin = true, compressed = false } = {}) => {
  const size = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode, ...size, 0, 0, 0, 0]), payload]);
};
const repeated = (bytes, atLeast = 1 << 16) => Buffer.concat(Array(Math.ceil(atLeast / bytes.length)).fill(Buffer.from(bytes)));
const upgrade = (protocol, extensions = "") => async (service) => {
  const { connectionToken } = await negotiate(service);
  const head = `GET ${HUB}?id=${connectionToken} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${extensions}\r\n`;
  return Buffer.concat([Buffer.from(head), masked(1, Buffer.from(`{"protocol":"${protocol}","version":1}\x1e`))]);
};
const json = (message) => masked(1, Buffer.from(`${message}\x1e`));
const varint = (n) => (n < 128 ? [n] : n < 16_384 ? [(n & 127) | 128, n >> 7] : [(n & 127) | 128, ((n >> 7) & 127) | 128, n >> 14]);
const binary = (message) => masked(2, Buffer.concat([Buffer.from(varint(message.length)), Buffer.from(message)]));
const nils = Buffer.concat([Buffer.from([0x96, 1, 0x80, 0xc0, 0xa1, 0x41, 0xdc, 0x7d, 0x00]), Buffer.alloc(32_000, 0xc0), Buffer.from([0x90])]);
const bomb = (() => {
  const squeezed = deflateRawSync(Buffer.from('{"type":6}\x1e'.repeat(2_900)), { finishFlush: 2 });
  return masked(1, squeezed.subarray(0, -4), { compressed: true });
})();
const post = (headers, body = "") => `POST /api/conversations/conv-123/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;
const sized = (body) => post(`Content-Length: ${Buffer.byteLength(body)}\r\n`, body);

/** A long-polling connection's POSTs of up to 1 MiB. */
const longPolling = (protocol, body) => async (service) => {
  const { connectionToken } = await negotiate(service);
  const url = `${service.url}${HUB}?id=${connectionToken}`;
  const poll = fetch(url);
  await fetch(url, { method: "POST", body: `{"protocol":"${protocol}","version":1}\x1e` });
  await poll;
  for (let polls = 0; polls < 2; polls += 1) fetch(url).catch(() => {});
  return `POST ${HUB}?id=${connectionToken} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};
const pings = "\x02\x91\x06".repeat(349_000);
const jsonPings = '{"type":6}\x1e'.repeat(95_000);

export const shapes = {
  "long polling: a megabyte of MessagePack pings": { first: longPolling("messagepack", pings), again: "" },
  "long polling: a megabyte of JSON pings": { first: longPolling("json", jsonPings), again: "" },
  "the hub's POST: megabytes without a connection": { again: repeated(`POST ${HUB}?id=none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n${"x".repeat(1 << 20)}`) },
  "WebSocket: empty continuation frames": { first: upgrade("json"), again: Buffer.concat([masked(1, Buffer.alloc(0), { fin: false }), repeated(masked(0, Buffer.alloc(0), { fin: false }), 1 << 20)]) },
  "WebSocket: pings": { first: upgrade("json"), again: repeated(masked(9)) },
  "WebSocket: frames of one byte": { first: upgrade("json"), again: Buffer.concat([masked(1, Buffer.from("x"), { fin: false }), repeated(masked(0, Buffer.from("x"), { fin: false }), 1 << 17)]) },
  "hub, JSON: pings": { first: upgrade("json"), again: repeated(json('{"type":6}')) },
  "hub, JSON: invocations of a method that is not there": { first: upgrade("json"), again: repeated(json('{"type":1,"invocationId":"1","target":"x","arguments":[]}')) },
  "hub, JSON: nested arguments": { first: upgrade("json"), again: json(`{"type":1,"invocationId":"1","target":"JoinConversation","arguments":[${"[".repeat(16_000)}${"]".repeat(16_000)}]}`) },
  "hub, JSON: joins of unknown conversations of 32 KB": { first: upgrade("json"), again: json(`{"type":1,"invocationId":"1","target":"JoinConversation","arguments":["${"x".repeat(32_000)}"]}`) },
  "hub, MessagePack: 32,000 nils as arguments": { first: upgrade("messagepack"), again: binary(nils) },
  "hub, MessagePack: pings": { first: upgrade("messagepack"), again: repeated(binary([0x91, 6])) },
  "deflate: pings, a hundredfold": { first: upgrade("json", "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n"), again: repeated(bomb) },
  "HTTP: heads of one-letter headers": { again: repeated(`GET /health/live HTTP/1.1\r\nHost: localhost\r\n${"a:\r\n".repeat(90)}\r\n`) },
  "HTTP: long paths and queries": { again: repeated(`GET /api/conversations/${"%41".repeat(1000)}/messages?${"a&".repeat(400)} HTTP/1.1\r\nHost: localhost\r\n\r\n`) },
  "HTTP: chunks of one byte": { again: repeated(post("Transfer-Encoding: chunked\r\n", `${"1;x=y\r\n \r\n".repeat(5_000)}0\r\n\r\n`)) },
  "JSON: members that nobody reads": { again: repeated(sized(`{${'"a":[{}],'.repeat(6_000)}"b":1}`)) },
  "JSON: escapes": { again: repeated(sized(`{"senderId":"x","senderType":"Nobody","content":"${"\\u0001".repeat(2_500)}"}`)) },
  "posts without reading the answers": { again: repeated(sized('{"senderId":"x","senderType":"Nobody","content":""}')) },
};
