// Joins that meet each other, with Microsoft's client, on the embedded log and store.

import { before, describe, test } from "node:test";
import { joinScenarios } from "../support/joins.mjs";
import { sharedScope, startService } from "../support/service.mjs";

describe("a client that joins a conversation", () => {
  const scope = sharedScope();
  let service;
  before(async () => {
    service = await startService(scope);
  });
  for (const [number, { name, run }] of joinScenarios.entries()) test(name, (t) => run(t, service, `joins-${number}`));
});
