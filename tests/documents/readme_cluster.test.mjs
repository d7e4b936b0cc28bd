// The README's way to Kafka and MongoDB, typed as it stands there: real servers, a first message, and a node of one's own.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startRun } from "../support/checkout.mjs";
import { commandsOf } from "../support/commands.mjs";
import { history } from "../support/http.mjs";
import { freePort } from "../support/ports.mjs";
import { Follower, blocksOf } from "../support/readme.mjs";
import { repositoryRoot, runVerb, startService, until } from "../support/service.mjs";

test("./run --cluster, then a node on servers of one's own", { timeout: 500_000 }, async (t) => {
  const [[run], [exported, doctor, serve]] = blocksOf("To Kafka and MongoDB").map(({ text }) => commandsOf(text));
  assert.deepEqual(run, ["./run", "--cluster"]);
  const url = `http://127.0.0.1:${await freePort()}`;
  const service = await startRun(t, [...run, `--Urls=${url}`]);

  const user = new Follower(service.folder, url);
  const blocks = blocksOf("The first message");
  const program = blocks.find(({ language }) => language === "js");
  for (const block of blocks.filter(({ language, line }) => language === "sh" && line < program.line)) await user.run(block);
  await user.save(program);
  const printed = await user.run(blocks.find(({ language, line }) => language === "sh" && line > program.line));
  assert.match(printed, /^202 for js-\d+\nReceiveMessage \d+: [0-9a-f]{24} Hello from JavaScript!\n$/);

  // The page's addresses are those of servers that were just installed; here they are what ./run has started.
  const addresses = { KAFKA: service.printed().match(/Kafka: +(\S+)/)[1], MONGODB: service.printed().match(/MongoDB: +(\S+)/)[1] };
  assert.deepEqual(exported.map((word) => word.split("=")[0]), ["export", "KAFKA", "MONGODB"]);
  const adapted = (words) => words.slice(1).map((word) => word.replace(/\$([A-Z]+)/, (all, name) => addresses[name])
    .replace(/^conf\//, `${join(repositoryRoot, "conf")}/`));
  const { code, stdout } = await runVerb(adapted(doctor));
  assert.equal(code, 0, stdout);
  const [verb, ...args] = adapted(serve);
  assert.equal(verb, "serve");
  const node = await startService(t, { conversations: [], args });
  await until("the new node is ready", async () => (await fetch(`${node.url}/health/ready`)).ok);
  assert.deepEqual((await history(node)).map(({ content }) => content), ["Hello from curl!", "Hello from JavaScript!"]);
  await node.stop();
  assert.deepEqual(await service.stop(), { code: 0, signal: null });
});
