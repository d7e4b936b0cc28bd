// Python's clients, on each transport and with each protocol that they have. (signalrcore's long polling reads text only.)
//
// Ways that are known not to work have a reason here; CLIENTS_ALL=1 tries them nevertheless.

import { join } from "node:path";
import { before, describe, test } from "node:test";
import { ClientProgram } from "../support/client_program.mjs";
import { pythonWith } from "../support/python.mjs";
import { repositoryRoot, sharedScope, startService } from "../support/service.mjs";
import { walk } from "../support/walk.mjs";

const clients = {
  signalrcore: [
    ["WebSockets", "json"],
    ["WebSockets", "messagepack"],
    ["ServerSentEvents", "json"],
    ["LongPolling", "json", "it posts its handshake before its first poll, which the hub answers with 404"],
  ],
  pysignalr: [
    ["WebSockets", "json"],
    ["WebSockets", "messagepack"],
  ],
};

const ways = Object.entries(clients).flatMap(([name, all]) => all.map(([transport, protocol, fault]) => ({
  name: `${name}-${transport}-${protocol}`,
  script: join(repositoryRoot, "tests/clients/python", `${name}_client.py`),
  transport,
  protocol,
  skip: process.env.CLIENTS_ALL ? false : fault,
})));

let python;
let service;
const scope = sharedScope();
before(async () => {
  python = await pythonWith("signalrcore==1.0.2", "pysignalr==1.3.3");
  service = await startService(scope, {
    conversations: ways.map(({ name }) => name),
    settings: { "Hub:KeepAliveIntervalMs": 300 }, // signalrcore's stop() waits for the next that the server sends
  });
});

describe("Python's clients join, catch up, send, receive, are refused, leave and go", { concurrency: 2 }, () => {
  for (const way of ways) {
    test(way.name, { skip: way.skip }, (t) => walk(service, new ClientProgram(t, service, [python, way.script], way), way.name));
  }
});
