// The description of topics and hub (src/api/descriptions/asyncapi.json), and checks of what the service writes against it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { repositoryRoot } from "./service.mjs";

export const clientsRequire = createRequire(join(repositoryRoot, "tests/clients/package.json"));
const Ajv = clientsRequire("ajv").default;
const addFormats = clientsRequire("ajv-formats").default;

export const asyncapiText = readFileSync(join(repositoryRoot, "src/api/descriptions/asyncapi.json"), "utf8");
export const asyncapi = JSON.parse(asyncapiText);

/** The same schema, but for what it does not name: a field that nobody described fails. */
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return schema.type === "object" && schema.properties ? { ...copy, additionalProperties: false } : copy;
}

/** `open`: as readers should read, who ignore fields that they do not know. */
function validators(components) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: "asyncapi", components });
  return (path, value, what) => {
    const validate = ajv.getSchema(`asyncapi#/components/${path}`) ?? ajv.compile({ $ref: `asyncapi#/components/${path}` });
    assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
  };
}
const check = { open: validators(asyncapi.components), closed: validators(closed(asyncapi.components)) };

/** Checks what a client of the hub gives or gets. `seen` notes the names. */
export function checkHubMessage(name, payload, seen) {
  assert.ok(asyncapi.channels.hub.messages[name], `the hub has no ${name}`);
  check.open(`messages/${name}/payload`, payload, name);
  check.closed(`messages/${name}/payload`, payload, name);
  seen?.add(name);
}

/** The topics of the commands, by the name of their channel. */
export const topics = { requested: "requested", sent: "sent", deadLetters: "dead" };

const eventTypeOf = ({ payload }) => asyncapi.components.schemas[payload.$ref?.split("/").at(-1)]?.properties.eventType?.const;

function messageOf(channel, { value }) {
  let eventType;
  try {
    ({ eventType } = JSON.parse(value));
  } catch {
    // No JSON: such records are in the topic of dead letters.
  }
  const names = Object.keys(asyncapi.channels[channel].messages);
  if (channel === "deadLetters") return eventType === "DeadLetterReference" ? "DeadLetterReference" : "DeadLetter";
  return names.find((name) => eventTypeOf(asyncapi.components.messages[name]) === eventType);
}

/** Checks a record `{key, value, headers}`, as any reader may and, unless `stranger`, for all that the service writes. */
export function checkRecord(channel, record, seen, { stranger = false } = {}) {
  const name = messageOf(channel, record);
  assert.ok(name, `${channel} has no such record: ${record.value}`);
  const message = asyncapi.components.messages[name];
  const checks = stranger ? [check.open] : [check.open, check.closed];
  for (const one of checks) {
    if (name !== "DeadLetter") one(`messages/${name}/payload`, JSON.parse(record.value), name);
    if (message.bindings) one(`messages/${name}/bindings/kafka/key`, record.key, `${name}'s key`);
  }
  // A dead letter has the headers of its record, too.
  const own = check[stranger || channel === "deadLetters" ? "open" : "closed"];
  own(message.headers.$ref.slice("#/components/".length), record.headers, `${name}'s headers`);
  seen?.add(name);
}
