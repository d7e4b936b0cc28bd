// The pill in a pane's head: how the connection is, and what it does about it.

import type { ConnectionState, LinkStatus } from '../client/hub_link';
import { el, setAttributes, setText } from './dom';
import { formatCountdown } from './format';

const labels: Record<ConnectionState, string> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
};

export class ConnectionView {
  readonly element: HTMLElement;
  readonly #label = el('span', { class: 'connection-label' });
  readonly #note = el('span', { class: 'connection-note' });
  readonly #retry: HTMLButtonElement;

  constructor(tryNow: () => void) {
    this.#retry = el(
      'button',
      { class: 'small-button', attributes: { type: 'button', 'data-testid': 'connect-now' }, on: { click: tryNow } },
      'Try now',
    );
    const pill = el(
      'span',
      { class: 'pill', attributes: { role: 'status' } },
      el('span', { class: 'dot', attributes: { 'aria-hidden': 'true' } }),
      this.#label,
    );
    this.element = el(
      'div',
      { class: 'connection', attributes: { 'data-testid': 'connection' } },
      this.#note,
      this.#retry,
      pill,
    );
  }

  show(status: LinkStatus, caughtUpCount: number, isJoinable: boolean): void {
    const state = isJoinable ? status.state : 'offline';
    setAttributes(this.element, {
      'data-connection-state': state,
      'data-caught-up': String(caughtUpCount),
      'data-failures': String(status.failures),
    });
    setText(this.#label, isJoinable ? labels[state] : 'Not joined');
    setText(this.#note, isJoinable ? noteOf(status, caughtUpCount) : '');
    this.#retry.hidden = !isJoinable || status.retryAtMs === undefined;
  }
}

function noteOf(status: LinkStatus, caughtUpCount: number): string {
  if (status.retryAtMs !== undefined) return `Next try ${formatCountdown(status.retryAtMs, Date.now())}`;
  if (status.state === 'live' && caughtUpCount > 0) return `Caught up on ${caughtUpCount}`;
  return '';
}
