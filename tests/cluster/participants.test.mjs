// The same on Kafka and MongoDB: two nodes with API and hub, and persisters of their own.

import { before, describe, test } from "node:test";
import { startCluster } from "../support/cluster.mjs";
import { issuer, participantScenarios, race, raceRounds } from "../support/participants.mjs";
import { sharedScope, startService } from "../support/service.mjs";

describe("two nodes", () => {
  const scope = sharedScope();
  let nodes;
  before(async () => {
    const cluster = await startCluster(scope);
    const settings = issuer.settings(cluster.settings());
    await startService(scope, { settings, roles: "persister" });
    nodes = [await startService(scope, { settings, roles: "api,hub" }), await startService(scope, { settings })];
  });
  for (const { name, run } of participantScenarios) test(name, { timeout: 120_000 }, (t) => run(t, nodes));
  test("removals against sends, joins and reads", { timeout: 3_600_000 }, (t) => race(t, nodes, { rounds: raceRounds, lanes: 32 }));
});
