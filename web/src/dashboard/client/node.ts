// What the page asks of its node. Never throws for what a server or network does: each call names its outcomes.

import { describeProblem } from '../../model/outcome';
import { parseDeadLetters, parseRecord, orderProblem, type DeadLetter, type DeadLetterPage, type DeadRecord } from '../model/dead_letter';
import { parseNodes, type ClusterNode } from '../model/nodes';
import { Scrape } from '../model/prometheus';
import type { OperatorToken } from './token';

export type Refusal = { readonly kind: 'refused'; /** There was a token, and it is not enough. */ readonly hadToken: boolean; readonly text: string };
export type Failure = { readonly kind: 'failed'; readonly text: string };

export type ScrapeOutcome = { readonly kind: 'scrape'; readonly scrape: Scrape } | Refusal | Failure;
export type ListOutcome = { readonly kind: 'list'; readonly page: DeadLetterPage } | { readonly kind: 'missing' } | Refusal | Failure;
export type NodesOutcome = { readonly kind: 'nodes'; readonly nodes: readonly ClusterNode[] } | Failure;
export type RecordOutcome = { readonly kind: 'record'; readonly record: DeadRecord } | Failure;
export type OrderOutcome = { readonly kind: 'taken' } | Failure;

export interface Readiness {
  readonly isReady: boolean;
  /** The lines that do not end in "ok". */
  readonly problems: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const timeoutMs = 5_000;
const orderTimeoutMs = 60_000; // reading a long topic of dead letters takes a while
const noAnswer: Failure = { kind: 'failed', text: 'no answer' };

export class NodeClient {
  readonly #base: URL;
  readonly #token: OperatorToken;

  constructor(base: URL, token: OperatorToken) {
    this.#base = base;
    this.#token = token;
  }

  async scrape(): Promise<ScrapeOutcome> {
    const atMs = performance.now();
    const answer = await this.#ask('metrics');
    if (answer?.status === 200) return { kind: 'scrape', scrape: new Scrape(atMs, answer.text) };
    return this.#refusalOr(answer);
  }

  async readiness(): Promise<Readiness | undefined> {
    const answer = await this.#ask('health/ready');
    if (answer?.status !== 200 && answer?.status !== 503) return undefined;
    const problems = answer.text.split('\n').filter((line) => line !== '' && !line.endsWith(': ok'));
    return { isReady: answer.status === 200, problems };
  }

  async nodes(): Promise<NodesOutcome> {
    const answer = await this.#ask('admin/nodes');
    const nodes = answer?.status === 200 ? parseNodes(parseJson(answer.text)) : undefined;
    return nodes ? { kind: 'nodes', nodes } : failureOf(answer);
  }

  async deadLetters(): Promise<ListOutcome> {
    const answer = await this.#ask('admin/dead-letters');
    if (answer?.status === 404) return { kind: 'missing' };
    const page = answer?.status === 200 ? parseDeadLetters(parseJson(answer.text)) : undefined;
    return page ? { kind: 'list', page } : this.#refusalOr(answer);
  }

  async deadRecord(letter: DeadLetter): Promise<RecordOutcome> {
    const answer = await this.#order('show', letter);
    const record = answer?.status === 200 ? parseRecord(parseJson(answer.text)) : undefined;
    return record ? { kind: 'record', record } : failureOf(answer);
  }

  async order(action: 'retry' | 'discard', letter: DeadLetter): Promise<OrderOutcome> {
    const answer = await this.#order(action, letter);
    if (answer?.status !== 200) return failureOf(answer);
    const problem = orderProblem(parseJson(answer.text));
    return problem === undefined ? { kind: 'taken' } : { kind: 'failed', text: problem };
  }

  #order(action: string, { id, conversationId }: DeadLetter): Promise<Answer | undefined> {
    return this.#ask(`admin/dead-letters/${action}`, { letters: [{ id, conversationId }] }, orderTimeoutMs);
  }

  #refusalOr(answer: Answer | undefined): Refusal | Failure {
    if (answer?.status !== 401 && answer?.status !== 403) return failureOf(answer);
    return { kind: 'refused', hadToken: this.#token.value !== '', text: failureOf(answer).text };
  }

  async #ask(path: string, body?: object, waitMs = timeoutMs): Promise<Answer | undefined> {
    const token = this.#token.value;
    const signedIn: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
    try {
      const response = await fetch(new URL(path, this.#base), {
        method: body ? 'POST' : 'GET',
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout(waitMs),
        headers: body ? { 'Content-Type': 'application/json', ...signedIn } : signedIn,
        body: body ? JSON.stringify(body) : null,
      });
      return { status: response.status, text: await response.text() };
    } catch {
      return undefined; // refused, cut off, timed out; or a token that no header can carry
    }
  }
}

function failureOf(answer: Answer | undefined): Failure {
  if (!answer) return noAnswer;
  if (answer.status === 200) return { kind: 'failed', text: 'the answer cannot be read' };
  return { kind: 'failed', text: describeProblem(answer.status, parseJson(answer.text)) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's HTML page, for example: the status still counts
  }
}
