// What of a timeline the service has not been told yet, as a report of it. Pure.

import type { Timeline } from './timeline';
import { ViewHash, hashOfMessage, viewHashVersion } from './view_hash';

/** The argument of the hub's method ReportView. */
export interface ViewReport {
  readonly version: number;
  readonly conversationId: string;
  /** Both are part of the report. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly hash: string;
  readonly sum: string;
}

/** The sequences that were reported so far, both included. */
export interface ReportedRange {
  readonly from: number;
  readonly to: number;
}

export const reportMessagesMax = 1_000;

/**
 * The next report; undefined when there is nothing new. Newer messages come first, then older ones that were loaded.
 * `floor`: what lies before it may have gaps, and is left out.
 */
export function nextReport(
  conversationId: string,
  timeline: Timeline,
  reported: ReportedRange | undefined,
  floor: number,
): ViewReport | undefined {
  const oldest = timeline.stored.find(({ sequence }) => sequence! >= floor)?.sequence;
  if (oldest === undefined) return undefined;
  const begin = reported ? Math.max(reported.to + 1, oldest) : oldest;
  if (timeline.lastSequence >= begin) return reportOf(conversationId, timeline, begin, timeline.lastSequence, 'first');
  if (reported && oldest < reported.from) return reportOf(conversationId, timeline, oldest, reported.from - 1, 'last');
  return undefined;
}

export function withReport(reported: ReportedRange | undefined, report: ViewReport): ReportedRange {
  if (!reported) return { from: report.from, to: report.to };
  return { from: Math.min(reported.from, report.from), to: Math.max(reported.to, report.to) };
}

/** Of more messages than a report may have, the `first` or the `last` ones. */
function reportOf(conversationId: string, timeline: Timeline, from: number, to: number, which: 'first' | 'last'): ViewReport {
  const all = timeline.stored.filter(({ sequence }) => sequence! >= from && sequence! <= to);
  const some = which === 'first' ? all.slice(0, reportMessagesMax) : all.slice(-reportMessagesMax);
  const isCut = some.length < all.length;
  const hash = new ViewHash();
  const messages = some.filter(({ isChange }) => !isChange);
  for (const { sequence, messageId, senderId, content } of messages) {
    hash.add(sequence!, hashOfMessage(messageId!, senderId, content));
  }
  return {
    version: viewHashVersion,
    conversationId,
    from: isCut && which === 'last' ? some[0]!.sequence! : from,
    to: isCut && which === 'first' ? some.at(-1)!.sequence! : to,
    count: messages.length,
    hash: hash.rolling,
    sum: hash.sum,
  };
}
