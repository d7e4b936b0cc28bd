// The operators' page on Kafka and MongoDB: the nodes of the cluster, its partitions, and its dead letters on a node that has
// counted none of them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { before, describe as suite, test } from "node:test";
import { launchChromium, noteComplaints } from "../browser/chromium.mjs";
import { startCluster } from "../support/cluster.mjs";
import { WAIT_MS, sharedScope, startService, until } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { messagesUrl, request } from "../support/traffic.mjs";

const issuer = new Issuer();
const operator = issuer.program("operator");
const goneAfterMs = 10_000; // kNodeGoneAfter

suite("the dashboard of a cluster", () => {
  const scope = sharedScope();
  let cluster;
  let front;
  let persister;
  let browser;
  before(async () => {
    browser = await launchChromium(scope);
    cluster = await startCluster(scope);
    const settings = cluster.settings(issuer.settings());
    front = await startService(scope, { settings, roles: "api,hub" });
    persister = await startService(scope, { settings, conversations: [], roles: "persister" });
  });

  async function open(t, service) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    t.after(() => context.close());
    const page = await context.newPage();
    const complaints = await noteComplaints(page);
    await page.goto(`${service.url}/dashboard#token=${operator}`);
    await page.locator("[data-testid=state][data-state=live]").waitFor();
    return { page, complaints };
  }

  async function produce(conversationId, key) {
    const value = { eventType: "SendMessageRequestedEvent", temporaryMessageId: key, conversationId, senderId: "other-program",
      senderType: "System", content: key, requestedAt: "2026-01-27T10:30:00.000Z", correlationId: "c" };
    const producer = spawn("kcat", ["-b", cluster.kafka.bootstrapServers, "-P", "-t", `${cluster.topicPrefix}SendMessageRequestedEvent`,
      "-X", "topic.partitioner=murmur2_random", "-K", "\t"]);
    producer.stdin.end(`${conversationId}\t${JSON.stringify(value)}\n`);
    assert.deepEqual(await once(producer, "close"), [0, null]);
  }

  test("a persister shows the partitions that it reads, and a node that reads none says so", async (t) => {
    const one = await open(t, persister);
    await until("six partitions", async () => (await one.page.locator("[data-testid=lag] tbody tr").count()) === 6);
    const other = await open(t, front);
    await other.page.getByTestId("lag").getByText("This node reads no partition").waitFor();
    assert.equal(await other.page.getByTestId("tile-lag").textContent(), "–");
    assert.deepEqual([...one.complaints(), ...other.complaints()], []);
  });

  for (const role of ["api", "persister", "hub"]) {
    test(`a node that is ${role} and nothing else has the page, with its figures`, async (t) => {
      const node = await startService(t, { settings: cluster.settings(issuer.settings()), conversations: [], roles: role });
      const { page, complaints } = await open(t, node);
      await until("two looks", async () => /\d/.test(await page.getByTestId("tile-accepted").textContent()));
      await until("it to be ready", async () => (await page.locator("[data-field=Ready]").textContent()) === "yes");
      await until("itself among the nodes", async () => (await page.locator("[data-testid=nodes] tbody tr").filter({ hasText: `process ${node.pid}` }).count()) === 1);
      assert.deepEqual(complaints(), []);
      await node.stop(); // a node that is killed stays in the list for a while
    });
  }

  test("dead letters are looked at, retried and discarded on a node that is no persister", async (t) => {
    await produce("late", "retried");
    await produce("nowhere", "discarded");
    await until("two open letters", async () => {
      const answer = await request(`${persister.url}/metrics`, { headers: bearer(operator) });
      return /message_service_dead_letters_open 2/.test(answer.body);
    });
    const { page, complaints } = await open(t, front);
    const letters = page.getByTestId("letter");
    await until("both on the page", async () => (await letters.count()) === 2, 6_000);
    const late = letters.filter({ hasText: "late" });
    await late.getByTestId("look").click();
    await late.getByTestId("record").getByText('"content":"retried"').waitFor();
    const body = { id: "late", participants: [{ id: "parent-001", type: "Parent" }] };
    const headers = bearer(issuer.program("conversations:manage"));
    assert.equal((await request(`${front.url}/api/conversations`, { method: "POST", body, headers })).status, 201);
    await late.getByTestId("retry").click();
    await until("the message to be stored", async () => {
      const { body: history } = await request(messagesUrl(front.url, "late"), { headers });
      return history.messages.some(({ content }) => content === "retried");
    });
    const rest = letters.filter({ hasText: "nowhere" });
    await rest.getByTestId("discard").click();
    await rest.getByTestId("discard-confirm").click();
    await until("none to be open", async () => (await letters.count()) === 0);
    assert.deepEqual(complaints(), []);
  });

  test("the nodes with their roles; one that is killed is silent, one that stops is not there any more", async (t) => {
    const settings = cluster.settings(issuer.settings());
    const killed = await startService(t, { settings, conversations: [], roles: "hub" });
    const stopped = await startService(t, { settings, conversations: [], roles: "api" });
    const { page, complaints } = await open(t, front);
    const row = (node) => page.locator("[data-testid=nodes] tbody tr").filter({ hasText: `process ${node.pid}` });
    await until("four nodes", async () => (await page.locator("[data-testid=nodes] tbody tr").count()) === 4);
    for (const [node, roles] of [[front, "api,hub"], [persister, "persister"], [killed, "hub"], [stopped, "api"]]) {
      const [shown, version, life] = await row(node).locator("td").allTextContents();
      assert.equal(shown, roles);
      assert.match(version, /^\d+\.\d+\.\d+/);
      assert.match(life, /^\d s ago$/);
    }
    const { pid } = killed;
    await killed.kill("SIGKILL");
    await stopped.stop();
    await until("the stopped one to be gone", async () => (await page.locator("[data-testid=nodes] tbody tr").count()) === 3);
    const silent = page.locator("[data-testid=nodes] tr[data-bad]").filter({ hasText: `process ${pid}` });
    await until("the killed one to be silent", async () => (await silent.count()) === 1, goneAfterMs + WAIT_MS);
    assert.match(await silent.textContent(), /silent: \d+ s ago/);
    assert.deepEqual(complaints(), []);
  });

  test("nodes cannot be listed while MongoDB is away, and the figures go on", async (t) => {
    const { page } = await open(t, front);
    cluster.mongodb.signal("SIGSTOP");
    try {
      await page.getByTestId("nodes").getByText("They cannot be listed").waitFor({ timeout: 2 * WAIT_MS });
      assert.equal(await page.getByTestId("state").getAttribute("data-state"), "live");
    } finally {
      cluster.mongodb.signal("SIGCONT");
    }
    await until("the nodes again", async () => (await page.locator("[data-testid=nodes] tbody tr").count()) >= 2, 2 * WAIT_MS);
  });
});
