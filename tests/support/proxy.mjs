// A TCP proxy in front of a service, to break connections in the middle: what goes through is not looked at.

import { createConnection, createServer } from "node:net";

/** Of the bytes that have come, those that may go on: none once the first frame, which is short, is through. */
function upToFirstFrame(pair, bytes) {
  const before = pair.held.length;
  pair.held = Buffer.concat([pair.held, bytes]);
  const head = pair.held.indexOf("\r\n\r\n") + 4;
  if (head < 4 || pair.held.length < head + 2) return bytes;
  return pair.held.subarray(before, Math.max(before, head + 2 + pair.held[head + 1]));
}

export class Proxy {
  #pairs = new Set();
  #server;
  accepted = 0;
  firstFrameOnly = false; // of what the service sends on connections from now on, behind its answer to the upgrade

  /** @returns {Promise<Proxy>} that ends with `t` */
  static async start(t, targetPort) {
    const proxy = new Proxy();
    proxy.#server = createServer((client) => proxy.#connect(client, targetPort));
    await new Promise((done) => proxy.#server.listen(0, "127.0.0.1", done));
    t.after(() => {
      proxy.cut();
      proxy.#server.close();
    });
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Connections on which the client has spoken again after the service's first answer. */
  get established() {
    return [...this.#pairs].filter((pair) => pair.established && !pair.silent).length;
  }

  #connect(client, port) {
    this.accepted++;
    const server = createConnection({ port, host: "127.0.0.1", noDelay: true });
    const pair = { client, server, held: this.firstFrameOnly ? Buffer.alloc(0) : null };
    this.#pairs.add(pair);
    client.setNoDelay(true);
    for (const [from, to] of [[client, server], [server, client]]) {
      from.on("data", (bytes) => {
        if (from === server) pair.answered = true;
        else if (pair.answered) pair.established = true;
        if (from === server && pair.held !== null) bytes = upToFirstFrame(pair, bytes);
        if (!pair.silent) to.write(bytes);
      });
      from.on("error", () => {});
      from.on("close", () => {
        this.#pairs.delete(pair);
        if (!pair.silent) to.destroy();
        else pair.left = to;
      });
    }
  }

  /** Ends every connection on both sides, without a word. */
  cut() {
    for (const { client, server, left } of this.#pairs) {
      client.destroy();
      server.destroy();
      left?.destroy();
    }
    this.#pairs.clear();
  }

  /** Ends the clients' sides; the service's stay open and silent. They are given back, to be destroyed. */
  abandon() {
    return [...this.#pairs].map((pair) => {
      pair.silent = true;
      pair.client.destroy();
      return pair.server;
    });
  }
}
