// The wall clock jumps by days under load, forwards and backwards, also over a restart: every 202 is stored once, in order,
// and reaches every reader.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { checkDelivery, describe } from "../support/delivery_check.mjs";
import { DAY_MS, movedClock } from "../support/moved_clock.mjs";
import { startService, until } from "../support/service.mjs";
import { Watcher, WriteLog, messagesUrl, readHistories, request, settle, startLoad, viewsAtTheEnd } from "../support/traffic.mjs";

const conversations = ["conv-1", "conv-2"];

test("the wall clock jumps by eight days, to and fro: nothing accepted is lost, doubled or out of order", async (t) => {
  const clock = movedClock(t);
  const service = await startService(t, {
    conversations,
    settings: { "Retention:CheckIntervalMs": 100 },
    env: clock.env,
  });
  const log = new WriteLog();
  const watchers = [new Watcher(service, "from the start", conversations, 0), new Watcher(service, "live", conversations)];
  const stopLoad = startLoad(service, log, { connections: 8, conversations, pauseMs: 2 });
  const accepted = (more) => {
    const atLeast = log.count("ok") + more;
    return until("posts to be accepted", () => log.count("ok") >= atLeast);
  };
  const key = randomUUID();
  const body = { senderId: "parent-001", senderType: "Parent", content: "the same again", temporaryMessageId: key };
  const sendAgain = async () => (await request(messagesUrl(service.url, "conv-1"), { method: "POST", body })).body;
  log.entries.push({ conversationId: "conv-1", key, content: body.content, outcome: "ok", sentMs: performance.now(), answeredMs: Infinity });
  const first = await sendAgain();

  const sentAt = [];
  for (const days of [8, -8, 0, -8]) {
    clock.set(days);
    await accepted(500);
    const { body: page } = await request(`${messagesUrl(service.url, "conv-1")}?limit=1`);
    sentAt.push(Date.parse(page.messages[0].sentAt) - Date.now());
    assert.deepEqual(await sendAgain(), first);
  }
  t.diagnostic(`the clocks of the messages, in days: ${sentAt.map((ms) => (ms / DAY_MS).toFixed(1)).join(", ")}`);
  assert.ok(Math.max(...sentAt) > 7 * DAY_MS && Math.min(...sentAt) < -7 * DAY_MS, "the service saw the jumps");

  await stopLoad();
  await service.kill("SIGKILL");
  clock.set(8);
  await service.start();
  clock.set(0);
  await settle(service, log, conversations);
  assert.equal((await sendAgain()).id, first.id);
  const stored = await readHistories(service, conversations);
  const result = checkDelivery({ writes: log.entries, stored, watchers: await viewsAtTheEnd(watchers, stored) });
  t.diagnostic(describe(result));
  assert.deepEqual(result.faults.slice(0, 20), []);
});
