// A real HTTP server on a free port of the loopback, that gives the answers it was handed, one after the other.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

type Respond = (response: ServerResponse) => void;

export function json(status: number, body: object, headers: Record<string, string> = {}): Respond {
  return (response) => response.writeHead(status, headers).end(JSON.stringify(body));
}

export const cutOff: Respond = (response) => response.destroy();

export async function serve(context: TestContext, answers: Respond[]): Promise<{ base: URL; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      seen.push({ method: request.method!, url: request.url!, body });
      (answers.shift() ?? json(500, { detail: 'no answer left' }))(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), seen };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}
