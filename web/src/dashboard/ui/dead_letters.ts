// The open dead letters: what each is, its record on demand, and the two orders. Discarding is asked twice, because the message
// is then never stored.

import { el, setText } from '../../ui/dom';
import { formatClock, formatDay } from '../../ui/format';
import type { OrderOutcome, RecordOutcome } from '../client/node';
import type { DeadLetter, DeadLetterPage, DeadRecord } from '../model/dead_letter';
import { countText } from '../model/texts';
import { panel } from './panel';
import { TokenForm } from './token_form';

const shownMax = 50;

export interface DeadLetterOrders {
  look(letter: DeadLetter): Promise<RecordOutcome>;
  order(action: 'retry' | 'discard', letter: DeadLetter): Promise<OrderOutcome>;
  token(token: string): void;
}

export class DeadLettersPanel {
  readonly element: HTMLElement;
  readonly #orders: DeadLetterOrders;
  readonly #state = el('p', { class: 'empty', attributes: { 'data-testid': 'dead-letters-state' } });
  readonly #said = el('p', { class: 'said', attributes: { role: 'status', 'data-testid': 'dead-letters-said' } });
  readonly #list = el('ul', { class: 'letters' });
  readonly #form: TokenForm;
  readonly #letters = new Map<string, LetterView>();

