// Every client that is not ours, in every way that it can reach the hub: `{name, transport, protocol, open(t, service)}`,
// where open() gives one that is not started yet (support/walk.mjs). A third argument `{token}` signs it in.
// tests/clients/README.md has the table.

import { join } from "node:path";
import { ClientProgram } from "./client_program.mjs";
import { kinds, versions } from "./conformance.mjs";
import { javaProgram } from "./java.mjs";
import { pythonWith } from "./python.mjs";
import { repositoryRoot } from "./service.mjs";
import { JavaScriptClient } from "./walk.mjs";

const folder = join(repositoryRoot, "tests/clients");
const nameOf = (...parts) => parts.join("-").replace(/[ ,]+/g, "-");

const javaScriptWays = [
  ...kinds,
  ...kinds.filter(({ transport }) => transport === "WebSockets")
    .map((kind) => ({ ...kind, name: `${kind.name} not negotiated`, http: { skipNegotiation: true } })),
];

export const javaScriptClients = versions.flatMap((version) => javaScriptWays.map((way) => ({
  ...way,
  name: nameOf(version.name, way.name),
  open: async (t, service, more) => new JavaScriptClient(t, service, { version, ...way, ...more }),
})));

// Its MessagePack is a package of its own, com.microsoft.signalr.messagepack, that not every mirror of Maven has.
export const javaClients = ["WebSockets", "LongPolling"].map((transport) => ({
  name: nameOf("java", transport),
  transport,
  protocol: "json",
  open: async (t, service, { token } = {}) =>
    new ClientProgram(t, service, await javaProgram(join(folder, "java"), "HubClient"), { transport, protocol: "json", token }),
}));

// Without signalrcore's long polling: of what one poll brings it hands on the first message only.
const pythonWays = [
  ["signalrcore", "WebSockets", "json"],
  ["signalrcore", "WebSockets", "messagepack"],
  ["signalrcore", "ServerSentEvents", "json"],
  ["signalrcore", "WebSockets", "json", { more: ["0"] }],
  ["pysignalr", "WebSockets", "json"],
  ["pysignalr", "WebSockets", "messagepack"],
];

/** With `skip`, a reason, where one is known not to work; CLIENTS_ALL=1 tries it nevertheless. */
export const pythonClients = pythonWays.map(([name, transport, protocol, { more = [], fault = false } = {}]) => ({
  name: nameOf(name, transport, protocol, ...more),
  transport,
  protocol,
  skip: process.env.CLIENTS_ALL ? false : fault,
  open: async (t, service, { token } = {}) => {
    const python = await pythonWith("signalrcore==1.0.2", "pysignalr==1.3.3");
    return new ClientProgram(t, service, [python, join(folder, "python", `${name}_client.py`)], { transport, protocol, more, token });
  },
}));
