// A call of which a part cannot be read fails by itself: its connection lives, in both protocols.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { goodMessage } from "../support/http.mjs";
import { OPCODE, connectHub, frame, openSocket, signalR } from "../support/hub.mjs";
import { sharedScope, startService } from "../support/service.mjs";

const HALF_AN_EMOJI = "Hi 😀".slice(0, 4);

let service;
const scope = sharedScope();
before(async () => {
  service = await startService(scope);
});

for (const protocol of ["json", "messagepack"]) {
  describe(protocol, () => {
    test("content with half an emoji fails its call, by a text that names it", async (t) => {
      const client = await connectHub(t, service, { protocol });
      for (let times = 0; times < 3; ++times) {
        await assert.rejects(client.connection.invoke("SendMessage", "conv-123", { ...goodMessage, content: HALF_AN_EMOJI }),
          /invoking 'SendMessage' on the server\. HubException: content /);
      }
      await assert.rejects(client.connection.invoke("SendMessage", HALF_AN_EMOJI, goodMessage), /HubException: conversationId /);
      await assert.rejects(client.connection.invoke("SendMessage", "conv-123", { ...goodMessage, senderId: HALF_AN_EMOJI }), /HubException: senderId /);
      await assert.rejects(client.connection.invoke("JoinConversation", HALF_AN_EMOJI), /Failed to invoke 'JoinConversation'/);
      await assert.rejects(client.connection.invoke("LeaveConversation", HALF_AN_EMOJI), /Failed to invoke 'LeaveConversation'/);
      await client.connection.send("SendMessage", "conv-123", { ...goodMessage, content: HALF_AN_EMOJI });
      assert.equal((await client.send("conv-123", goodMessage)).content, goodMessage.content);
      assert.equal(client.connection.state, signalR.HubConnectionState.Connected);
    });

    test("an argument nested too deep fails its call", async (t) => {
      const client = await connectHub(t, service, { protocol });
      let deep = 0;
      for (let n = 0; n < 90; ++n) deep = [deep]; // as deep as the client's own MessagePack goes
      await assert.rejects(client.connection.invoke("JoinConversation", deep), /Failed to invoke 'JoinConversation'/);
      await client.join("conv-123");
    });
  });
}

/** What comes back for a record, and then for a call that is well. */
async function answers(t, { packed, first, second }) {
  const socket = await openSocket(t, service);
  if (!packed) {
    await socket.shakeHands();
    socket.write(frame(first));
    socket.write(frame(second));
    return [await socket.messageButPing(), await socket.messageButPing()];
  }
  socket.write(frame('{"protocol":"messagepack","version":1}\x1e'));
  await socket.frame();
  socket.write(frame(first, { opcode: OPCODE.binary }));
  socket.write(frame(second, { opcode: OPCODE.binary }));
  return [(await socket.frame()).payload.toString("latin1"), (await socket.frame()).payload.toString("latin1")];
}

const GOOD_CALL = '{"type":1,"target":"JoinConversation","arguments":["conv-123"],"invocationId":"2"}\x1e';

describe("over a bare socket", () => {
  const call = (args, target = '"JoinConversation"') => `{"type":1,"invocationId":"1","target":${target},"arguments":${args}}\x1e`;

  for (const [what, first, error] of [
    ["half of a pair", call('["\\ud83d"]'), /Failed to invoke 'JoinConversation' due to an error on the server\.$/],
    ["the other half, deep inside", call('["conv-123",{"a":[{"b":"x\\ude00"}]}]'), /Failed to invoke 'JoinConversation'/],
    ["600 levels", call("[".repeat(600) + "]".repeat(600)), /Failed to invoke 'JoinConversation'/],
    ["a number beyond all", call('["conv-123",1e999999]'), /Failed to invoke 'JoinConversation'/],
    ["a comma too many", call('["conv-123",]'), /Failed to invoke 'JoinConversation'/],
    ["no name", call("[]", '""'), /Failed to invoke '' due to an error on the server\. HubException: Method does not exist\./],
  ]) {
    test(`${what} fails the call`, async (t) => {
      const [failed, good] = await answers(t, { first, second: GOOD_CALL });
      assert.equal(failed.invocationId, "1");
      assert.match(failed.error, error);
      assert.deepEqual([good.invocationId, good.result?.conversationId], ["2", "conv-123"]);
    });
  }

  for (const [what, first] of [
    ["text that is cut off", '{"type":1,"invocationId":"1","target":"JoinConversation","arguments":["conv-123"\x1e'],
    ["an id that cannot be read", '{"type":1,"invocationId":"\\ud83d","target":"JoinConversation","arguments":["conv-123"]}\x1e'],
    ["a name that cannot be read", call("[]", '"\\ud83d"')],
  ]) {
    test(`${what} ends the connection`, async (t) => {
      const [close, end] = await answers(t, { first, second: GOOD_CALL });
      assert.equal(close.type, 7);
      assert.equal(close.allowReconnect, true);
      assert.equal(end, null);
    });
  }

  const packed = (...parts) => {
    const body = Buffer.concat(parts.map((part) => Buffer.from(part, "latin1")));
    return Buffer.concat([body.length < 128 ? Buffer.from([body.length]) : Buffer.from([(body.length & 127) | 128, body.length >> 7]), body]);
  };
  const HEAD = "\x96\x01\x80\xa11";
  const JOIN = "\xb0JoinConversation";
  const second = packed("\x96\x01\x80\xa12", JOIN, "\x91\xa8conv-123\x90");
  for (const [what, first, error] of [
    ["a text that is no UTF-8", packed(HEAD, JOIN, "\x91\xa2\xff\xfe\x90"), /Failed to invoke 'JoinConversation'/],
    ["a name that is no UTF-8", packed(HEAD, "\xa2\xff\xfe\x90\x90"), /Failed to invoke '\xef\xbf\xbd\xef\xbf\xbd' .*Method does not exist/],
    ["nil for arguments", packed(HEAD, JOIN, "\xc0\x90"), /Failed to invoke 'JoinConversation'/],
    ["600 levels", packed(HEAD, JOIN, "\x91", "\x91".repeat(600), "\xc0\x90"), /Failed to invoke 'JoinConversation'/],
    ["an extension that nobody knows", packed(HEAD, JOIN, "\x91\xd4\x05\x00\x90"), /Failed to invoke 'JoinConversation'/],
    ["a key that is no text", packed(HEAD, JOIN, "\x91\x81\x01\x02\x90"), /Failed to invoke 'JoinConversation'/],
    ["no name", packed(HEAD, "\xa0\x90\x90"), /Failed to invoke '' .*Method does not exist/],
    ["bytes behind the message do not count", packed(HEAD, JOIN, "\x91\xa8conv-123\x90", "\xc0\xc1"), /conversationId\xa8conv-123/],
  ]) {
    test(`MessagePack: ${what}`, async (t) => {
      const [answer, good] = await answers(t, { packed: true, first, second });
      assert.match(answer, /\xa11/, "of the call");
      assert.match(answer, error);
      assert.match(good, /\xa12.*conversationId\xa8conv-123/s);
    });
  }
});
