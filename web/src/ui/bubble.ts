// One message on the screen: a list item that is kept while the message goes from sending to stored.
// Owned by the log, which calls `update` with the newest entry; it redraws only what differs.

import type { Entry } from '../model/timeline';
import { el, setAttributes, setText } from './dom';
import { formatClock } from './format';
import { icon, setIcon } from './icons';
import { inspector } from './inspector';
import { detailsLine, failureText, retryText } from './status';

export interface BubbleActions {
  retry(temporaryMessageId: string): void;
  edit(temporaryMessageId: string): void;
  toggleInspector(key: string): void;
}

export interface BubbleContext {
  readonly isOwn: boolean;
  readonly startsGroup: boolean;
  /** The day's name where this message is its first; otherwise empty. */
  readonly day: string;
  readonly isOpen: boolean;
}

let bubbleCount = 0;

export class BubbleView {
  readonly element: HTMLLIElement;
  readonly toggle: HTMLButtonElement;
  readonly #actions: BubbleActions;
  readonly #inspectorId = `inspector-${(bubbleCount += 1)}`;
  readonly #article: HTMLElement;
  readonly #day = el('div', { class: 'day' });
  readonly #sender = el('div', { class: 'sender' });
  readonly #content = el('p', { class: 'content', attributes: { dir: 'auto' } });
  readonly #picture = icon('sending');
  readonly #details = el('span', { class: 'details-text' });
  readonly #clock = el('time', {});
  readonly #problem = el('p', { class: 'problem', attributes: { role: 'alert', 'data-testid': 'problem' } });
  readonly #countdown = el('span', { class: 'countdown', attributes: { 'aria-hidden': 'true' } });
  readonly #failure: HTMLElement;
  readonly #retry: HTMLButtonElement;
  readonly #edit: HTMLButtonElement;
  #inspector: HTMLElement | undefined;
  #entry: Entry | undefined;

  constructor(key: string, actions: BubbleActions) {
    this.#actions = actions;
    this.toggle = el(
      'button',
      {
        class: 'details',
        attributes: { type: 'button', title: 'Show what happened', 'data-testid': 'details-toggle' },
        on: { click: () => actions.toggleInspector(key) },
      },
      this.#picture,
      this.#details,
      this.#clock,
    );
    this.#retry = this.#button('Retry', 'retry', (id) => this.#actions.retry(id));
    this.#edit = this.#button('Edit and send anew', 'edit', (id) => this.#actions.edit(id));
    this.#failure = el(
      'div',
      { class: 'failure' },
      this.#problem,
      el('div', { class: 'failure-actions' }, this.#retry, this.#edit, this.#countdown),
    );
    this.#article = el(
      'article',
      { class: 'bubble', attributes: { 'data-testid': 'bubble' } },
      this.#sender,
      this.#content,
      this.toggle,
      this.#failure,
    );
    this.element = el('li', { class: 'row' }, this.#day, this.#article);
  }

  update(entry: Entry, context: BubbleContext, nowMs: number): void {
    this.#placeIn(entry, context);
    setText(this.#countdown, retryText(entry, nowMs));
    const isSame = entry === this.#entry && context.isOpen === (this.#inspector !== undefined);
    if (isSame) return;
    this.#entry = entry;
    this.#describe(entry);
    this.#showFailure(entry);
    this.#showInspector(entry, context.isOpen);
  }

  #placeIn(entry: Entry, context: BubbleContext): void {
    this.element.classList.toggle('own', context.isOwn);
    this.element.classList.toggle('starts-group', context.startsGroup);
    setText(this.#day, context.day);
    this.#day.hidden = context.day === '';
    setText(this.#sender, entry.senderType || entry.senderId);
    this.#sender.hidden = context.isOwn || !context.startsGroup;
  }

  #describe(entry: Entry): void {
    setAttributes(this.#article, {
      'data-status': entry.status,
      'data-temporary-id': entry.temporaryMessageId,
      'data-sender-id': entry.senderId,
      'data-sender-type': entry.senderType,
      'data-sequence': entry.sequence?.toString(),
      'data-message-id': entry.messageId,
    });
    setText(this.#content, entry.content);
    setIcon(this.#picture, entry.status);
    setText(this.#details, detailsLine(entry));
    setText(this.#clock, formatClock(entry.sentAt));
    setAttributes(this.#clock, { datetime: entry.sentAt });
  }

  #showFailure(entry: Entry): void {
    const text = failureText(entry);
    this.#failure.hidden = text === undefined;
    setText(this.#problem, text ?? '');
    this.#retry.hidden = entry.status !== 'failed';
    setText(this.#retry, entry.retryAtMs === undefined ? 'Retry' : 'Retry now');
    // Writing anew uses another key: only where this one is certainly not, and will not be, in the conversation.
    this.#edit.hidden = !(entry.status === 'rejected' || entry.failure?.certainty === 'refused');
  }

  #showInspector(entry: Entry, isOpen: boolean): void {
    this.#inspector?.remove();
    this.#inspector = isOpen ? inspector(entry, this.#inspectorId) : undefined;
    if (this.#inspector) this.element.append(this.#inspector);
    setAttributes(this.toggle, {
      'aria-expanded': String(isOpen),
      'aria-controls': isOpen ? this.#inspectorId : undefined,
    });
  }

  #button(label: string, testId: string, act: (temporaryMessageId: string) => void): HTMLButtonElement {
    const click = () => this.#entry && act(this.#entry.temporaryMessageId);
    return el('button', { class: 'small-button', attributes: { type: 'button', 'data-testid': testId }, on: { click } }, label);
  }
}
