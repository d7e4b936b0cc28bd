// SignalR's HTTP client, which also keeps a connection's token fresh: Microsoft's client cannot do it by itself yet. The
// service tells the token's lifetime when it negotiates, and takes a new token for the open connection.

import { DefaultHttpClient, HttpClient, NullLogger, type HttpRequest, type HttpResponse } from '@microsoft/signalr';
import { asObject, textOf } from '../model/message';

const refreshAtPart = 0.5; // of the lifetime, and again after each refresh

export class RefreshingClient extends HttpClient {
  readonly #inner = new DefaultHttpClient(NullLogger.instance);
  readonly #hubUrl: string;
  readonly #token: () => Promise<string>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(hubUrl: string, token: () => Promise<string>) {
    super();
    this.#hubUrl = hubUrl;
    this.#token = token;
  }

  override async send(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.#inner.send(request);
    if (request.url?.includes('/negotiate') && typeof response.content === 'string') this.#negotiated(response.content);
    return response;
  }

  override getCookieString(url: string): string {
    return this.#inner.getCookieString(url);
  }

  /** The connection is gone. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #negotiated(content: string): void {
    const body = asObject(JSON.parse(content));
    const connectionToken = textOf(body, 'connectionToken');
    if (connectionToken !== undefined) this.#plan(connectionToken, body?.['tokenLifetimeSeconds']);
  }

  #plan(connectionToken: string, lifetimeSeconds: unknown): void {
    this.stop();
    if (typeof lifetimeSeconds !== 'number') return; // there is no token, or the service takes no new one
    const waitMs = Math.max(1, lifetimeSeconds * refreshAtPart) * 1000;
    this.#timer = setTimeout(() => void this.#refresh(connectionToken), waitMs);
  }

  async #refresh(connectionToken: string): Promise<void> {
    try {
      const response = await fetch(`${this.#hubUrl}/refresh`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${await this.#token()}`, 'X-SignalR-Connection-Token': connectionToken },
      });
      if (!response.ok) return; // the service closes the connection in its time, and the link connects again
      this.#plan(connectionToken, asObject(await response.json())?.['tokenLifetimeSeconds']);
    } catch {
      this.#plan(connectionToken, 2); // the network is away for a moment
    }
  }
}
