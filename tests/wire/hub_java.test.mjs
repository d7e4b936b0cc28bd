// Microsoft's Java client, on each transport that it has.

import { before, describe, test } from "node:test";
import { javaClients } from "../support/foreign_clients.mjs";
import { sharedScope, startService } from "../support/service.mjs";
import { walk } from "../support/walk.mjs";

let service;
const scope = sharedScope();
before(async () => {
  service = await startService(scope, { conversations: javaClients.map(({ name }) => name) });
});

describe("the Java client joins, catches up, sends, receives, is refused, leaves and goes", () => {
  for (const { name, open } of javaClients) test(name, async (t) => walk(service, await open(t, service), name));
});
