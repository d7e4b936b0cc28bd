// Compression of WebSocket messages (permessage-deflate, RFC 7692): the Autobahn cases of the groups 12 and 13, each a
// thousand messages of one length, whole or in fragments. One group of each is run in full; ALL_CASES=1 (`./test full` has
// it) does so with all of them.

import { before, describe, test } from "node:test";
import { sharedScope } from "../support/service.mjs";
import { runCases, startEcho } from "../support/websocket_cases.mjs";

const CASES = 18; // of each
const SOME = [1, 5, 9, 12, 16]; // short, middling and long, whole and in fragments
const all = process.env.ALL_CASES === "1";
const contents = ["JSON", "a bitmap", "Goethe's Faust", "HTML", "PDF"];
const offers = [
  "nothing in particular",
  "no context",
  "a window of 9 bits",
  "a window of 15 bits",
  "a window of 9 bits and no context",
  "a window of 15 bits and no context",
  "several offers",
];

let server;
const scope = sharedScope();
before(async () => (server = await startEcho(scope)));

describe("WebSocket compression", () => {
  const add = (group, names) => {
    for (const [n, name] of names.entries()) {
      const cases = all || n === 0 ? CASES : SOME;
      test(`group ${group}.${n + 1}, ${name}: ${cases.length ?? cases} cases`,
        () => runCases(server, `${group}.${n + 1}`, cases));
    }
  };
  add(12, contents);
  add(13, offers);
});
