// The HTTP side of the contract. Owned by a session; holds no state. Never throws for what a server or network does:
// each call names its outcomes.

import { parsePage, parseStoredMessage, asObject, textOf, type Draft, type Page, type StoredMessage } from '../model/message';
import { withoutToken, type TokenSource } from './sign_in';
import { classifyAnswer, describeProblem, unreachable, type Answer, type SendOutcome } from '../model/outcome';

export type PageOutcome =
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'missing'; /** Or the person is not in it: with sign-in that looks the same. */ readonly orNotIn: boolean }
  | { readonly kind: 'failed'; readonly text: string };

export type LookupOutcome =
  | { readonly kind: 'stored'; readonly message: StoredMessage }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'undecided' };

export type CreateOutcome = { readonly kind: 'created' } | { readonly kind: 'failed'; readonly text: string };

export interface Participant {
  readonly id: string;
  readonly type: string;
}

const pageLimit = 50;
const timeoutMs = 10_000; // above the service's own publish timeout of 5 s, so that its 504 is heard

export class Api {
  readonly #base: URL;
  readonly #tokens: TokenSource;

  constructor(base: URL, tokens: TokenSource = withoutToken) {
    this.#base = base;
    this.#tokens = tokens;
  }

  async send(conversationId: string, draft: Draft): Promise<SendOutcome> {
    const answer = await this.#call(`${pathOf(conversationId)}/messages`, draft);
    return answer ? classifyAnswer(answer, Date.now()) : unreachable();
  }

  async page(conversationId: string, before?: number): Promise<PageOutcome> {
    const query = new URLSearchParams({ limit: String(pageLimit) });
    if (before !== undefined) query.set('before', String(before));
    const answer = await this.#call(`${pathOf(conversationId)}/messages?${query}`);
    if (!answer) return { kind: 'failed', text: 'No answer from the service.' };
    if (answer.status === 404 || answer.status === 403) return { kind: 'missing', orNotIn: answer.status === 403 };
    if (answer.status !== 200) return { kind: 'failed', text: describeProblem(answer.status, answer.body) };
    return { kind: 'page', page: parsePage(answer.body) };
  }

  async lookUp(conversationId: string, temporaryMessageId: string): Promise<LookupOutcome> {
    const id = encodeURIComponent(temporaryMessageId);
    const answer = await this.#call(`${pathOf(conversationId)}/messages/by-temporary-id/${id}`);
    if (answer?.status !== 200) return { kind: 'undecided' };
    const message = parseStoredMessage(answer.body);
    if (message) return { kind: 'stored', message };
    const body = asObject(answer.body);
    if (body?.['status'] !== 'Rejected') return { kind: 'undecided' };
    return { kind: 'rejected', reason: textOf(body, 'reason') ?? 'no reason given' };
  }

  async create(conversationId: string, participants: readonly Participant[]): Promise<CreateOutcome> {
    const answer = await this.#call('api/conversations', { id: conversationId, participants });
    if (!answer) return { kind: 'failed', text: 'No answer from the service.' };
    // 409: somebody else was quicker, and there is a conversation to open.
    if (answer.status === 409 || (answer.status >= 200 && answer.status < 300)) return { kind: 'created' };
    return { kind: 'failed', text: describeProblem(answer.status, answer.body) };
  }

  async #call(path: string, body?: object): Promise<Answer | undefined> {
    const answer = await this.#ask(path, await this.#tokens.token(), body);
    if (answer?.status !== 401) return answer;
    const token = await this.#tokens.renew();
    return token ? this.#ask(path, token, body) : answer;
  }

  async #ask(path: string, token: string, body?: object): Promise<Answer | undefined> {
    const signedIn: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
    const request: RequestInit = {
      method: body ? 'POST' : 'GET',
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutMs),
      headers: body ? { 'Content-Type': 'application/json', ...signedIn } : signedIn,
      body: body ? JSON.stringify(body) : null,
    };
    try {
      const response = await fetch(new URL(path, this.#base), request);
      const text = await response.text();
      return { status: response.status, retryAfter: response.headers.get('Retry-After'), body: parseJson(text) };
    } catch {
      return undefined; // refused, cut off or timed out: the caller's outcome is the same
    }
  }
}

function pathOf(conversationId: string): string {
  return `api/conversations/${encodeURIComponent(conversationId)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's HTML page, for example: the status still counts
  }
}
