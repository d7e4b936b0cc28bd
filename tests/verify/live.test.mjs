// Clients say what they show, the node compares it with its store: nothing is claimed falsely, and what is wrong is found
// within seconds, with its name and who said it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { before, describe, test } from "node:test";
import { launchChromium, openChat } from "../browser/chromium.mjs";
import { get } from "../support/http.mjs";
import { connectHub } from "../support/hub.mjs";
import { binary, runVerb, sharedScope, sleep, startService, temporaryFolder, until } from "../support/service.mjs";
import { Issuer, bearer } from "../support/tokens.mjs";
import { messagesUrl, readHistory, request } from "../support/traffic.mjs";
import { adminToken, reportOf, viewsOf } from "../support/views.mjs";

const FOUND_MS = 5000;

async function post(service, content, conversationId = "conv-123", headers = {}) {
  const body = { senderId: "teacher-001", senderType: "Teacher", content };
  const { status } = await request(messagesUrl(service.url, conversationId), { method: "POST", body, headers });
  assert.equal(status, 202);
}

const outcomes = async (service, name) =>
  Number((await get(service, "/metrics")).text.match(new RegExp(`view_reports_total\\{outcome="${name}"\\} (\\d+)`))?.[1] ?? 0);

/** `verify --live` until it finds something: resolves to {code, lines, ms since `plant` was called}. */
async function findFault(t, service, plant) {
  const child = spawn(binary, ["verify", "--live", "--until-fault", "--json", "--url", service.url, "--data-directory", service.dataDirectory]);
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.on("data", (text) => (stdout += text));
  const exit = new Promise((done) => child.once("close", done));
  await until("the first line", () => stdout.includes("\n"));
  const planted = performance.now();
  await plant();
  const code = await exit;
  return { code, lines: stdout.trimEnd().split("\n").map((line) => JSON.parse(line)), ms: performance.now() - planted };
}

describe("the page", () => {
  const scope = sharedScope();
  let browser;
  before(async () => (browser = await launchChromium(scope)));

  /** A page whose first hub message with `text` is changed on its way; null: it never comes. */
  const tamper = (text, change) => {
    let left = 1;
    return (context) => context.routeWebSocket(/hubs\/messages/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        const bytes = Buffer.from(message);
        const isIt = bytes.includes("ReceiveMessage") && bytes.includes(text);
        if (!isIt || left === 0) return socket.send(message);
        left -= 1;
        const changed = change(bytes.toString("latin1"));
        if (changed !== null) socket.send(Buffer.from(changed, "latin1"));
      });
    });
  };

  test("two people talk, reload and look back: all that they show is what is stored", async (t) => {
    const service = await startService(t);
    for (let i = 0; i < 120; i += 1) await post(service, `earlier ${i} – "ü" 👋`);
    const chat = await openChat(t, browser, service);
    for (let i = 0; i < 5; i += 1) {
      await chat.parent.send(`question ${i}`);
      await chat.teacher.has(`question ${i}`, "stored");
    }
    const shown = 50 + 5;
    const views = await until("both panes' reports", async () => {
      const now = await viewsOf(service);
      return now.messages >= 2 * shown && now.waiting === 0 ? now : null;
    });
    assert.equal(views.mismatches, 0);
    assert.equal(views.messages, 2 * shown, "each message once for each pane");
    assert.equal(views.clients, 2);
    assert.equal(views.conversations, 1);
    await chat.page.reload();
    const after = await until("the reports of the page that was loaded again", async () => {
      const now = await viewsOf(service);
      return now.messages >= 2 * shown + 100 && now.waiting === 0 ? now : null;
    });
    assert.equal(after.mismatches, 0);
    assert.deepEqual(chat.complaints(), []);
  });

  test("a message that never comes to one pane is found", async (t) => {
    const service = await startService(t);
    const chat = await openChat(t, browser, service, { prepare: tamper("lose me", () => null) });
    await chat.parent.send("first");
    await chat.teacher.has("first", "stored");
    const { code, lines, ms } = await findFault(t, service, async () => {
      await post(service, "lose me");
      await post(service, "last");
    });
    t.diagnostic(`found after ${Math.round(ms)} ms`);
    assert.equal(code, 1);
    const [fault] = lines.filter(({ kind }) => kind);
    assert.equal(fault.kind, "lost");
    assert.equal(fault.sequence, 2);
    assert.equal(fault.count + 1, fault.storedCount);
    assert.ok(ms < FOUND_MS, `${ms} ms`);
  });

  test("a message that one pane shows with another content is found", async (t) => {
    const service = await startService(t);
    const chat = await openChat(t, browser, service, { prepare: tamper("alter me", (bytes) => bytes.replace("alter me", "ALTER me")) });
    await chat.parent.send("first");
    await chat.teacher.has("first", "stored");
    const { lines, ms } = await findFault(t, service, () => post(service, "alter me"));
    t.diagnostic(`found after ${Math.round(ms)} ms`);
    assert.deepEqual(lines.filter(({ kind }) => kind).map(({ kind }) => kind), ["altered"]);
    assert.ok(ms < FOUND_MS, `${ms} ms`);
  });

  test("what the page itself mends, a message twice, is no fault", async (t) => {
    const service = await startService(t);
    const chat = await openChat(t, browser, service, { prepare: tamper("twice", (bytes) => bytes + bytes) });
    await chat.parent.send("twice");
    await chat.teacher.has("twice", "stored");
    await until("both reports", async () => (await viewsOf(service)).messages === 2);
    assert.equal((await viewsOf(service)).mismatches, 0);
  });
});

