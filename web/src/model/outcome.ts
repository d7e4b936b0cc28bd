// What an answer to a send means. Three outcomes, never two: taken, certainly not taken, unknown.
// A retry with the same key is safe after the last two, because the key names the message.

import { parseRetryAfterMs } from './backoff';
import { asObject, textOf, type JsonObject } from './message';

export type Certainty = 'refused' | 'not-taken' | 'unknown';

export interface Failure {
  /** refused: sending the same again cannot help; not-taken and unknown: it may. */
  readonly certainty: Certainty;
  readonly text: string;
  readonly httpStatus?: number;
  readonly retryAfterMs?: number;
}

export type SendOutcome =
  | { readonly kind: 'accepted'; readonly body: JsonObject | undefined }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: unknown;
}

export function classifyAnswer(answer: Answer, nowMs: number): SendOutcome {
  if (answer.status >= 200 && answer.status < 300) return { kind: 'accepted', body: asObject(answer.body) };
  return {
    kind: 'failed',
    failure: {
      certainty: certaintyOf(answer.status),
      text: describeProblem(answer.status, answer.body),
      httpStatus: answer.status,
      retryAfterMs: parseRetryAfterMs(answer.retryAfter, nowMs),
    },
  };
}

export function unreachable(): SendOutcome {
  return { kind: 'failed', failure: { certainty: 'unknown', text: 'No answer from the service.' } };
}

function certaintyOf(status: number): Certainty {
  if (status === 429 || status === 503) return 'not-taken';
  if (status >= 500 || status === 408) return 'unknown';
  return 'refused';
}

/** One text out of an RFC 9457 problem: its detail, then each field's mistakes. */
export function describeProblem(status: number, body: unknown): string {
  const problem = asObject(body);
  const lead = textOf(problem, 'detail') ?? textOf(problem, 'title') ?? `The service answered ${status}.`;
  const fields = Object.entries(asObject(problem?.['errors']) ?? {}).map(([field, texts]) => {
    return `${field}: ${Array.isArray(texts) ? texts.join(' ') : String(texts)}`;
  });
  return [lead, ...fields].join('\n');
}
