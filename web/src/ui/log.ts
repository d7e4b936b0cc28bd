// The scrolling list of bubbles. Owned by a pane, which calls `render` after changes. It follows the newest message as
// long as the reader is there, and otherwise keeps what is being read where it is.

import type { Entry } from '../model/timeline';
import { BubbleView, type BubbleActions, type BubbleContext } from './bubble';
import { el, setAttributes, setText } from './dom';
import { formatDay } from './format';
import { icon } from './icons';

export interface LogState {
  readonly entries: readonly Entry[];
  readonly ownId: string;
  readonly hasOlder: boolean;
  readonly older: 'idle' | 'loading' | 'failed';
  readonly isReady: boolean;
}

export interface LogActions extends Pick<BubbleActions, 'retry' | 'edit'> {
  loadOlder(): void;
}

const nearPx = 48;
const loadOlderWithinPx = 240;

export class LogView {
  readonly element: HTMLElement;
  readonly #actions: LogActions;
  readonly #rows = new Map<string, BubbleView>();
  readonly #list = el('ol', { class: 'rows' });
  readonly #top = el('div', { class: 'log-top', attributes: { 'data-testid': 'log-top' } });
  readonly #topText = el('span', {});
  readonly #topButton: HTMLButtonElement;
  readonly #scroller: HTMLElement;
  readonly #latest: HTMLButtonElement;
  readonly #latestText = el('span', {});
  #state: LogState = { entries: [], ownId: '', hasOlder: false, older: 'idle', isReady: false };
  #isFollowing = true;
  #unseenCount = 0;
  #openKey: string | undefined;

  constructor(label: string, actions: LogActions) {
    this.#actions = actions;
    this.#topButton = el(
      'button',
      { class: 'small-button', attributes: { type: 'button', 'data-testid': 'load-older' }, on: { click: () => actions.loadOlder() } },
      'Try again',
    );
    this.#top.append(this.#topText, this.#topButton);
    this.#scroller = el(
      'div',
      {
        class: 'scroller',
        attributes: { role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': label, tabindex: '0', 'data-testid': 'log' },
        on: { scroll: () => this.#onScroll(), keydown: (event) => this.#onKey(event) },
      },
      this.#top,
      this.#list,
    );
    this.#latest = el(
      'button',
      { class: 'latest', attributes: { type: 'button', 'data-testid': 'latest' }, on: { click: () => this.follow() } },
      icon('down'),
      this.#latestText,
    );
    this.element = el('div', { class: 'log' }, this.#scroller, this.#latest);
    new ResizeObserver(() => this.#keepAtEnd()).observe(this.#scroller);
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  follow(): void {
    this.#isFollowing = true;
    this.render(this.#state);
  }

  render(state: LogState): void {
    const anchor = this.#isFollowing ? undefined : this.#anchor();
    this.#countUnseen(state);
    this.#state = state;
    this.#renderTop();
    this.#renderRows();
    if (anchor) this.#scroller.scrollTop += anchor.row.getBoundingClientRect().top - anchor.top;
    this.#keepAtEnd();
    this.#renderLatest();
    this.#fillScreen();
  }

  #renderRows(): void {
    const now = new Date();
    const seen = new Set<string>();
    let previous: Entry | undefined;
    let previousDay = '';
    let place: Element | null = this.#list.firstElementChild;
    for (const entry of this.#state.entries) {
      const row = this.#row(entry.key);
      const day = formatDay(entry.sentAt, now);
      row.update(entry, this.#context(entry, previous, day === previousDay ? '' : day), now.getTime());
      if (row.element === place) place = place.nextElementSibling;
      else this.#list.insertBefore(row.element, place);
      seen.add(entry.key);
      previous = entry;
      previousDay = day;
    }
    for (const [key, row] of this.#rows) {
      if (seen.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
  }

  #row(key: string): BubbleView {
    let row = this.#rows.get(key);
    if (!row) {
      const { retry, edit } = this.#actions;
      row = new BubbleView(key, { retry, edit, toggleInspector: (which) => this.#toggleInspector(which) });
      this.#rows.set(key, row);
    }
    return row;
  }

  #context(entry: Entry, previous: Entry | undefined, newDay: string): BubbleContext {
    return {
      isOwn: entry.senderId === this.#state.ownId,
      startsGroup: newDay !== '' || previous?.senderId !== entry.senderId,
      day: newDay,
      isOpen: entry.key === this.#openKey,
    };
  }

  #renderTop(): void {
    const { isReady, hasOlder, older, entries } = this.#state;
    const isLoading = !isReady || older === 'loading';
    setAttributes(this.#scroller, { 'aria-busy': String(isLoading) });
    this.#topButton.hidden = older !== 'failed';
    if (older === 'failed') setText(this.#topText, 'Older messages could not be loaded.');
    else if (isLoading) setText(this.#topText, 'Loading…');
    else if (hasOlder) setText(this.#topText, 'Scroll up for older messages');
    else setText(this.#topText, entries.length > 0 ? 'The conversation starts here' : 'No messages yet. Say hello!');
    this.#top.classList.toggle('is-empty', entries.length === 0);
  }

  #renderLatest(): void {
    this.#latest.hidden = this.#isFollowing;
    setText(this.#latestText, this.#unseenCount > 0 ? `${this.#unseenCount} new` : 'Newest');
  }

  #countUnseen(state: LogState): void {
    const lastSeen = this.#state.entries.reduce((last, { sequence }) => Math.max(last, sequence ?? 0), 0);
    if (this.#isFollowing) this.#unseenCount = 0;
    else this.#unseenCount += state.entries.filter(({ sequence }) => (sequence ?? 0) > lastSeen).length;
  }

  #toggleInspector(key: string): void {
    this.#openKey = this.#openKey === key ? undefined : key;
    this.#isFollowing &&= this.#openKey === undefined; // what was opened stays in sight
    this.render(this.#state);
    if (this.#openKey) this.#rows.get(key)?.element.scrollIntoView({ block: 'nearest' });
    this.#onScroll();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || this.#openKey === undefined) return;
    const row = this.#rows.get(this.#openKey);
    this.#toggleInspector(this.#openKey);
    row?.toggle.focus();
  }

  #onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    this.#isFollowing = scrollHeight - scrollTop - clientHeight < nearPx;
    if (this.#isFollowing) this.#unseenCount = 0;
    this.#renderLatest();
    if (scrollTop < loadOlderWithinPx && this.#state.older === 'idle' && this.#state.hasOlder) this.#actions.loadOlder();
  }

  // A page shorter than the window cannot be scrolled, so it asks for the one before by itself.
  #fillScreen(): void {
    const { scrollHeight, clientHeight } = this.#scroller;
    if (clientHeight > 0 && scrollHeight <= clientHeight && this.#state.hasOlder && this.#state.older === 'idle') {
      this.#actions.loadOlder();
    }
  }

  #keepAtEnd(): void {
    if (this.#isFollowing) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #anchor(): { row: Element; top: number } | undefined {
    const edge = this.#scroller.getBoundingClientRect().top;
    const row = [...this.#list.children].find((child) => child.getBoundingClientRect().bottom > edge);
    return row && { row, top: row.getBoundingClientRect().top };
  }
}
