// A page of another site in a browser, with Microsoft's client and a connection to our hub.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { HUB } from "../support/hub.mjs";
import { repositoryRoot } from "../support/service.mjs";

const client = readFileSync(join(repositoryRoot, "web/node_modules/@microsoft/signalr/dist/browser/signalr.min.js"));

/** Every way from a browser to the hub: `{name, transport, skipNegotiation}`. */
export const ways = [
  { name: "WebSockets", transport: "WebSockets" },
  { name: "WebSockets-not-negotiated", transport: "WebSockets", skipNegotiation: true },
  { name: "ServerSentEvents", transport: "ServerSentEvents" },
  { name: "LongPolling", transport: "LongPolling" },
];

/** A site that has nothing but Microsoft's client: its origin. Ends with `t`. */
export async function startSite(t) {
  const server = createServer((request, response) => {
    const script = request.url === "/signalr.js";
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html; charset=utf-8");
    response.end(script ? client : '<!doctype html><title>elsewhere</title><script src="/signalr.js"></script>');
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/**
 * A page of that site with a connection, not started: `{page, answers, complaints}`, with what came over the network.
 * `way` is one of those above, and may have the `token` to sign in with.
 */
export async function openPage(t, browser, origin, service, way) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const answers = [];
  const complaints = [];
  page.on("response", (response) => response.url().startsWith(service.url) && answers.push(response));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(origin);
  await page.evaluate(({ url, transport, skipNegotiation, token }) => {
    const { HttpTransportType, HubConnectionBuilder, LogLevel } = window.signalR;
    const signIn = token ? { accessTokenFactory: () => token } : {};
    window.received = [];
    window.hub = new HubConnectionBuilder()
      .withUrl(url, { transport: HttpTransportType[transport], skipNegotiation, ...signIn })
      .configureLogging(LogLevel.None)
      .build();
    window.hub.on("ReceiveMessage", (message) => window.received.push(message));
  }, { url: service.url + HUB, ...way });
  return { page, answers, complaints };
}

/** null, or the text of the error. */
export const start = ({ page }) => page.evaluate(() => window.hub.start().then(() => null, (error) => error.message));
export const invoke = ({ page }, ...call) => page.evaluate((its) => window.hub.invoke(...its), call);
export const received = ({ page }) => page.evaluate(() => window.received);
export const stop = ({ page }) => page.evaluate(() => window.hub.stop());
