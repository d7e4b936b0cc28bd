// The proxies of deploy/ in front of two nodes: what clients send gets through, and what must reach one node does.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // before the first connection: Microsoft's client takes no authority of ours
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import https from "node:https";
import { before, describe, test } from "node:test";
import { behindProxy, figures, proxies, startProxy } from "../support/deployed_proxies.mjs";
import { HUB, connectHub, negotiate, signalR } from "../support/hub.mjs";
import { get, goodMessage, history, messagesOf, postMessage } from "../support/http.mjs";
import { Proxy } from "../support/proxy.mjs";
import { WAIT_MS, runVerb, sharedScope, sleep, startService, until, within } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";

const { WebSockets, ServerSentEvents, LongPolling } = signalR.HttpTransportType;
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const transports = [["WebSockets", WebSockets, "json"], ["WebSockets", WebSockets, "messagepack"],
  ["ServerSentEvents", ServerSentEvents, "json"], ["LongPolling", LongPolling, "json"], ["LongPolling", LongPolling, "messagepack"]];
const browser = { Origin: "https://chat.example", Host: "chat.example" };

/** A request from the client at `from`, an address of this machine; its answer as `{status, headers, text}`. */
function ask(proxy, path, { method = "GET", from = "127.0.0.1", headers = {}, body, agent } = {}) {
  return within(`an answer to ${method} ${path}`, new Promise((done, fail) => {
    const call = https.request(proxy.url + path, { method, headers, localAddress: from, agent, ca: proxy.authority, rejectUnauthorized: true }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part)).on("error", fail);
      response.on("end", () => done({ status: response.statusCode, headers: response.headers, text }));
    });
    call.on("error", fail).end(body);
  }));
}

/** The status of the answer to a page that opens a WebSocket. */
function upgradeStatus(proxy, headers) {
  return within("an answer to an upgrade", new Promise((done, fail) => {
    const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": randomBytes(16).toString("base64") };
    const call = https.request(proxy.url + HUB, { headers: { ...upgrade, ...headers }, ca: proxy.authority, rejectUnauthorized: true, agent: false });
    call.on("upgrade", ({ statusCode }, socket) => { socket.destroy(); done(statusCode); });
    call.on("response", (response) => { response.destroy(); done(response.statusCode); });
    call.on("error", fail).end();
  }));
}

const post = (proxy, message, { headers = {}, ...more } = {}) => ask(proxy, messagesOf("conv-123"), { method: "POST",
  headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify({ ...goodMessage, ...message }), ...more });

const connectionsOf = async (node) => [...(await get(node, "/metrics")).text
  .matchAll(/^message_service_hub_connections\{[^}]*\} (\S+)$/gm)].reduce((sum, [, value]) => sum + Number(value), 0);

const startNodes = (t, options = {}) => Promise.all([1, 2].map(() => startService(t, {
  ...options, settings: { ...behindProxy, ...options.settings } })));

