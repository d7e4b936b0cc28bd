// Waiting times. Full jitter: a service that comes back is not hit by all its clients in the same instant.

export interface BackoffPolicy {
  readonly baseMs: number;
  readonly capMs: number;
}

export const reconnectPolicy: BackoffPolicy = { baseMs: 500, capMs: 30_000 };
export const resendPolicy: BackoffPolicy = { baseMs: 500, capMs: 15_000 };

/** A wait between 0 and min(cap, base * 2^failures); `random` gives [0, 1). */
export function fullJitterMs(policy: BackoffPolicy, failures: number, random: () => number): number {
  const ceilingMs = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failures, 30));
  return Math.round(random() * ceilingMs);
}

/** `Retry-After` in seconds or as an HTTP date; undefined where it is absent or says neither. */
export function parseRetryAfterMs(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
