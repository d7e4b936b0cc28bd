// Python's clients, on each transport and with each protocol that they have.

import { before, describe, test } from "node:test";
import { pythonClients } from "../support/foreign_clients.mjs";
import { sharedScope, startService } from "../support/service.mjs";
import { walk } from "../support/walk.mjs";

let service;
const scope = sharedScope();
before(async () => {
  service = await startService(scope, {
    conversations: pythonClients.map(({ name }) => name),
    settings: { "Hub:KeepAliveIntervalMs": 300 }, // signalrcore's stop() waits for the next that the server sends
  });
});

describe("Python's clients join, catch up, send, receive, are refused, leave and go", { concurrency: 2 }, () => {
  for (const { name, skip, open } of pythonClients) {
    test(name, { skip }, async (t) => walk(service, await open(t, service), name));
  }
});
