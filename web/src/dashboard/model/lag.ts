// What waits in the log to be stored, by partition, and when it will be none.

import type { Span } from './recent';

/** `never`: at this rate it does not get less. `unknown`: there is one look only. */
export type TimeToZero = { readonly kind: 'seconds'; readonly seconds: number } | { readonly kind: 'never' } | { readonly kind: 'unknown' };

export interface PartitionLag {
  readonly partition: string;
  readonly records: number;
  readonly timeToZero: TimeToZero;
  /** The version of the record at which this program stops, because it is too old. */
  readonly requiresVersion?: number;
}

export function timeToZero(before: number | undefined, now: number, seconds: number): TimeToZero {
  if (now <= 0) return { kind: 'seconds', seconds: 0 };
  if (before === undefined || seconds <= 0) return { kind: 'unknown' };
  const gain = (before - now) / seconds;
  return gain > 0 ? { kind: 'seconds', seconds: now / gain } : { kind: 'never' };
}

/** The longest first. Empty where this node reads no partition. */
export function lagByPartition(span: Span): PartitionLag[] {
  const name = 'consumer_lag_records';
  const lags = span.now.series(name).map(({ labels, value }) => {
    const partition = labels['partition'] ?? '';
    const version = span.now.value('consumer_requires_version', { partition }) ?? 0;
    return {
      partition,
      records: value,
      timeToZero: timeToZero(span.before.value(name, { partition }), value, span.seconds),
      ...(version > 0 ? { requiresVersion: version } : {}),
    };
  });
  return lags.sort((a, b) => b.records - a.records || Number(a.partition) - Number(b.partition));
}

export function totalLag(span: Span): TimeToZero {
  const name = 'consumer_lag_records';
  return timeToZero(span.before.value(name), span.now.value(name) ?? 0, span.seconds);
}