for (const { name, skip } of proxies) {
  describe(name, { skip }, () => {
    let nodes, proxy;
    const scope = sharedScope();
    before(async () => {
      const conversations = ["conv-123", "reconnect", "quiet", ...transports.map(([transport, , protocol]) => `${transport}-${protocol}`)];
      nodes = await startNodes(scope, { conversations, settings: { "Hub:DisconnectTimeoutMs": 5_000 } });
      proxy = await startProxy(scope, name, nodes);
    });

    for (const [transport, kind, protocol] of transports) {
      test(`the hub over ${transport} in ${protocol}: joins, catches up, sends, and is told at once`, async (t) => {
        const conversationId = `${transport}-${protocol}`;
        const client = await connectHub(t, proxy, { protocol, http: { transport: kind } });
        const counts = await Promise.all(nodes.map(connectionsOf));
        assert.equal(counts[0] + counts[1], 1);
        const node = nodes[counts.indexOf(1)];
        await postMessage(node, {}, { conversationId });
        await client.join(conversationId, 0);
        await client.receivedUpTo(1, conversationId);
        for (const n of range(2, 40)) {
          const content = `${n} ${"long ".repeat(n * 50)}`;
          assert.equal((await client.send(conversationId, { ...goodMessage, content })).content, content);
        }
        const told = new Promise((done) => (client.onReceived = ({ content }) => content === "alone" && done(performance.now())));
        await client.receivedUpTo(40, conversationId);
        const sent = performance.now();
        await postMessage(node, { content: "alone" }, { conversationId });
        const tookMs = (await within("the message", told)) - sent;
        t.diagnostic(`told after ${tookMs.toFixed(0)} ms`);
        assert.ok(tookMs < 5_000, `a proxy that buffers waits for more: ${tookMs} ms`);
        assert.deepEqual(client.received, await history(node, conversationId));
        await client.connection.stop();
        assert.equal(await within("the end", client.closed), null);
        await until("given back", async () => (await connectionsOf(nodes[0])) + (await connectionsOf(nodes[1])) === 0);
      });
    }

    test("stateful reconnect: cut again and again, it stays one connection that misses nothing", async (t) => {
      const wire = await Proxy.start(t, proxy.ports.https);
      const client = await connectHub(t, proxy, { stateful: true, url: wire.url.replace("http:", "https:"), http: { transport: WebSockets } });
      const { connectionId } = client.connection;
      const closed = client.closed.then((error) => assert.fail(`closed: ${error}`));
      const node = (await connectionsOf(nodes[0])) ? nodes[0] : nodes[1];
      await client.join("reconnect", 0);
      for (const n of range(1, 10)) {
        await Promise.race([until("a socket", () => wire.established > 0, WAIT_MS, 1), closed]);
        wire.cut();
        await postMessage(node, { content: `after cut ${n}` }, { conversationId: "reconnect" });
        await Promise.race([client.receivedUpTo(n, "reconnect"), closed]);
      }
      assert.deepEqual(client.sequences("reconnect"), range(1, 10));
      assert.equal(client.connection.connectionId, connectionId);
      await client.connection.stop();
      await until("given back", async () => (await connectionsOf(node)) === 0);
    });

    test("a connection that another node negotiated is unknown: so its requests must reach one node", async () => {
      const { connectionToken } = await negotiate(nodes[0]);
      assert.equal((await get(nodes[1], `${HUB}?id=${connectionToken}`)).status, 404);
      assert.equal((await get(nodes[0], `${HUB}?id=${connectionToken}`)).status, 200);
      await fetch(`${nodes[0].url}${HUB}?id=${connectionToken}`, { method: "DELETE" });
    });

    /** A long-polling client by hand, each of its requests on a connection of its own; gives the cookies it was told. */
    async function poll(from, later = from, keeps = false) {
      const negotiated = await ask(proxy, `${HUB}/negotiate?negotiateVersion=1`, { method: "POST", from, agent: false });
      const cookie = (negotiated.headers["set-cookie"] ?? []).map((line) => line.split(";")[0]).join("; ");
      const more = { from: later, agent: false, headers: keeps ? { Cookie: cookie } : {} };
      const target = `${HUB}?id=${JSON.parse(negotiated.text).connectionToken}`;
      const body = '{"protocol":"json","version":1}\u001e';
      const answers = [await ask(proxy, target, more), await ask(proxy, target, { ...more, method: "POST", body }), await ask(proxy, target, more)];
      return { answers: answers.map(({ status }) => status), shaken: answers[2].text, negotiated,
        end: () => ask(proxy, target, { ...more, method: "DELETE" }) };
    }

    test("clients of many addresses are spread over the nodes, and each stays at its own", async () => {
      const clients = await Promise.all(range(2, 33).map((n) => poll(`127.0.0.${n}`)));
      for (const { answers, shaken } of clients) assert.deepEqual([...answers, shaken], [200, 200, 200, "{}\u001e"]);
      const counts = await Promise.all(nodes.map(connectionsOf));
      assert.equal(counts[0] + counts[1], 32);
      assert.ok(Math.min(...counts) >= 4, `connections of the nodes: ${counts}`);
      for (const { end } of clients) assert.equal((await end()).status, 202);
    });

    test("who keeps the cookie stays at the node when the address changes", { skip: name === "nginx" && "nginx goes by the address" }, async () => {
      const clients = await Promise.all(range(2, 17).map((n) => poll(`127.0.0.${n}`, `127.0.1.${n}`, true)));
      for (const { answers, negotiated, end } of clients) {
        assert.deepEqual(answers, [200, 200, 200]);
        assert.match(negotiated.headers["set-cookie"][0], /^message-service-node=node[12];.*HttpOnly;.*Secure;.*SameSite=None/);
        await end();
      }
      const without = await Promise.all(range(2, 17).map((n) => poll(`127.0.0.${n}`, `127.0.1.${n}`)));
      assert.ok(without.some(({ answers }) => answers[0] === 404), "without it the new address may lead to the other node");
    });

    test("a WebSocket without a negotiation may go to any node", async (t) => {
      for (const n of range(1, 4)) {
        const client = await connectHub(t, proxy, { http: { transport: WebSockets, skipNegotiation: true } });
        await client.join("quiet", 0);
        await client.send("quiet", { ...goodMessage, content: `${n}` });
        await until("its own message", () => client.received.some(({ content }) => content === `${n}`));
      }
    });

    test("POST is 202 with its place; http leads to https; a browser is told to stay there", async () => {
      const { status, headers, text } = await post(proxy, { content: "through the proxy" }, { headers: { Host: "chat.example" } });
      assert.deepEqual([status, headers["strict-transport-security"]], [202, "max-age=2592000"], "the node knows that it was https");
      const { id } = JSON.parse(text);
      assert.equal(headers.location, `${messagesOf("conv-123")}/by-temporary-id/${id}`);
      await until("stored at one node", async () => (await Promise.all(nodes.map((node) => get(node, headers.location)))).some((answer) => answer.status === 200));
      const redirect = await fetch(`${proxy.http}/api/x?y=1`, { redirect: "manual", method: "POST", headers: { Host: "chat.example" } });
      assert.equal(redirect.status, 308);
      assert.match(redirect.headers.get("location"), /^https:\/\/[^/]+\/api\/x\?y=1$/);
    });

    test("the page's own origin may open a WebSocket, and no other", async () => {
      for (const [headers, status] of [[browser, 101], [{ Host: "chat.example:8443", Origin: "https://chat.example:8443" }, 101],
        [{ ...browser, Origin: "https://evil.example" }, 403], [{ ...browser, Origin: "http://chat.example" }, 403]]) {
        assert.equal(await upgradeStatus(proxy, headers), status, JSON.stringify(headers));
      }
    });

    test("a body up to the limit gets through, and a longer one is 413", async () => {
      const content = "x".repeat(16_384);
      assert.equal((await post(proxy, { content })).status, 202);
      const [overhead, limit] = [JSON.stringify({ ...goodMessage, content: "" }).length, 65_536];
      assert.equal((await post(proxy, { content: "x".repeat(limit - overhead) })).status, 400, "the node says which field is too long");
      assert.equal((await post(proxy, { content: "x".repeat(limit - overhead + 1) })).status, 413);
    });

    test("operators' routes are not there, however they are written", async () => {
      for (const path of ["/metrics", "/METRICS", "/%6detrics", "//metrics", "/admin/routes", "/Admin/dead-letters", "/health/ready", "/x/../metrics"]) {
        assert.equal((await ask(proxy, path)).status, 404, path);
      }
    });

    test("a token in the query is in no log", async () => {
      const secret = randomUUID();
      await ask(proxy, `${HUB}?access_token=${secret}&id=none`);
      await until("the log's line", () => /GET \/hubs\/messages/.test(proxy.accessLog()));
      assert.ok(!proxy.accessLog().includes(secret));
    });
  });

  // Both nodes are frozen with requests in their hands; then one dies and the other goes on.
  test(`${name}: a POST whose node dies is sent to the other one under its key, and without a key to nobody`, { skip }, async (t) => {
    const nodes = await startNodes(t);
    const proxy = await startProxy(t, name, nodes);
    for (const _ of range(1, 2)) assert.equal((await post(proxy)).status, 202);
    for (const node of nodes) process.kill(node.pid, "SIGSTOP");
    const start = (kind, headers) => range(1, 4).map((n) => post(proxy, { content: `${kind} ${n}` }, { agent: false, headers: headers() }));
    const keyed = start("keyed", () => ({ "Idempotency-Key": randomUUID() }));
    await sleep(150);
    const bare = start("bare", () => ({}));
    await sleep(150);
    await nodes[0].kill("SIGKILL");
    process.kill(nodes[1].pid, "SIGCONT");
    const statuses = async (posts) => (await Promise.all(posts)).map(({ status }) => status);
    assert.deepEqual(await statuses(keyed), [202, 202, 202, 202]);
    assert.deepEqual((await statuses(bare)).sort(), [202, 202, 502, 502], "502 is unknown: the client decides");
    await until("stored", async () => (await history(nodes[1])).filter(({ content }) => /keyed|bare/.test(content)).length === 6);
    const again = await Promise.all(range(1, 4).map(() => post(proxy)));
    assert.deepEqual(again.map(({ status }) => status), [202, 202, 202, 202], "the node that is left gets everything");
  });

  test(`${name}: limits by address see the client's, and not what a client says`, { skip }, async (t) => {
    const issuer = new Issuer();
    const nodes = await startNodes(t, { settings: issuer.settings({ "RateLimits:SignIn:Burst": 3, "RateLimits:SignIn:PerSecond": 1 }) });
    const proxy = await startProxy(t, name, nodes);
    const statuses = async (from) => (await Promise.all(range(1, 12).map((n) =>
      post(proxy, {}, { from, headers: { ...bearer("none.of.ours"), "X-Forwarded-For": `10.9.9.${n}` } })))).map(({ status }) => status);
    const guesses = await statuses("127.0.0.2");
    assert.ok(guesses.includes(429), `after 6 refused tokens at two nodes: ${guesses}`);
    const other = await post(proxy, {}, { from: "127.0.0.3", headers: bearer("none.of.ours") });
    assert.equal(other.status, 401, "another address is not limited");
  });
}

