// JSON as programs on .NET, PowerShell and phones write it: by POST and by the hub the same texts are taken.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { connectHub } from "../support/hub.mjs";
import { connected, goodMessage, post, request } from "../support/http.mjs";
import { sharedScope, startService } from "../support/service.mjs";

let service;
const scope = sharedScope();
before(async () => (service = await startService(scope)));

const BOM = "\ufeff";
const rest = '"senderId":"parent-001","senderType":"Parent"';
const nested = (lists) => `{${rest},"content":"hi","x":${"[".repeat(lists)}${"]".repeat(lists)}}`;

/** The answer to a POST of these bytes. */
const answer = (body, headers = {}) => connected(service.port, async (connection) => {
  connection.write(post(body, { headers }));
  return connection.response();
});

describe("a body", () => {
  for (const [name, body, content] of [
    ["in Pascal case", '{"SenderId":"parent-001","SenderType":"Parent","Content":"hi"}', "hi"],
    ["in capitals", '{"SENDERID":"parent-001","SENDERTYPE":"Parent","CONTENT":"hi"}', "hi"],
    ["with one name twice", `{${rest},"content":"a","content":"b"}`, "b"],
    ["with one name in two cases", `{${rest},"content":"a","Content":"b"}`, "b"],
    ["with one name in two cases, the other way", `{${rest},"Content":"a","content":"b"}`, "b"],
    ["with a byte order mark", `${BOM}{${rest},"content":"hi"}`, "hi"],
    ["with a byte order mark in a text", `{${rest},"content":"${BOM}x"}`, `${BOM}x`],
    ["64 deep", nested(63), "hi"],
    ["with an escaped name", `{${rest},"\\u0043ontent":"hi"}`, "hi"],
  ]) {
    test(`${name} is taken`, async () => {
      const response = await answer(body);
      assert.equal(response.status, 202, response.body);
      assert.equal(response.json.content, content);
      assert.equal(response.json.senderId, "parent-001");
    });
  }
  for (const [name, body] of [["65 deep", nested(64)], ["with two byte order marks", `${BOM}${BOM}{${rest},"content":"hi"}`]]) {
    test(`${name} is refused`, async () => assert.equal((await answer(body)).status, 400));
  }

  test("may have senderType in any case, which is stored as it is declared", async () => {
    for (const senderType of ["parent", "PARENT", "Parent"]) {
      const response = await answer({ ...goodMessage, senderType });
      assert.equal(response.status, 202, response.body);
      assert.equal(response.json.senderType, "Parent");
    }
  });

  for (const type of ["application/json", "APPLICATION/JSON", "application/json;", "application/json; charset=utf-8",
    'application/json; charset="UTF-8"', "application/json;charset=utf8", "application/json; a=b; charset=utf-8",
    "application/vnd.api+json", "application/problem+JSON"]) {
    test(`may be ${type}`, async () => assert.equal((await answer(goodMessage, { "Content-Type": type })).status, 202));
  }

  test("of a conversation has names in any case too", () => connected(service.port, async (connection) => {
    const body = JSON.stringify({ Id: "conv-pascal", Title: "T", Participants: [{ Id: "p", Type: "teacher" }] });
    connection.write(request("POST", "/api/conversations", { headers: { "Content-Type": "application/json" }, body }));
    const response = await connection.response();
    assert.equal(response.status, 201, response.body);
    assert.deepEqual(response.json.participants, [{ id: "p", type: "Teacher" }]);
  }));
});

describe("a call of the hub", () => {
  for (const protocol of ["json", "messagepack"]) {
    test(`by ${protocol} takes names and senderType in any case`, async (t) => {
      const client = await connectHub(t, service, { protocol });
      const sent = await client.send("conv-123", { SenderId: "parent-001", SENDERTYPE: "parent", Content: "hi" });
      assert.equal(sent.content, "hi");
      assert.equal(sent.senderType, "Parent");
      assert.equal((await client.send("conv-123", { ...goodMessage, Content: "the last one counts" })).content, "the last one counts");
    });

    test(`by ${protocol} with an id that is too long fails, and the connection lives`, async (t) => {
      const client = await connectHub(t, service, { protocol });
      for (const id of ["x".repeat(129), "x".repeat(20_000), ""]) {
        await assert.rejects(client.join(id), /conversationId/);
        await assert.rejects(client.leave(id), /conversationId/);
      }
      await client.join("conv-123");
    });
  }
});
