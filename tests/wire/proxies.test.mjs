// A browser behind a proxy: the page's own origin is recognised, or the refusal says what to set.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { negotiate, upgradeRequest } from "../support/hub.mjs";
import { RawConnection } from "../support/http.mjs";
import { startNginx, withoutNginx } from "../support/nginx.mjs";
import { sharedScope, startService } from "../support/service.mjs";

/** The answer to a page of `origin` that opens a WebSocket on this port. */
async function open(t, service, port, headers) {
  const { connectionToken } = await negotiate(service);
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  connection.write(upgradeRequest(`?id=${connectionToken}`, headers));
  const head = await connection.received("\r\n\r\n");
  const [, status, length] = head.match(/^HTTP\/1\.1 (\d+)[^]*?(?:Content-Length: (\d+)|$)/i);
  const body = length ? (await connection.bytes(Number(length))).toString() : "";
  return { status: Number(status), body };
}

function assertHint({ status, body }) {
  assert.equal(status, 403);
  assert.match(body, /Cors:AllowedOrigins/);
  assert.match(body, /ForwardedHeaders:KnownProxies/);
}

describe("without a proxy", () => {
  let service;
  const scope = sharedScope();
  before(async () => (service = await startService(scope)));

  for (const [origin, host] of [["https://x", "x:443"], ["https://x:443", "x"], ["http://x", "x:80"], ["https://x", "x"],
    ["http://X:5005", "x:5005"], ["http://[::1]:5005", "[::1]:5005"]]) {
    test(`a page of ${origin} is our own at Host ${host}`, async (t) => {
      assert.equal((await open(t, service, service.port, { Origin: origin, Host: host })).status, 101);
    });
  }
  for (const [origin, host] of [["https://x:8443", "x"], ["http://x", "x:443"], ["https://evil", "x"], ["null", "x"]]) {
    test(`a page of ${origin} is not at Host ${host}, and is told what to set`, async (t) => {
      assertHint(await open(t, service, service.port, { Origin: origin, Host: host }));
    });
  }
  test("what a stranger says was forwarded counts for nothing", async (t) => {
    assertHint(await open(t, service, service.port, { Origin: "https://chat.example", Host: "x",
      "X-Forwarded-Host": "chat.example", "X-Forwarded-Proto": "https" }));
  });
  test("the authority of an absolute target counts, and not Host", async (t) => {
    const { connectionToken } = await negotiate(service);
    for (const [authority, host, status] of [["x", "evil", 101], ["evil", "x", 403]]) {
      const connection = await RawConnection.open(service.port);
      t.after(() => connection.close());
      connection.write(upgradeRequest(`?id=${connectionToken}`, { Origin: "http://x", Host: host }).toString()
        .replace("GET /", `GET http://${authority}/`));
      assert.match(await connection.received("\r\n\r\n"), new RegExp(`^HTTP/1.1 ${status} `));
    }
  });
});

test("Cors:AllowedOrigins=* allows any page", async (t) => {
  const service = await startService(t, { settings: { "Cors:AllowedOrigins": "*" } });
  assert.equal((await open(t, service, service.port, { Origin: "https://anybody.example" })).status, 101);
  const response = await fetch(`${service.url}/health/live`, { headers: { Origin: "https://anybody.example" } });
  assert.equal(response.headers.get("access-control-allow-origin"), "https://anybody.example");
});

describe("behind nginx", { skip: withoutNginx }, () => {
  const page = { Origin: "https://chat.example", Host: "chat.example" };
  const forwarded = `
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto https;
    proxy_set_header X-Forwarded-Host $http_host;`;

  test("a proxy that passes Host on needs no setting", async (t) => {
    const service = await startService(t);
    const [passes, strips, replaces] = await startNginx(t, service,
      ["proxy_set_header Host $http_host;", "proxy_set_header Host $host;", forwarded]);
    assert.equal((await open(t, service, passes, page)).status, 101);
    assert.equal((await open(t, service, strips, page)).status, 101, "the port of https is the default one");
    const withPort = { Origin: "https://chat.example:8443", Host: "chat.example:8443" };
    assert.equal((await open(t, service, passes, withPort)).status, 101);
    assertHint(await open(t, service, strips, withPort));
    assertHint(await open(t, service, replaces, page)); // it is not known
  });

  test("a known proxy may say which host the page asked for", async (t) => {
    for (const setting of [{ "ForwardedHeaders:KnownProxies": "127.0.0.1" }, { "ForwardedHeaders:KnownNetworks": "127.0.0.0/8" }]) {
      const service = await startService(t, { settings: setting });
      const [port] = await startNginx(t, service, [forwarded]);
      assert.equal((await open(t, service, port, page)).status, 101);
      assertHint(await open(t, service, port, { ...page, Origin: "https://evil.example" }));
      assertHint(await open(t, service, port, { ...page, Origin: "http://chat.example" })); // the scheme is known now
      const response = await fetch(`http://127.0.0.1:${port}/health/live`);
      assert.equal(response.status, 200);
    }
  });

  test("AllowedHosts are those that the page asked for", async (t) => {
    const service = await startService(t, { settings: { "ForwardedHeaders:KnownProxies": "127.0.0.1", AllowedHosts: "chat.example;127.0.0.1" } });
    const [port] = await startNginx(t, service, [forwarded]);
    assert.equal((await open(t, service, port, page)).status, 101);
    assert.equal((await open(t, service, port, { Origin: "https://evil.example", Host: "evil.example" })).status, 400);
  });
});
