// On a narrow screen one pane is shown at a time; these choose which, and count what arrives in the other.
// Hidden by the style sheet where both panes fit.

import type { Person } from '../people';
import { el, setAttributes, setText } from './dom';

export class Tabs {
  readonly element: HTMLElement;
  readonly #buttons = new Map<string, { button: HTMLButtonElement; badge: HTMLElement; unread: number }>();
  readonly #selected: (personId: string) => void;
  #current: string;

  constructor(people: readonly Person[], selected: (personId: string) => void) {
    this.#selected = selected;
    this.#current = people[0]!.id;
    this.element = el(
      'div',
      { class: 'tabs', attributes: { role: 'tablist', 'aria-label': 'Person' }, on: { keydown: (event) => this.#onKey(event) } },
      ...people.map((person) => this.#tab(person)),
    );
    this.#show();
  }

  get current(): string {
    return this.#current;
  }

  select(personId: string): void {
    this.#current = personId;
    this.#buttons.get(personId)!.unread = 0;
    this.#show();
    this.#selected(personId);
  }

  countUnread(personId: string): void {
    if (personId === this.#current) return;
    this.#buttons.get(personId)!.unread += 1;
    this.#show();
  }

  #tab(person: Person): HTMLButtonElement {
    const badge = el('span', { class: 'badge' });
    const button = el(
      'button',
      {
        class: 'tab',
        attributes: { type: 'button', role: 'tab', 'aria-controls': `pane-${person.id}`, 'data-testid': `tab-${person.id}`, 'data-role': person.type },
        on: { click: () => this.select(person.id) },
      },
      person.type,
      badge,
    );
    this.#buttons.set(person.id, { button, badge, unread: 0 });
    return button;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const ids = [...this.#buttons.keys()];
    const step = event.key === 'ArrowRight' ? 1 : ids.length - 1;
    const next = ids[(ids.indexOf(this.#current) + step) % ids.length]!;
    this.select(next);
    this.#buttons.get(next)!.button.focus();
  }

  #show(): void {
    for (const [id, { button, badge, unread }] of this.#buttons) {
      const isCurrent = id === this.#current;
      setAttributes(button, { 'aria-selected': String(isCurrent), tabindex: isCurrent ? '0' : '-1' });
      setText(badge, unread > 99 ? '99+' : String(unread));
      setAttributes(badge, { 'aria-label': `${unread} unread` });
      badge.hidden = unread === 0;
    }
  }
}
