// Joins that meet each other, on Kafka and MongoDB: the client's node has the hub, another one accepts and stores.

import { before, describe, test } from "node:test";
import { startCluster } from "../support/cluster.mjs";
import { joinScenarios } from "../support/joins.mjs";
import { sharedScope, startService } from "../support/service.mjs";

describe("a client that joins a conversation", () => {
  const scope = sharedScope();
  let service;
  before(async () => {
    const cluster = await startCluster(scope);
    await startService(scope, { settings: cluster.settings(), roles: "persister" });
    service = await startService(scope, { settings: cluster.settings(), roles: "api,hub" });
  });
  for (const [number, { name, run }] of joinScenarios.entries()) test(name, (t) => run(t, service, `joins-${number}`));
});
