// One person's SignalR connection, kept up for as long as the session lives. It never gives up: after a loss or a
// failed try it waits with full jitter (at most 30 s), connects again and asks to continue after the last message seen.
// SignalR's own reconnect is not used, because it covers neither a failed first start nor a close without allowReconnect.

import { HubConnectionBuilder, HubConnectionState, LogLevel, type HubConnection } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { fullJitterMs, reconnectPolicy } from '../model/backoff';
import { asObject } from '../model/message';
import type { ViewReport } from '../model/view_report';
import { Alarm } from './alarm';
import { RefreshingClient } from './refreshing_client';

export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'offline';

export interface LinkStatus {
  readonly state: ConnectionState;
  readonly failures: number;
  /** When the next try starts, in wall-clock milliseconds; undefined while one is under way. */
  readonly retryAtMs?: number;
}

export interface LinkHooks {
  /** Runs before each connect. False: there is nothing to join, and the link sleeps until `tryNow`. */
  prepare(): Promise<boolean>;
  lastSequence(): number;
  status(status: LinkStatus): void;
  joined(afterSequence: number, lastSequence: number): void;
  message(value: unknown): void;
  rejection(value: unknown): void;
  /** The person is in the conversation no more. */
  removed(): void;
}

const failuresUntilOffline = 3;
const steadyAfterMs = 5_000; // a connection that breaks sooner counts as a failure, or a flapping server would be hammered
const joinTimeoutMs = 30_000;

export class HubLink {
  readonly #url: string;
  readonly #token: () => Promise<string>;
  readonly #conversationId: string;
  readonly #hooks: LinkHooks;
  readonly #alarm = new Alarm();
  #connection: HubConnection | undefined;
  #stopped = false;
  #wasLive = false;
  #failures = 0;
  #askedToWaitMs: number | undefined; // by a service that stops

  constructor(url: string, token: () => Promise<string>, conversationId: string, hooks: LinkHooks) {
    this.#url = url;
    this.#token = token;
    this.#conversationId = conversationId;
    this.#hooks = hooks;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#alarm.ring();
    void this.#connection?.stop();
  }

  /** Cuts the current wait short: the person asked, or the browser says that the network is back. */
  tryNow(): void {
    this.#alarm.ring();
  }

  /** False when there is no connection now; fails when the service refuses. */
  async reportView(report: ViewReport): Promise<boolean> {
    const connection = this.#connection;
    if (connection?.state !== HubConnectionState.Connected) return false;
    await connection.invoke('ReportView', report);
    return true;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#report();
      if (await this.#connectAndHold()) await this.#pause();
    }
  }

  /** False when there was nothing to connect to, and the wait for it is over. */
  async #connectAndHold(): Promise<boolean> {
    try {
      if (!(await this.#hooks.prepare())) {
        await this.#alarm.wait();
        return false;
      }
      await this.#hold(this.#build());
    } catch {
      this.#failures += 1;
    }
    return true;
  }

  #build(): HubConnection {
    const httpClient = new RefreshingClient(this.#url, this.#token);
    const connection = new HubConnectionBuilder()
      .withUrl(this.#url, { accessTokenFactory: this.#token, httpClient }) // WebSockets, or what gets through
      .withHubProtocol(new MessagePackHubProtocol())
      .withStatefulReconnect() // a socket that is cut for a moment costs nothing
      .configureLogging(LogLevel.None)
      .build();
    connection.onclose(() => httpClient.stop());
    connection.on('ReceiveMessage', (message: unknown) => this.#hooks.message(message));
    connection.on('MessageRejected', (rejection: unknown) => this.#hooks.rejection(rejection));
    connection.on('RemovedFromConversation', () => {
      this.#hooks.removed();
      void connection.stop(); // the next `prepare` looks whether there is something to join
    });
    connection.on('ServiceStopping', (word: unknown) => {
      const waitMs = asObject(word)?.['reconnectAfterMs'];
      if (typeof waitMs === 'number' && waitMs >= 0) this.#askedToWaitMs = Math.min(waitMs, reconnectPolicy.capMs);
    });
    return connection;
  }

  /** Connects, joins, and returns when the connection is gone; throws when it did not get that far. */
  async #hold(connection: HubConnection): Promise<void> {
    const gone = new Promise<void>((resolve) => connection.onclose(() => resolve()));
    this.#connection = connection;
    if (this.#stopped) return;
    await connection.start();
    try {
      await this.#join(connection);
    } catch (error) {
      await connection.stop();
      throw error;
    }
    const liveSinceMs = performance.now();
    this.#wasLive = true;
    this.#hooks.status({ state: 'live', failures: 0 });
    await gone;
    this.#failures = performance.now() - liveSinceMs >= steadyAfterMs ? 0 : this.#failures + 1;
  }

  async #join(connection: HubConnection): Promise<void> {
    const afterSequence = this.#hooks.lastSequence();
    const late = setTimeout(() => void connection.stop(), joinTimeoutMs); // which fails the invocation
    try {
      const joined = asObject(await connection.invoke('JoinConversation', this.#conversationId, afterSequence));
      const lastSequence = joined?.['lastSequence'];
      this.#hooks.joined(afterSequence, typeof lastSequence === 'number' ? lastSequence : afterSequence);
    } finally {
      clearTimeout(late);
    }
  }

  async #pause(): Promise<void> {
    if (this.#stopped) return;
    const waitMs = this.#askedToWaitMs ?? fullJitterMs(reconnectPolicy, this.#failures, Math.random);
    this.#askedToWaitMs = undefined;
    this.#report(Date.now() + waitMs);
    await this.#alarm.wait(waitMs);
  }

  #report(retryAtMs?: number): void {
    const isOffline = !navigator.onLine || this.#failures >= failuresUntilOffline;
    const state = isOffline ? 'offline' : this.#wasLive ? 'reconnecting' : 'connecting';
    this.#hooks.status({ state, failures: this.#failures, retryAtMs });
  }
}
