// The bar at the top: whether the figures are live, and what the person at the page can do about that.

import { el, setText } from '../../ui/dom';
import { themeButton } from '../../ui/theme';

export type LinkState = 'connecting' | 'live' | 'paused' | 'away' | 'signed-out';

const words: Record<LinkState, string> = { connecting: 'asking', live: 'live', paused: 'paused', away: 'no answer', 'signed-out': 'signed out' };

export class DashboardHeader {
  readonly element: HTMLElement;
  readonly #state = el('span', { class: 'pill state', attributes: { 'data-testid': 'state', 'data-state': 'connecting' } }, el('span', { class: 'dot', attributes: { 'aria-hidden': 'true' } }));
  readonly #word = el('span', {});
  readonly #for = el('span', { class: 'state-for' });
  readonly #note = el('p', { class: 'note', attributes: { role: 'status', 'data-testid': 'note' } });
  readonly #pause: HTMLButtonElement;
  readonly #forget: HTMLButtonElement;

  constructor(actions: { pause(): void; forget(): void }) {
    this.#state.append(this.#word, this.#for);
    this.#pause = el('button', { class: 'small-button', attributes: { type: 'button', 'data-testid': 'pause' }, on: { click: () => actions.pause() } }, 'Pause');
    this.#forget = el('button', { class: 'small-button', attributes: { type: 'button', 'data-testid': 'forget' }, on: { click: () => actions.forget() } }, 'Forget the token');
    this.element = el(
      'header',
      {},
      el(
        'div',
        { class: 'bar' },
        el('h1', { class: 'brand' }, el('span', { class: 'brand-mark', attributes: { 'aria-hidden': 'true' } }), 'message-service', el('span', { class: 'brand-host' }, location.host)),
        this.#state,
        this.#forget,
        this.#pause,
        themeButton(),
      ),
      this.#note,
    );
  }

  /** `forText`: how long it has been so; not announced, because it changes each second. */
  show(state: LinkState, forText: string, note: string, hasToken: boolean): void {
    this.#state.dataset['state'] = state;
    setText(this.#word, words[state]);
    setText(this.#for, forText);
    setText(this.#note, note);
    setText(this.#pause, state === 'paused' ? 'Continue' : 'Pause');
    this.#pause.hidden = state === 'signed-out';
    this.#forget.hidden = !hasToken;
  }
}
