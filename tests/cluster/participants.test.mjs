// The same on Kafka and MongoDB: two nodes with API and hub, and persisters of their own.

import { before, describe, test } from "node:test";
import { startCluster } from "../support/cluster.mjs";
import { issuer, participantScenarios, race, raceRounds, settings } from "../support/participants.mjs";
import { outAtOnce } from "../support/revocations.mjs";
import { sharedScope, startService } from "../support/service.mjs";

describe("two nodes", () => {
  const scope = sharedScope();
  let nodes;
  before(async () => {
    const cluster = await startCluster(scope);
    const all = settings(cluster.settings());
    await startService(scope, { settings: all, roles: "persister" });
    nodes = [await startService(scope, { settings: all, roles: "api,hub" }), await startService(scope, { settings: all })];
  });
  for (const { name, run } of participantScenarios) test(name, { timeout: 120_000 }, (t) => run(t, nodes));
  test("a revoked person is out on both nodes", (t) => outAtOnce(t, nodes, issuer));
  test("removals against sends, joins and reads", { timeout: 3_600_000 }, (t) => race(t, nodes, { rounds: raceRounds, lanes: 32 }));
});
