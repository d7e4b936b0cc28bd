// Pages and descriptions as a browser gets them: compressed as it asks for, and not again while they are the same.
import assert from "node:assert/strict";
import http from "node:http";
import { before, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { sharedScope, startService } from "../support/service.mjs";

const scope = sharedScope();
let service;
before(async () => (service = await startService(scope)));

/** `{status, headers, body}` with the body's bytes as they came; fetch() would decode them. */
function get(path, headers = {}, method = "GET") {
  return new Promise((resolve, reject) => {
    http.request(service.url + path, { method, headers, agent: false }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
      response.on("error", reject);
    }).on("error", reject).end();
  });
}

const decoders = { br: brotliDecompressSync, gzip: gunzipSync, undefined: (body) => body };
const decoded = ({ headers, body }) => decoders[headers["content-encoding"]](body);

/** The page and all that it names. */
async function filesOf(page) {
  const html = (await get(page)).body.toString();
  return [page, ...[...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, name]) => `/${name}`)];
}

const paths = async () => [...new Set([...(await filesOf("/")), ...(await filesOf("/docs")), "/openapi.json", "/asyncapi.json"])];
const browsers = "gzip, deflate, br, zstd";

test("every file comes in the encoding that is asked for, with the same content", async () => {
  for (const path of await paths()) {
    const plain = await get(path);
    assert.equal(plain.status, 200, path);
    assert.equal(plain.headers["content-encoding"], undefined, path);
    const etags = new Set([plain.headers.etag]);
    for (const coding of ["br", "gzip"]) {
      const answer = await get(path, { "Accept-Encoding": coding });
      assert.equal(answer.status, 200);
      assert.deepEqual(decoded(answer), plain.body, `${path} ${coding}`);
      for (const name of ["content-type", "cache-control", "content-security-policy", "vary"]) {
        assert.equal(answer.headers[name], plain.headers[name], `${path} ${name}`);
      }
      assert.equal(answer.headers.vary, "Accept-Encoding");
      assert.equal(Number(answer.headers["content-length"]), answer.body.length);
      if (plain.body.length > 1000) {
        assert.equal(answer.headers["content-encoding"], coding, path);
        assert.ok(answer.body.length < plain.body.length / 2 || path === "/" || path === "/docs", path);
        etags.add(answer.headers.etag);
      }
    }
    assert.equal(etags.size, plain.body.length > 1000 ? 3 : 1, `${path}: other bytes, another ETag`);
  }
});

test("Accept-Encoding is read as RFC 9110 has it", async () => {
  const rows = [
    [undefined, 200, undefined],
    ["", 200, undefined],
    ["br", 200, "br"],
    ["gzip", 200, "gzip"],
    [browsers, 200, "br"],
    ["*", 200, "br"],
    ["br;q=0, *", 200, "gzip"],
    ["gzip;q=1, br;q=0.5", 200, "gzip"],
    ["identity, br;q=0.5", 200, undefined],
    ["deflate", 200, undefined],
    ["identity;q=0", 406, undefined],
    ["identity;q=0, gzip", 200, "gzip"],
    ["*;q=0", 406, undefined],
  ];
  for (const [header, status, coding] of rows) {
    const answer = await get("/openapi.json", header === undefined ? {} : { "Accept-Encoding": header });
    assert.equal(answer.status, status, header);
    assert.equal(answer.headers["content-encoding"], coding, header);
    assert.equal(answer.headers.vary, "Accept-Encoding", header);
  }
});

test("what a browser has it is not sent again", async () => {
  for (const path of await paths()) {
    for (const coding of ["br", "gzip", "identity"]) {
      const first = await get(path, { "Accept-Encoding": coding });
      const hashed = path.startsWith("/assets/");
      assert.equal(first.headers["cache-control"], hashed ? "public, max-age=31536000, immutable" : "no-cache", path);
      for (const tag of [first.headers.etag, `"other", W/${first.headers.etag}`]) {
        const again = await get(path, { "Accept-Encoding": coding, "If-None-Match": tag });
        assert.equal(again.status, 304, `${path} ${coding}`);
        assert.equal(again.body.length, 0);
        for (const name of ["etag", "cache-control", "vary"]) assert.equal(again.headers[name], first.headers[name]);
      }
      const changed = await get(path, { "Accept-Encoding": coding, "If-None-Match": '"0123456789abcdef"' });
      assert.equal(changed.status, 200);
    }
  }
  const brotli = await get("/", { "Accept-Encoding": "br" });
  const gzip = await get("/", { "Accept-Encoding": "gzip", "If-None-Match": brotli.headers.etag });
  assert.equal(gzip.status, 200, "the ETag is that of the other bytes");
});

test("HEAD says what GET would", async () => {
  const whole = await get("/docs", { "Accept-Encoding": "br" });
  const head = await get("/docs", { "Accept-Encoding": "br" }, "HEAD");
  assert.equal(head.status, 200);
  assert.equal(head.body.length, 0);
  for (const name of ["content-length", "content-encoding", "etag"]) assert.equal(head.headers[name], whole.headers[name]);
});

test("a slash at the end leads to the page, whose addresses are relative", async () => {
  const { status, headers } = await get("/docs/");
  assert.equal(status, 308);
  assert.equal(new URL(headers.location, `${service.url}/docs/`).pathname, "/docs");
});

test("the chat page is small on the wire", async (t) => {
  let bytes = 0;
  for (const path of await filesOf("/")) bytes += (await get(path, { "Accept-Encoding": browsers })).body.length;
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes <= 200_000, `${bytes}`);
});

test("the figures are compressed for who takes that", async (t) => {
  const plain = await get("/metrics");
  assert.equal(plain.headers["content-encoding"], undefined);
  assert.match(plain.body.toString(), /^message_service_ready 1$/m);
  for (const accepts of ["gzip", browsers]) {
    const packed = await get("/metrics", { "Accept-Encoding": accepts });
    assert.equal(packed.headers["content-encoding"], "gzip", accepts);
    assert.equal(packed.headers.vary, "Accept-Encoding");
    assert.equal(packed.headers["content-type"], plain.headers["content-type"]);
    assert.match(decoded(packed).toString(), /^message_service_ready 1$/m);
    assert.ok(packed.body.length < plain.body.length / 5, `${packed.body.length} of ${plain.body.length} bytes`);
    t.diagnostic(`${packed.body.length} of ${plain.body.length} bytes`);
  }
  for (const accepts of ["identity", "gzip;q=0", "br"]) {
    assert.equal((await get("/metrics", { "Accept-Encoding": accepts })).headers["content-encoding"], undefined, accepts);
  }
});
