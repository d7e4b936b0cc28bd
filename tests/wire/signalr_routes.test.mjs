// Every route of the fixture, by Microsoft's client of three versions on every transport, and by plain requests.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { buildConnection, connect, failure, kinds, startFixture, upgrade, versions } from "../support/conformance.mjs";
import { OPCODE, frame } from "../support/hub.mjs";
import { WAIT_MS, sharedScope, sleep, until, within } from "../support/service.mjs";

let fixture;
const scope = sharedScope();
before(async () => {
  fixture = await startFixture(scope);
});

const request = (path, options) => fetch(fixture.url + path, { signal: AbortSignal.timeout(WAIT_MS), redirect: "manual", ...options });
const text = async (path, options) => (await request(path, options)).text();

describe("the plain routes", () => {
  test("negotiation offers what the hub has, and gives cookies", async () => {
    const transportsOf = async (path) =>
      (await (await request(`${path}/negotiate?negotiateVersion=1`, { method: "POST" })).json()).availableTransports
        .map(({ transport, transferFormats }) => `${transport} ${transferFormats}`);
    assert.deepEqual(await transportsOf("/testhub"), ["WebSockets Text,Binary", "ServerSentEvents Text", "LongPolling Text,Binary"]);
    assert.deepEqual(await transportsOf("/TestHub-NoWebSockets"), ["ServerSentEvents Text", "LongPolling Text,Binary"]);
    const cookies = (await request("/testhub/negotiate", { method: "POST" })).headers.getSetCookie();
    assert.deepEqual(cookies.map((cookie) => cookie.split(";")[0]),
      ["testCookie=testValue", "testCookie2=testValue2", "expiredCookie=doesntmatter"]);
    assert.ok(new Date(cookies[2].match(/expires=([^;]+)/i)[1]) < new Date());
  });

  test("a redirect counts itself", async () => {
    const ask = async () => (await request("/redirect/negotiate?numRedirects=0&baseUrl=http://elsewhere", { method: "POST" })).json();
    const number = ({ url }) => Number(url.match(/^http:\/\/elsewhere\/testHub\?numRedirects=(\d+)$/)[1]);
    assert.equal(number(await ask()) + 1, number(await ask()));
  });

  test("tokens, deployment, and what goes wrong on purpose", async () => {
    assert.match(await text("/generateJwtToken"), /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.equal(typeof (await (await request("/deployment")).json()), "object");
    const bad = await request("/bad-negotiate/negotiate", { method: "POST" });
    assert.deepEqual([bad.status, await bad.text()], [400, "Some response from server"]);
    const moved = await request("/echoredirect/negotiate?negotiateVersion=1", { method: "POST" });
    assert.deepEqual([moved.status, moved.headers.get("location")], [307, `${fixture.url}/echo/negotiate?negotiateVersion=1`]);
  });

  test("without a token there is an empty 401, whatever is asked", async () => {
    const paths = [["/authorizedhub/negotiate?negotiateVersion=1", "POST"], ["/authorizedhub?id=x", "GET"],
                   ["/authorizedhub?id=x", "POST"], ["/authorizedhub?id=x", "DELETE"]];
    for (const [path, method] of paths) {
      for (const headers of [{}, { Authorization: "Bearer a.b.c" }, { Authorization: "Basic eHl6" }]) {
        const response = await request(path, { method, headers });
        assert.deepEqual([response.status, response.statusText, await response.text()], [401, "Unauthorized", ""]);
      }
    }
  });

  test("a forged token is none", async () => {
    const [header, payload, signature] = (await text("/generateJwtToken")).split(".");
    const changed = JSON.parse(Buffer.from(payload, "base64url"));
    changed.exp += 1_000_000;
    const forged = `${header}.${Buffer.from(JSON.stringify(changed)).toString("base64url")}.${signature}`;
    const ask = (token) => request("/authorizedhub/negotiate", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    assert.equal((await ask(forged)).status, 401);
    assert.equal((await ask(`${header}.${payload}.${signature}`)).status, 200);
  });

  test("pages of other origins are let in, also to what fails", async () => {
    const headers = { Origin: "http://page.example", "Access-Control-Request-Method": "POST",
                      "Access-Control-Request-Headers": "x-requested-with,x-signalr-user-agent" };
    const preflight = await request("/testhub/negotiate", { method: "OPTIONS", headers });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), "http://page.example");
    assert.equal(preflight.headers.get("access-control-allow-credentials"), "true");
    assert.equal(preflight.headers.get("access-control-allow-headers"), "x-requested-with,x-signalr-user-agent");
    for (const path of ["/authorizedhub/negotiate", "/testhub?id=unknown", "/bad-negotiate/negotiate"]) {
      const response = await request(path, { method: "POST", headers: { Origin: "http://page.example" } });
      assert.ok(response.status >= 400);
      assert.equal(response.headers.get("access-control-allow-origin"), "http://page.example", path);
    }
  });
});

