// Ports for programs of others that cannot say which one they took.

import { createServer } from "node:net";

/** A port of 127.0.0.1 that nobody has now. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