test("the figures of the files fit the service's own", async () => {
  const defaults = Object.fromEntries(JSON.parse((await runVerb(["config", "print", "--json"])).stdout).options.map(({ key, value }) => [key, Number(value)]));
  const longest = Math.max(defaults["Hub:PollTimeoutMs"], defaults["Hub:KeepAliveIntervalMs"], defaults["Hub:ClientTimeoutMs"]);
  const publish = defaults["KafkaSettings:PublishTimeoutMs"] + defaults["Limits:QueueWaitMs"];
  const [nginx, haproxy] = ["nginx/message-service.conf", "haproxy/haproxy.cfg"];
  const all = (file, directive, holds) => figures(file, directive).forEach((figure) => assert.ok(holds(figure), `${file}: ${directive} ${figure}`));

  const [hubWaits, ...otherWaits] = figures(nginx, "proxy_read_timeout");
  assert.ok(hubWaits > longest);
  assert.ok(otherWaits.length && otherWaits.every((figure) => figure > publish));
  all(nginx, "keepalive_timeout", (figure) => figure < defaults["Http:IdleTimeoutMs"]);
  assert.deepEqual(figures(nginx, "client_max_body_size"), [defaults["Limits:HubPostBytes"], defaults["Limits:BodyBytes"], defaults["Limits:BodyBytes"]]);
  all(nginx, "large_client_header_buffers", (figure) => figure === defaults["Limits:HeaderBytes"]);
  all(nginx, "client_header_timeout", (figure) => figure === defaults["Http:HeaderTimeoutMs"]);
  all(nginx, "client_body_timeout", (figure) => figure === defaults["Http:BodyTimeoutMs"]);

  const [everywhere, api] = figures(haproxy, "timeout server");
  assert.ok(everywhere > longest && api > publish);
  all(haproxy, "timeout tunnel", (figure) => figure > defaults["Hub:KeepAliveIntervalMs"] && figure > defaults["Hub:ClientTimeoutMs"]);
  all(haproxy, "timeout http-keep-alive", (figure) => figure < defaults["Http:IdleTimeoutMs"]);
  all(haproxy, "timeout http-request", (figure) => figure === defaults["Http:HeaderTimeoutMs"]);
  all(haproxy, "tune.bufsize", (figure) => figure === defaults["Limits:HeaderBytes"]);
});