test("clients that report at once what they get, while others write: nothing is claimed", async (t) => {
  const service = await startService(t);
  const clients = await Promise.all(Array.from({ length: 20 }, () => connectHub(t, service)));
  await Promise.all(clients.map((client) => client.join("conv-123", 0)));
  let writing = true;
  const reporting = clients.map(async (client) => {
    for (let told = 0; writing || told < client.received.length; ) {
      const news = client.received.slice(told);
      if (news.length) await client.connection.invoke("ReportView", reportOf("conv-123", news, { from: (client.received[told - 1]?.sequence ?? 0) + 1 }));
      told += news.length;
      await sleep(20);
    }
  });
  await Promise.all(Array.from({ length: 8 }, async (_, n) => {
    for (let i = 0; i < 60; i += 1) await post(service, `${n}: ${i}`);
  }));
  for (const client of clients) await client.receivedUpTo(480);
  writing = false;
  await Promise.all(reporting);
  const views = await until("all compared", async () => {
    const now = await viewsOf(service);
    return now.waiting === 0 ? now : null;
  });
  assert.equal(views.messages, 20 * 480);
  assert.equal(views.mismatches, 0);
  assert.equal(views.clients, 20);
});

describe("a client that shows something else", () => {
  const scope = sharedScope();
  const issuer = new Issuer();
  let service;
  let history;
  before(async () => {
    service = await startService(scope, { settings: issuer.settings(), conversations: [] });
    const asBackEnd = { headers: bearer(issuer.program("conversations:manage send:any")) };
    const participants = [{ id: "parent-001", type: "Parent" }];
    const made = await request(`${service.url}/api/conversations`, { method: "POST", body: { id: "conv-123", participants }, ...asBackEnd });
    assert.equal(made.status, 201);
    for (let i = 1; i <= 10; i += 1) await post(service, `text ${i}`, "conv-123", asBackEnd.headers);
    await until("ten messages", async () => {
      const { body } = await request(`${messagesUrl(service.url, "conv-123")}?limit=50`, asBackEnd);
      return body.messages.length === 10 && (history = body.messages);
    });
  });
  const person = (id) => connectHub(scope, service, { http: { accessTokenFactory: () => issuer.person(id) } });

  const plants = {
    lost: (view) => view.splice(4, 1),
    doubled: (view) => view.splice(4, 0, view[4]),
    swapped: (view) => ([view[4], view[5]] = [view[5], view[4]]),
    altered: (view) => (view[4] = { ...view[4], content: "text 5." }),
    phantom: (view) => view.splice(4, 0, { ...view[4], id: "0".repeat(24), content: "ghost" }),
  };
  for (const [kind, plant] of Object.entries(plants)) {
    test(`${kind} is found within 5 s and attributed`, async (t) => {
      const client = await person("parent-001");
      const view = [...history];
      plant(view);
      const { code, lines, ms } = await findFault(t, service, () =>
        client.connection.invoke("ReportView", reportOf("conv-123", view, { from: 1, to: 10 })));
      t.diagnostic(`found after ${Math.round(ms)} ms`);
      assert.equal(code, 1);
      const [fault] = lines.filter((line) => line.kind);
      assert.equal(fault.kind, kind);
      assert.equal(fault.person, "parent-001");
      assert.equal(fault.connectionId, client.connection.connectionId);
      assert.deepEqual([fault.conversationId, fault.from, fault.to], ["conv-123", 1, 10]);
      if (kind === "lost" || kind === "doubled") assert.equal(fault.sequence, 5);
      assert.ok(ms < FOUND_MS, `${ms} ms`);
      const text = service.output.split("\n").find((line) => line.includes("view is not what is stored") && line.includes(kind));
      if (text) assert.ok(!text.includes("ghost") && !text.includes("text 5"), "no contents in the log");
    });
  }

  test("what a reader may not see is not compared", async () => {
    const asBackEnd = { headers: bearer(issuer.program("conversations:manage")) };
    const added = await request(`${service.url}/api/conversations/conv-123/participants`, { method: "POST", body: { id: "parent-late", type: "Parent" }, ...asBackEnd });
    assert.equal(added.status, 202);
    const client = await until("to be let in", async () => {
      const late = await person("parent-late");
      return late.join("conv-123").then(() => late, () => null);
    });
    const before = (await viewsOf(service)).mismatches;
    await client.connection.invoke("ReportView", reportOf("conv-123", history.slice(1), { from: 1, to: 10 }));
    const { text } = await get(service, "/metrics", bearer(adminToken(service)));
    assert.match(text, /view_reports_total\{outcome="outside"\} 1\n/);
    assert.equal((await viewsOf(service)).mismatches, before);
  });

  test("a stranger may not report", async () => {
    const stranger = await person("parent-999");
    await assert.rejects(stranger.connection.invoke("ReportView", reportOf("conv-123", history)), /not in it/);
  });

  test("reports that cannot be are refused by field, and nothing else happens", async () => {
    const client = await person("parent-001");
    const good = reportOf("conv-123", history);
    const wrong = [
      [{ ...good, version: 2 }, /version is none that this service compares/],
      [{ ...good, count: 1001 }, /count must be a whole number from 0 to 1000/],
      [{ ...good, from: 0 }, /from must be a whole number/],
      [{ ...good, to: 2 ** 53 + 2 }, /to must be a whole number/],
      [{ ...good, hash: "xyz" }, /hash must be 16 hexadecimal digits/],
      [{ ...good, sum: undefined }, /sum must be 16 hexadecimal digits/],
      [{ ...good, conversationId: "c".repeat(2000) }, /conversationId/],
      ["text", /report must be an object/],
    ];
    for (const [report, text] of wrong) await assert.rejects(client.connection.invoke("ReportView", report), text);
    await assert.rejects(client.connection.invoke("ReportView"), /Failed to invoke .ReportView. due to an error/);
    await client.connection.invoke("ReportView", good);
  });
});

