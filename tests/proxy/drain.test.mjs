// Health checks as balancers send them, and a node that leaves: it is not ready first, and takes requests until the
// balancer has turned away.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // before the first connection: Microsoft's client takes no authority of ours
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { behindProxy, proxies, startProxy } from "../support/deployed_proxies.mjs";
import { connectHub } from "../support/hub.mjs";
import { RawConnection, connected, get, history, postMessage, request } from "../support/http.mjs";
import { sleep, startService, until, within } from "../support/service.mjs";

const DELAY_MS = 4_000;
const delayed = { "Shutdown:DelayMs": DELAY_MS };

/** The kubelet's httpGet; its Host is the pod's own address unless httpHeaders names another. */
const kubeProbe = (path, host = "10.244.1.7:5005") => request("GET", path, { headers: {
  Host: host, "User-Agent": "kube-probe/1.34", Accept: "*/*", Connection: "close" } });

const probe = (node, bytes) => connected(node.port, async (connection) => {
  connection.write(bytes);
  const response = await connection.response();
  return { status: response.status, body: response.body };
});

test("the kubelet's probes and HAProxy's are answered", async (t) => {
  const node = await startService(t);
  for (const path of ["/health/live", "/health/ready"]) {
    const connection = await RawConnection.open(node.port);
    t.after(() => connection.close());
    connection.write(kubeProbe(path));
    assert.equal((await connection.response()).status, 200);
    await connection.closed();
  }
  assert.equal((await probe(node, "OPTIONS / HTTP/1.0\r\n\r\n")).status, 204, "option httpchk by itself");
  assert.equal((await probe(node, "OPTIONS * HTTP/1.1\r\nHost: chat.example\r\n\r\n")).status, 204);
});

test("AllowedHosts are for probes too: they must name one", async (t) => {
  const node = await startService(t, { settings: { AllowedHosts: "chat.example" } });
  assert.equal((await probe(node, kubeProbe("/health/ready"))).status, 400);
  assert.equal((await probe(node, kubeProbe("/health/ready", "chat.example"))).status, 200);
});

test("after SIGTERM a node is not ready, alive, and takes messages for Shutdown:DelayMs; then it drains", async (t) => {
  const node = await startService(t, { settings: { "Shutdown:DelayMs": 1_500 } });
  const client = await connectHub(t, node);
  await client.join("conv-123", 0);
  const started = performance.now();
  const exiting = node.kill("SIGTERM");
  await node.logged(/not ready, and requests are still taken/);
  const ready = await probe(node, kubeProbe("/health/ready"));
  assert.equal(ready.status, 503);
  assert.match(ready.body, /^service: is stopping$/m);
  assert.equal((await probe(node, kubeProbe("/health/live"))).status, 200);
  assert.equal((await postMessage(node)).status, 202);
  await client.receivedUpTo(1);
  assert.equal(node.output.match(/no new requests are taken/), null);
  assert.deepEqual(await exiting, { code: 0, signal: null });
  assert.ok(performance.now() - started >= 1_500);
  await node.start();
  assert.equal((await history(node)).length, 1);
});

test("without a delay a node stops as before, at once", async (t) => {
  const node = await startService(t);
  const started = performance.now();
  assert.deepEqual(await node.kill("SIGTERM"), { code: 0, signal: null });
  assert.ok(performance.now() - started < 1_400);
});

/** Posts through the proxy, one after the other on some connections, until it is stopped: gives every outcome. */
function startPosting(t, proxy, headers) {
  const outcomes = [];
  let posting = true;
  t.after(() => (posting = false));
  const workers = Array.from({ length: 4 }, async () => {
    while (posting) {
      const at = performance.now();
      outcomes.push(await postMessage(proxy, { content: randomUUID() }, { headers: headers() }).then(({ status }) => status, (error) => String(error.cause ?? error))
        .then((outcome) => ({ outcome, at })));
      await sleep(5);
    }
  });
  return { outcomes, stop: async () => { posting = false; await Promise.all(workers); } };
}

for (const { name, skip } of proxies) {
  test(`${name}: a node leaves and comes back under posts: all are accepted, and its hub clients go to the other`, { skip }, async (t) => {
    const nodes = await Promise.all([1, 2].map(() => startService(t, { settings: { ...behindProxy, ...delayed } })));
    const proxy = await startProxy(t, name, nodes);
    const client = await connectHub(t, proxy, { reconnect: Array(200).fill(50) });
    const connections = async (node) => Number((await get(node, "/metrics")).text.match(/^message_service_hub_connections\{protocol="json",transport="webSockets"\} (\d+)/m)?.[1] ?? 0);
    const [leaving, staying] = (await connections(nodes[0])) === 1 ? nodes : [nodes[1], nodes[0]];
    const server = `message_service_api/node${nodes.indexOf(leaving) + 1}`;
    const reconnected = new Promise((done) => client.connection.onreconnected(done));
    const stored = async (node) => (await get(node, "/api/conversations/conv-123")).json.lastSequence;

    // HAProxy asks /health/ready, so even a post that nobody may repeat gets through. nginx learns from a refused connection.
    const posting = startPosting(t, proxy, () => (name === "haproxy" ? {} : { "Idempotency-Key": randomUUID() }));
    await until("posts at both nodes", async () => (await stored(leaving)) > 10 && (await stored(staying)) > 10);
    // Before its first check a server is one failure away from DOWN.
    if (name === "haproxy") await until("a check", async () => (await proxy.servers())[server] === "UP L7OK");
    const exiting = leaving.kill("SIGTERM");
    if (name === "haproxy") {
      await until("the checks' word", async () => (await proxy.servers())[server] === "DOWN L7STS", DELAY_MS);
      await sleep(200); // for posts that were under way
      const last = await stored(leaving);
      await sleep(300);
      assert.equal(await stored(leaving), last, "HAProxy sends nothing more");
      assert.equal((await postMessage(leaving)).status, 202, "though the node would take it");
    }
    assert.deepEqual(await exiting, { code: 0, signal: null });
    await within("the client's return", reconnected);
    assert.equal(await connections(staying), 1);
    await leaving.start();
    const before = await stored(leaving);
    await until("posts at the node that came back", async () => (await stored(leaving)) > before + 10);
    await posting.stop();
    const failed = posting.outcomes.filter(({ outcome }) => outcome !== 202);
    t.diagnostic(`${posting.outcomes.length} posts, ${failed.length} not 202`);
    assert.deepEqual(failed, []);
  });
}