  constructor(orders: DeadLetterOrders) {
    this.#orders = orders;
    this.#form = new TokenForm('dead-letters-token', (token) => orders.token(token));
    this.#form.hide();
    this.element = panel('dead-letters', 'Dead letters', 'the cluster', this.#state, this.#form.element, this.#said, this.#list);
  }

  showList({ letters, more }: DeadLetterPage): void {
    this.#form.hide();
    const shown = letters.slice(0, shownMax);
    const rest = letters.length - shown.length;
    const hidden = rest > 0 || more ? ` The first ${shownMax} are shown; message-service dead list has all.` : '';
    const open = letters.length === 1 ? '1 is open.' : `${countText(letters.length)}${more ? ' or more' : ''} are open.`;
    setText(this.#state, letters.length === 0 ? 'None is open.' : `${open}${hidden}`);
    this.#keep(new Map(shown.map((letter) => [keyOf(letter), letter])));
  }

  askForToken(open: number | undefined, problem: string): void {
    setText(this.#state, open === undefined ? '' : `${countText(open)} open on the partitions that this node reads.`);
    this.#keep(new Map());
    this.#form.show(
      'To look at them, give a token',
      'One with the scope operator, or the content of the file admin-token in the data folder. It stays in this tab.',
      problem,
    );
  }

  showState(text: string): void {
    this.#form.hide();
    setText(this.#state, text);
    this.#keep(new Map());
  }

  #keep(letters: ReadonlyMap<string, DeadLetter>): void {
    for (const [key, view] of this.#letters) {
      if (letters.has(key)) continue;
      if (view.element.contains(document.activeElement)) this.#focusNext(view);
      view.element.remove();
      this.#letters.delete(key);
    }
    let at = 0;
    for (const [key, letter] of letters) {
      let view = this.#letters.get(key);
      if (!view) this.#letters.set(key, (view = new LetterView(letter, this.#orders, (text) => this.#say(text))));
      view.show(letter);
      if (this.#list.children[at] !== view.element) this.#list.insertBefore(view.element, this.#list.children[at] ?? null);
      at += 1;
    }
  }

  // A row that goes must not take the keyboard's place on the page along.
  #focusNext(view: LetterView): void {
    const next = view.element.nextElementSibling ?? view.element.previousElementSibling;
    const target = next?.querySelector('button') ?? this.#said;
    if (target === this.#said) this.#said.tabIndex = -1;
    target.focus();
  }

  #say(text: string): void {
    setText(this.#said, text);
  }
}

function keyOf({ conversationId, id }: DeadLetter): string {
  return `${id} ${conversationId}`;
}

class LetterView {
  readonly element: HTMLElement;
  #letter: DeadLetter;
  #isBusy = false; // an order is on its way
  readonly #orders: DeadLetterOrders;
  readonly #say: (text: string) => void;
  readonly #facts = el('p', { class: 'letter-facts' });
  readonly #error = el('p', { class: 'letter-error' });
  readonly #record = el('div', { class: 'record', attributes: { 'data-testid': 'record' } });
  readonly #look: HTMLButtonElement;
  readonly #retry: HTMLButtonElement;
  readonly #discard: HTMLButtonElement;
  readonly #question: HTMLElement;
  readonly #confirm: HTMLButtonElement;

  constructor(letter: DeadLetter, orders: DeadLetterOrders, say: (text: string) => void) {
    this.#letter = letter;
    this.#orders = orders;
    this.#say = say;
    const button = (name: string, text: string, click: () => void) =>
      el('button', { class: 'small-button', attributes: { type: 'button', 'data-testid': name }, on: { click } }, text);
    this.#look = button('look', 'Look', () => void this.#toggleRecord());
    this.#look.append(el('span', { class: 'for-readers' }, ` at ${letter.id}`));
    this.#look.setAttribute('aria-expanded', 'false');
    this.#retry = button('retry', 'Retry', () => void this.#give('retry'));
    this.#retry.append(el('span', { class: 'for-readers' }, ` ${letter.id}`));
    this.#discard = button('discard', 'Discard…', () => this.#ask(true));
    this.#discard.append(el('span', { class: 'for-readers' }, ` ${letter.id}`));
    this.#confirm = button('discard-confirm', 'Discard it', () => void this.#give('discard'));
    this.#confirm.classList.add('is-bad');
    const keep = button('discard-keep', 'Keep it', () => this.#ask(false));
    this.#question = el(
      'div',
      { class: 'question', attributes: { role: 'group', 'aria-label': `Discard ${letter.id}?` } },
      el('p', {}, `Discard ${letter.id}? Its message is then never stored.`),
      this.#confirm,
      keep,
    );
    this.#question.hidden = true;
    this.#record.hidden = true;
    this.element = el(
      'li',
      { class: 'letter', attributes: { 'data-testid': 'letter', 'data-id': letter.id }, on: { keydown: (event) => this.#onKey(event) } },
      el('div', { class: 'letter-text' }, this.#facts, this.#error),
      el('div', { class: 'letter-actions' }, this.#look, this.#retry, this.#discard),
      this.#question,
      this.#record,
    );
  }

  show(letter: DeadLetter): void {
    this.#letter = letter;
    const { id, reason, conversationId, attempts, failedAt, error } = letter;
    const when = [formatDay(failedAt, new Date()), formatClock(failedAt)].filter((text) => text !== '').join(' ');
    const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
    const parts = [id, reason, conversationId, tries, when].filter((text) => text !== '');
    if (this.#facts.textContent !== parts.join('')) this.#facts.replaceChildren(...parts.map((text, at) => el(at === 0 ? 'strong' : 'span', {}, text)));
    setText(this.#error, error);
    this.element.dataset['attempts'] = String(attempts);
  }

  async #toggleRecord(): Promise<void> {
    const opens = this.#record.hidden;
    this.#record.hidden = !opens;
    this.#look.setAttribute('aria-expanded', String(opens));
    if (!opens) return this.#record.replaceChildren();
    this.#record.replaceChildren(el('p', {}, 'Reading the record…'));
    const outcome = await this.#orders.look(this.#letter);
    if (outcome.kind === 'failed') this.#record.replaceChildren(el('p', { class: 'problem' }, `It cannot be read: ${outcome.text}`));
    else this.#record.replaceChildren(...recordParts(outcome.record));
  }

  #ask(isAsked: boolean): void {
    this.#question.hidden = !isAsked;
    (isAsked ? this.#confirm : this.#discard).focus();
  }

  async #give(action: 'retry' | 'discard'): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const outcome = await this.#orders.order(action, this.#letter);
    this.#isBusy = false;
    if (!this.#question.hidden) this.#ask(false);
    const { id } = this.#letter;
    if (outcome.kind === 'failed') return this.#say(`${id}: ${outcome.text}`);
    this.#say(action === 'retry' ? `${id} is in the log again. It stays here if it fails again.` : `${id} is being discarded.`);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !this.#question.hidden) this.#ask(false);
  }
}

function recordParts({ gone, fields }: DeadRecord): HTMLElement[] {
  if (gone !== undefined) return [el('p', {}, gone)];
  const pairs = fields.flatMap(({ name, text }) => [el('dt', {}, name), el('dd', {}, el('pre', { attributes: { tabindex: '0', 'aria-label': name, role: 'group' } }, text))]);
  return [el('dl', {}, ...pairs)];
}
