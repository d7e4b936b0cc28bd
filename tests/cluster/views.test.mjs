// Clients of two nodes on Kafka and MongoDB say what they show while others write: nothing is claimed although sequences
// have gaps there, and a message that one of them never got is found by the node that it told.
import assert from "node:assert/strict";
import { before, describe as suite, test } from "node:test";
import { startCluster } from "../support/cluster.mjs";
import { postMessage } from "../support/http.mjs";
import { connectHub } from "../support/hub.mjs";
import { sharedScope, sleep, startService, until } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { request } from "../support/traffic.mjs";
import { reportOf, viewsOf } from "../support/views.mjs";

const MESSAGES = 200;
const CLIENTS = 6;
const FOUND_MS = 5_000;

suite("what clients of two nodes show", () => {
  const scope = sharedScope();
  const issuer = new Issuer(); // such nodes have no data folder, whose token would be an operator's
  const headers = bearer(issuer.program("conversations:manage send:any"));
  let nodes, clients;
  before(async () => {
    const cluster = await startCluster(scope);
    const settings = cluster.settings(issuer.settings());
    const roles = ["api,hub,persister", "api,hub"];
    nodes = await Promise.all(roles.map((role) => startService(scope, { settings, roles: role, conversations: [] })));
    const people = Array.from({ length: CLIENTS }, (_, i) => `parent-00${i}`);
    const body = { id: "conv-123", participants: people.map((id) => ({ id, type: "Parent" })) };
    assert.equal((await request(`${nodes[0].url}/api/conversations`, { method: "POST", body, headers })).status, 201);
    clients = await Promise.all(people.map((id, i) =>
      connectHub(scope, nodes[i % nodes.length], { http: { accessTokenFactory: () => issuer.person(id) } })));
    await Promise.all(clients.map((client) => client.join("conv-123", 0)));
  });
  const viewsAt = (node) => viewsOf(node, issuer.program("operator"));
  const compared = (node) => until("all reports to be compared", async () => {
    const views = await viewsAt(node);
    return views.waiting === 0 && views;
  });

  test("nothing is claimed while messages are written", async () => {
    const reporting = clients.map(async (client) => {
      for (let told = 0; told < MESSAGES; await sleep(20)) {
        const news = client.received.slice(told);
        const from = (client.received[told - 1]?.sequence ?? 0) + 1;
        if (news.length) await client.connection.invoke("ReportView", reportOf("conv-123", news, { from }));
        told += news.length;
      }
    });
    for (let i = 0; i < MESSAGES; i += 1) assert.equal((await postMessage(nodes[i % 2], { content: String(i) }, { headers })).status, 202);
    await Promise.all(reporting);
    for (const node of nodes) {
      const views = await compared(node);
      assert.deepEqual([views.messages, views.mismatches], [MESSAGES * CLIENTS / nodes.length, 0]);
    }
  });

  test("a message that a client never got is found", async (t) => {
    const shown = clients[1].received.slice(0, 50);
    const [missing] = shown.splice(20, 1);
    const planted = performance.now();
    await clients[1].connection.invoke("ReportView", reportOf("conv-123", shown));
    const { last: [fault] } = await until("the mismatch", async () => {
      const views = await viewsAt(nodes[1]);
      return views.mismatches > 0 && views;
    });
    const ms = Math.round(performance.now() - planted);
    t.diagnostic(`found after ${ms} ms`);
    assert.ok(ms < FOUND_MS, `${ms} ms`);
    assert.deepEqual([fault.kind, fault.sequence], ["lost", missing.sequence]);
    assert.equal(fault.connectionId, clients[1].connection.connectionId);
    assert.equal((await compared(nodes[0])).mismatches, 0, "the other node was told nothing");
  });
});