describe("bytes without a hub, on a bare WebSocket", () => {
  const MIB = 1 << 20;
  const open = (t) => upgrade(t, fixture, "/echo", { Cookie: "testCookie=testValue" });
  const echoes = async (socket, count) => {
    const texts = [];
    while (texts.length < count) texts.push((await socket.frame()).payload.toString());
    return texts;
  };

  test("each message comes back as one, whatever its size and however it was cut", async (t) => {
    const socket = await open(t);
    const sizes = [0, 1, 65_535, 65_536, 65_537, 200_000, MIB];
    const texts = sizes.map((size) => "é".repeat(size / 2).padEnd(size - (size >> 1), "."));
    for (const text of texts) {
      socket.write(frame(text));
      assert.deepEqual(await echoes(socket, 1), [text]);
    }
    const bytes = Buffer.from("á".repeat(100_000));
    socket.write(frame(bytes.subarray(0, 70_001), { fin: false })); // in the middle of a letter
    socket.write(frame(bytes.subarray(70_001, 70_002), { fin: false, opcode: OPCODE.continuation }));
    socket.write(frame(bytes.subarray(70_002), { opcode: OPCODE.continuation }));
    assert.deepEqual(await echoes(socket, 1), [bytes.toString()]);
  });

  test("many at once come back one by one, also to who reads late", async (t) => {
    const socket = await open(t);
    const texts = Array.from({ length: 400 }, (_, n) => `${n} `.repeat(n % 40 === 0 ? 20_000 : n % 3));
    socket.connection.pause();
    socket.write(Buffer.concat(texts.map((text) => frame(text))));
    await sleep(1_000);
    socket.connection.resume();
    assert.deepEqual(await echoes(socket, texts.length), texts);
  });

  test("a message that is too long ends the connection: 1009", async (t) => {
    const socket = await open(t);
    socket.write(frame("x".repeat(MIB + 1)));
    assert.equal((await socket.frame()).opcode, OPCODE.close);
    assert.equal(socket.closeCode, 1009);
  });
});

for (const version of versions) {
  for (const { name, transport, protocol } of kinds) {
    describe(`${version.name}: ${name}`, () => {
      const options = { version, transport, protocol };

      test("is redirected", async (t) => {
        const path = `/redirect?numRedirects=0&baseUrl=${encodeURIComponent(fixture.url)}`;
        const connection = await connect(t, fixture, { ...options, path });
        assert.ok((await connection.invoke("GetNumRedirects")) > 0);
      });

      test("calls an authorised hub with a token, and is refused without", async (t) => {
        const refused = buildConnection(fixture, { ...options, path: "/authorizedhub" });
        assert.match(await failure(refused.start()), /Unauthorized.*401|401.*Unauthorized/);
        const http = { accessTokenFactory: () => text("/generateJwtToken") };
        const connection = await connect(t, fixture, { ...options, path: "/authorizedhub", http });
        assert.equal(await connection.invoke("Echo", "let in"), "let in");
      });

      test("is told why a hub cannot be made", async () => {
        const connection = buildConnection(fixture, { ...options, path: "/uncreatable" });
        const closed = new Promise((done) => connection.onclose((error) => done(error?.message)));
        const started = connection.start().then(() => closed, (error) => error.message); // the start fails or the end tells
        assert.equal(await within("the end", started),
          "Server returned an error on close: Connection closed with an error. InvalidOperationException: Unable to resolve " +
          "service for type 'System.Object' while attempting to activate 'FunctionalTests.UncreatableHub'.");
      });

      test("falls back where there are no WebSockets", { skip: transport !== "WebSockets" }, async (t) => {
        const path = "/testhub-nowebsockets";
        assert.match(await failure(buildConnection(fixture, { ...options, path }).start()), /any of the available transports/);
        const connection = await connect(t, fixture, { ...options, transport: undefined, path });
        const expected = protocol === "json" ? "ServerSentEvents" : "LongPolling"; // events carry text only
        assert.equal(await connection.invoke("GetActiveTransportName"), expected);
      });
    });
  }

  describe(`${version.name}: bytes without a hub`, () => {
    const { HttpConnection } = version.inner("HttpConnection");
    const { HttpTransportType, LogLevel, TransferFormat } = version.signalR;

    const open = async (t, path, transport) => {
      const headers = { Cookie: "testCookie=testValue" };
      const connection = new HttpConnection(fixture.url + path, { transport, logger: LogLevel.None, headers });
      connection.echoes = [];
      connection.onreceive = (data) => connection.echoes.push(data);
      connection.closed = new Promise((done) => (connection.onclose = (error) => done(error ?? null)));
      t.after(() => connection.stop());
      await within("start", connection.start(TransferFormat.Text));
      return connection;
    };
    const echoes = async (connection, message) => {
      connection.echoes = [];
      await connection.send(message);
      await until("the echo", () => connection.echoes.join("") === message);
      assert.equal(connection.echoes.length, 1, "in one piece");
    };
    const ends = async (connection) => {
      await connection.stop();
      assert.equal(await within("the end", connection.closed), null);
    };

    for (const transport of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
      test(`echo over ${transport}`, async (t) => {
        const connection = await open(t, "/echo", HttpTransportType[transport]);
        for (const message of ["Hello World!", "你好", "x".repeat(20_000), "你".repeat(300_000)]) await echoes(connection, message);
        await ends(connection);
      });
    }

    // No WebSocket goes after a redirect, so that the first offer does not hold.
    for (const transports of [["ServerSentEvents"], ["LongPolling"], ["WebSockets", "ServerSentEvents", "LongPolling"]]) {
      test(`a redirect is followed with ${transports.join(", ")} to choose from`, async (t) => {
        const mask = transports.reduce((all, transport) => all | HttpTransportType[transport], 0);
        const connection = await open(t, "/echoredirect", mask);
        await echoes(connection, "Hello World!");
        await ends(connection);
      });
    }
  });
}