test("reports beyond what one connection may have waiting are refused, and others are still compared", async (t) => {
  const service = await startService(t);
  await post(service, "hello");
  const [message] = await until("one message", async () => {
    const history = await readHistory(service, "conv-123");
    return history.length && history;
  });
  const [greedy, other] = [await connectHub(t, service), await connectHub(t, service)];
  const ahead = { ...reportOf("conv-123", [message]), to: 1000 }; // is looked at again and again
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => greedy.connection.invoke("ReportView", ahead)));
  const refused = answers.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 12);
  for (const { reason } of refused) assert.match(reason.message, /your earlier reports wait/);
  await other.connection.invoke("ReportView", reportOf("conv-123", [message]));
  await until("the other's report", async () => (await outcomes(service, "equal")) === 1);
  assert.equal(await outcomes(service, "refused"), 12);
});

test("verify --live ends with a summary, and says who may not ask", async (t) => {
  const service = await startService(t);
  const own = ["--url", service.url, "--data-directory", service.dataDirectory];
  const child = spawn(binary, ["verify", "--live", ...own]);
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => (stderr += text));
  await until("the first line", () => stdout.includes("\n"));
  const exit = new Promise((done) => child.once("close", done));
  child.kill("SIGINT");
  assert.equal(await exit, 0);
  assert.match(stdout, /^clients 0, conversations 0, reports 0, messages 0, waiting 0, mismatches 0\n$/);
  assert.equal(stderr, stdout);
  const wrong = await runVerb(["verify", "--live", "--url", service.url, "--token", "no-token"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /401.*operator/);
  assert.equal((await runVerb(["verify", "--live", "--url", service.url, "--data-directory", temporaryFolder(t)])).code, 2);
  assert.equal((await runVerb(["verify", "--live", "file.jsonl"])).code, 2);
});
