// What happened to a message, in words.

import type { Certainty } from '../model/outcome';
import type { Entry } from '../model/timeline';
import { formatCountdown, formatMs } from './format';

const failedLabels: Record<Certainty, string> = {
  refused: 'Refused',
  'not-taken': 'Not sent',
  unknown: 'Outcome unknown',
};

export function statusLabel(entry: Entry): string {
  if (entry.status === 'failed') return failedLabels[entry.failure?.certainty ?? 'unknown'];
  if (entry.status === 'sending') return (entry.sending?.attempts ?? 0) > 1 ? `Sending, try ${entry.sending!.attempts}` : 'Sending';
  return { sent: 'Sent', stored: 'Stored', rejected: 'Rejected' }[entry.status];
}

/** The line under a bubble: state, place in the conversation, and the times that this page measured. */
export function detailsLine(entry: Entry): string {
  const { sending } = entry;
  const parts = [
    entry.status === 'stored' ? undefined : statusLabel(entry), // a stored one says so with its time
    entry.sequence !== undefined ? `#${entry.sequence}` : undefined,
    sending?.acceptedAfterMs !== undefined ? `202 in ${formatMs(sending.acceptedAfterMs)}` : undefined,
    sending?.storedAfterMs !== undefined ? `stored in ${formatMs(sending.storedAfterMs)}` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

export function failureText(entry: Entry): string | undefined {
  if (entry.status === 'rejected') return `Rejected: ${entry.reason ?? 'no reason given'}`;
  if (entry.status !== 'failed') return undefined;
  const text = entry.failure?.text ?? '';
  if (entry.failure?.certainty === 'unknown') return `${text}\nIt may have arrived. Trying again is safe: the key stays the same.`;
  return text;
}

export function retryText(entry: Entry, nowMs: number): string {
  return entry.retryAtMs === undefined ? '' : `Trying again ${formatCountdown(entry.retryAtMs, nowMs)}`;
}
