// Where the service listens, and how ASP.NET Core's own ways to say so are taken.

import assert from "node:assert/strict";
import { createServer, connect } from "node:net";
import { describe, test } from "node:test";
import { connected, request } from "../support/http.mjs";
import { runVerb, startService, temporaryFolder } from "../support/service.mjs";

const hasIpv6 = await new Promise((done) => {
  const probe = createServer().once("error", () => done(false));
  probe.listen(0, "::1", () => probe.close(() => done(true)));
});

const urlsOf = (service) => [...service.stdout.matchAll(/^Now listening on: (.*)$/gm)].map(([, url]) => url);

/** Whether something takes connections there. */
const isOpen = (host, port) => new Promise((done) => {
  const socket = connect({ host, port }, () => {
    socket.destroy();
    done(true);
  }).once("error", () => done(false));
});

async function assertLive(url) {
  const response = await fetch(`${url}/health/live`);
  assert.equal(response.status, 200, url);
}

describe("Urls", () => {
  test("localhost is 127.0.0.1 and ::1", async (t) => {
    const service = await startService(t, { settings: { Urls: "http://localhost:0" } });
    const urls = urlsOf(service);
    assert.deepEqual(urls, [`http://127.0.0.1:${service.port}`, ...(hasIpv6 ? [`http://[::1]:${service.port}`] : [])]);
    for (const url of urls) await assertLive(url);
  });

  for (const host of ["*", "+"]) {
    test(`${host} is every address of both families`, async (t) => {
      const service = await startService(t, { settings: { Urls: `http://${host}:0`, "Auth:AllowAnonymous": true } });
      await assertLive(`http://127.0.0.1:${service.port}`);
      assert.ok(await isOpen("127.0.0.2", service.port));
      if (hasIpv6) await assertLive(`http://[::1]:${service.port}`);
    });
  }

  test("may be a list, and names are looked up", async (t) => {
    const service = await startService(t, { settings: { Urls: "http://127.0.0.1:0;http://127.0.0.2:0; http://localhost:0/;" } });
    const urls = urlsOf(service);
    assert.equal(urls.length, hasIpv6 ? 4 : 3);
    for (const url of urls) await assertLive(url);
    assert.equal((await service.stop()).code, 0);
  });

  test("[::1] is IPv6 alone", { skip: !hasIpv6 }, async (t) => {
    const service = await startService(t, { settings: { Urls: "http://[::1]:0" } });
    await assertLive(urlsOf(service)[0]);
    assert.equal(await isOpen("127.0.0.1", service.port), false);
  });

  test("that nothing is known of are named", async (t) => {
    const { code, stderr } = await runVerb(["serve", "--Urls=http://no.such.name.invalid:0", "--Auth:AllowAnonymous=true", `--Providers:DataDirectory=${temporaryFolder(t)}`]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /Urls: the name no\.such\.name\.invalid cannot be looked up/);
  });

  test("that are taken are named", async (t) => {
    const squatter = createServer();
    await new Promise((done) => squatter.listen(0, "127.0.0.1", done));
    t.after(() => squatter.close());
    const { code, stderr } = await runVerb(["serve", `--Urls=http://localhost:${squatter.address().port}`, `--Providers:DataDirectory=${temporaryFolder(t)}`]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /cannot listen on http:\/\/127\.0\.0\.1:\d+: Address already in use/);
  });
});

describe("ASP.NET Core's settings", () => {
  const config = (args, env = {}, cwd = undefined) => runVerb(["config", "print", "--json", ...args], { env, ...(cwd ? { cwd } : {}) });
  const valueOf = (stdout, key) => JSON.parse(stdout).options.find((option) => option.key === key).value;

  test("are honoured from the environment", async () => {
    const env = { ASPNETCORE_HTTP_PORTS: "8080;8081", Logging__LogLevel__Default: "Debug", AllowedHosts: "chat.example" };
    const { code, stdout, stderr } = await config([], env);
    assert.equal(code, 0, stderr);
    assert.equal(valueOf(stdout, "Urls"), "http://*:8080;http://*:8081");
    assert.equal(valueOf(stdout, "Logging:Level"), "Debug");
    assert.equal(valueOf(stdout, "AllowedHosts"), "chat.example");
    assert.equal(valueOf((await config([], { ASPNETCORE_URLS: "http://*:1" })).stdout, "Urls"), "http://*:1");
  });

  test("are honoured in every form of the command line", async () => {
    for (const args of [["--urls", "http://*:1"], ["--Urls=http://*:1"], ["/urls=http://*:1"], ["/URLS", "http://*:1"], ["urls=http://*:1"]]) {
      const { code, stdout, stderr } = await config(args);
      assert.equal(code, 0, `${args}: ${stderr}`);
      assert.equal(valueOf(stdout, "Urls"), "http://*:1");
    }
  });

  test("that cannot be had are refused by name, with the key to use", async () => {
    for (const [args, env, pattern] of [
      [["--Kestrel:Endpoints:Http:Url=http://*:1"], {}, /Kestrel:Endpoints:Http:Url: .*Urls/],
      [[], { Kestrel__Limits__MaxRequestBodySize: "1" }, /Kestrel:Limits:MaxRequestBodySize: .*Limits:BodyBytes/],
      [[], { ASPNETCORE_HTTPS_PORTS: "443" }, /HTTPS_PORTS: .*Urls=https/],
    ]) {
      const { code, stderr } = await config(args, env);
      assert.equal(code, 2);
      assert.match(stderr, pattern);
    }
  });

  test("that do nothing here are said", async () => {
    const { code, stderr } = await config(["--Logging:LogLevel:Microsoft.AspNetCore=Warning"], { ASPNETCORE_ENVIRONMENT: "Staging" });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Logging:LogLevel:Microsoft\.AspNetCore: has no effect/);
    assert.match(stderr, /ENVIRONMENT: is Staging: appsettings\.Staging\.json/);
  });

  test("AllowedHosts are the only ones that are answered", async (t) => {
    const service = await startService(t, { settings: { AllowedHosts: "chat.example;*.school.example" } });
    for (const [host, status] of [["chat.example", 200], ["CHAT.example:443", 200], ["a.school.example", 200],
      ["school.example", 400], ["127.0.0.1", 400], ["evil.example", 400]]) {
      await connected(service.port, async (connection) => {
        connection.write(request("GET", "/health/live", { headers: { Host: host } }));
        assert.equal((await connection.response()).status, status, host);
        connection.write(request("GET", `http://${host}/health/live`, { headers: { Host: "chat.example" } }));
        assert.equal((await connection.response()).status, status, `${host} in the target`);
      });
    }
  });
});
