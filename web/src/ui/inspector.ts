// The card under a bubble that shows everything known about its message. Built when opened, rebuilt when that changes.

import type { Entry, Sending } from '../model/timeline';
import { el } from './dom';
import { formatMs } from './format';
import { statusLabel } from './status';

export function inspector(entry: Entry, id: string): HTMLElement {
  return el(
    'section',
    { class: 'inspector', attributes: { id, 'aria-label': 'Message details', 'data-testid': 'inspector' } },
    entry.sending && stages(entry.sending),
    el('dl', {}, ...rowsOf(entry).flatMap(([term, value, field]) => row(term, value, field))),
  );
}

type Row = readonly [term: string, value: string | undefined, field: string];

function rowsOf(entry: Entry): Row[] {
  return [
    ['Status', statusLabel(entry), 'status'],
    ['Temporary id', entry.temporaryMessageId, 'temporary-id'],
    ['Message id', entry.messageId, 'message-id'],
    ['Sequence', entry.sequence?.toString(), 'sequence'],
    ['Sender', `${entry.senderId} (${entry.senderType})`, 'sender'],
    ['Tries', entry.sending?.attempts.toString(), 'tries'],
    ['Last answer', entry.failure?.httpStatus?.toString(), 'http-status'],
    ['Sent at', entry.sentAt, 'sent-at'],
    ['Persisted at', entry.persistedAt, 'persisted-at'],
    ['Correlation id', entry.correlationId, 'correlation-id'],
  ];
}

function row(term: string, value: string | undefined, field: string): HTMLElement[] {
  if (value === undefined) return [];
  return [el('dt', {}, term), el('dd', { attributes: { 'data-field': field } }, value)];
}

function stages(sending: Sending): HTMLElement {
  return el(
    'ol',
    { class: 'stages', attributes: { 'aria-label': 'The way of the message' } },
    stage('Click', '0 ms', true),
    stage('In the log (202)', time(sending.acceptedAfterMs), sending.acceptedAfterMs !== undefined, 'accepted-ms'),
    stage('Stored', time(sending.storedAfterMs), sending.storedAfterMs !== undefined, 'stored-ms'),
  );
}

function stage(name: string, text: string, isDone: boolean, field?: string): HTMLElement {
  return el(
    'li',
    { class: isDone ? 'stage done' : 'stage' },
    el('span', { class: 'stage-name' }, name),
    el('span', { class: 'stage-time', attributes: { 'data-field': field } }, text),
  );
}

function time(ms: number | undefined): string {
  return ms === undefined ? '…' : formatMs(ms);
}
