// Microsoft's Java client, on each transport that it has.
//
// JSON only: its MessagePack is a package of its own (com.microsoft.signalr.messagepack) that not every mirror of Maven has.

import { join } from "node:path";
import { before, describe, test } from "node:test";
import { ClientProgram } from "../support/client_program.mjs";
import { javaProgram } from "../support/java.mjs";
import { repositoryRoot, sharedScope, startService } from "../support/service.mjs";
import { walk } from "../support/walk.mjs";

const ways = [
  { name: "WebSockets-json", transport: "WebSockets", protocol: "json" },
  { name: "LongPolling-json", transport: "LongPolling", protocol: "json" },
];

let program;
let service;
const scope = sharedScope();
before(async () => {
  program = await javaProgram(join(repositoryRoot, "tests/clients/java"), "HubClient");
  service = await startService(scope, { conversations: ways.map(({ name }) => name) });
});

describe("the Java client joins, catches up, sends, receives, is refused, leaves and goes", () => {
  for (const way of ways) {
    test(way.name, (t) => walk(service, new ClientProgram(t, service, program, way), way.name));
  }
});
