// The dead-letter queue on the embedded log: what operators see of it, and what their orders do, with the service
// running, killed and stopped. The bad record is a message that was accepted before a limit was made smaller.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { get, history, postMessage } from "../support/http.mjs";
import { runVerb, startService, until } from "../support/service.mjs";
import { lagIsGone, metric } from "../support/cluster.mjs";

const storesLater = { "MessagePersistence:FlushWhenIdle": false, "MessagePersistence:FlushIntervalMs": 60_000 };
const small = { "Limits:ContentBytes": 50, "Cors:AllowedOrigins": "https://allowed.example" };

async function dead(service, ...args) {
  const verb = await runVerb(["dead", ...args, "--url", service.url, `--Providers:DataDirectory=${service.dataDirectory}`]);
  const lines = verb.stdout.trim() === "" ? [] : verb.stdout.trim().split("\n");
  return { ...verb, lines, objects: lines.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : [])) };
}

const order = (service, action, { token, headers = {} } = {}) => fetch(`${service.url}/admin/dead-letters/${action}`, {
  method: "POST", body: '{"letters":[]}', headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers } });

test("list, show, retry and discard across a crash and a stop", async (t) => {
  const service = await startService(t, { settings: storesLater });
  for (const [key, content] of [["k1", "one"], ["k2", "x".repeat(100)], ["k3", "three"], ["k4", "y".repeat(100)]]) {
    assert.equal((await postMessage(service, { content, temporaryMessageId: key })).status, 202);
  }
  await service.kill("SIGKILL");
  await service.start(small);
  await lagIsGone([service]);
  assert.deepEqual((await history(service)).map((message) => message.content), ["one", "three"]);

  const listed = await dead(service, "list", "--json");
  assert.equal(listed.code, 0, listed.stderr);
  assert.deepEqual(listed.objects.map((letter) => [letter.id, letter.reason, letter.conversationId, letter.temporaryMessageId, letter.attempts]),
    [["0/1", "invalid", "conv-123", "k2", 1], ["0/3", "invalid", "conv-123", "k4", 1]]);
  assert.equal(await metric(service, "dead_letters_open"), 2);
  assert.equal((await dead(service, "list", "--json", "--conversation", "another")).lines.length, 0);
  assert.match((await dead(service, "list")).stdout, /0\/1 +invalid.*content.*\n.*\n2 open/);
  const shown = await dead(service, "show", "0/1");
  assert.equal(JSON.parse(shown.objects[0].value).content, "x".repeat(100));
  const rejected = await get(service, "/api/conversations/conv-123/messages/by-temporary-id/k2");
  assert.equal(rejected.json.status, "Rejected");

  const again = await dead(service, "retry", "0/1", "--json");
  assert.equal(again.code, 1);
  assert.equal(again.objects[0].result, "failed again");
  assert.equal((await dead(service, "list", "--json")).objects[0].attempts, 2);

  await service.kill("SIGKILL");
  const alone = await dead(service, "list", "--json");
  assert.equal(alone.objects.length, 2, "read without a service");
  const waits = await dead(service, "retry", "0/1", "--json");
  assert.equal(waits.code, 1);
  assert.equal(waits.objects[0].result, "waits in the log");
  await service.start({});
  await until("the retry to take effect", async () => (await metric(service, "dead_letters_open")) === 1);

  const discarded = await dead(service, "discard", "--reason", "invalid", "--json");
  assert.equal(discarded.code, 0, discarded.stderr);
  assert.deepEqual(discarded.objects.map((one) => [one.id, one.result]), [["0/3", "discarded"]]);
  assert.equal((await dead(service, "list", "--json")).lines.length, 0);
  assert.deepEqual((await history(service)).map((message) => message.content), ["one", "three", "x".repeat(100)]);
  await service.restart();
  assert.equal(await metric(service, "dead_letters_open"), 0);
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
});

test("only who can read the data folder may give orders", async (t) => {
  const service = await startService(t, { settings: small });
  const file = join(service.dataDirectory, "admin-token");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const token = readFileSync(file, "utf8");
  assert.match(token, /^[0-9a-f]{64}$/);
  for (const wrong of [undefined, "", "x", token.slice(1), `${token}0`, token.replace(/^./, "g")]) {
    assert.equal((await order(service, "list", { token: wrong })).status, 401);
  }
  assert.equal((await order(service, "list", { token })).status, 200);
  assert.equal((await order(service, "nonsense", { token })).status, 404);
  const fromPage = await order(service, "list", { token, headers: { Origin: "https://allowed.example" } });
  assert.equal(fromPage.headers.get("Access-Control-Allow-Origin"), null);
  const preflight = await fetch(`${service.url}/admin/dead-letters/retry`, { method: "OPTIONS",
    headers: { Origin: "https://allowed.example", "Access-Control-Request-Method": "POST" } });
  assert.equal(preflight.headers.get("Access-Control-Allow-Methods"), null);
  assert.ok(!service.output.includes(token), "the token is in the log");
  await service.restart();
  assert.notEqual(readFileSync(file, "utf8"), token, "a new one with every start");
});

test("wrong usage is told apart from failure", async (t) => {
  const service = await startService(t);
  for (const args of [["retry"], ["discard"], ["show"], ["retry", "17"], ["list", "--reason", "nonsense"], ["nonsense"], []]) {
    assert.equal((await dead(service, ...args)).code, 2, args.join(" "));
  }
  assert.equal((await dead(service, "retry", "0/17")).code, 1);
  assert.equal((await dead(service, "retry", "--all")).code, 0);
  const elsewhere = await runVerb(["dead", "list", `--Providers:DataDirectory=${join(service.dataDirectory, "no-such-folder")}`]);
  assert.equal(elsewhere.code, 1);
  const unreachable = await runVerb(["dead", "list", "--url", "http://127.0.0.1:1", `--Providers:DataDirectory=${service.dataDirectory}`]);
  assert.equal(unreachable.code, 1);
  assert.match(unreachable.stderr, /--url/);
  for (const args of [[], ["list"], ["show"], ["retry"], ["discard"]]) {
    assert.equal((await runVerb(["dead", ...args, "--help"])).code, 0);
  }
});
