// Where a message is written. Enter sends, Shift+Enter makes a new line; an input method's own Enter is left to it.

import { el, setText } from './dom';
import { icon } from './icons';

const contentBytesMax = 16 * 1024; // the service's default for Limits:ContentBytes; it has the last word, not this page
const warnFromBytes = contentBytesMax * 0.9;

export class Composer {
  readonly element: HTMLFormElement;
  readonly #input: HTMLTextAreaElement;
  readonly #button: HTMLButtonElement;
  readonly #hint = el('p', { class: 'composer-hint', attributes: { 'aria-live': 'polite' } });
  readonly #send: (content: string) => void;

  constructor(label: string, send: (content: string) => void) {
    this.#send = send;
    this.#input = el('textarea', {
      attributes: { rows: '1', placeholder: 'Write a message', 'aria-label': label, enterkeyhint: 'send', 'data-testid': 'composer' },
      on: { input: () => this.#show(), keydown: (event) => this.#onKey(event) },
    });
    this.#button = el(
      'button',
      { class: 'send-button', attributes: { type: 'submit', 'aria-label': 'Send', title: 'Send (Enter)', 'data-testid': 'send' } },
      icon('send'),
    );
    this.element = el(
      'form',
      { class: 'composer', on: { submit: (event) => this.#onSubmit(event) } },
      el('div', { class: 'composer-box' }, this.#input, this.#button),
      this.#hint,
    );
    this.#show();
  }

  set enabled(isEnabled: boolean) {
    this.#input.disabled = !isEnabled;
    this.#show();
  }

  /** Puts a text in front of what is being written. */
  take(content: string): void {
    this.#input.value = this.#input.value.trim() === '' ? content : `${content}\n${this.#input.value}`;
    this.#show();
    this.#input.focus();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    const content = this.#input.value;
    if (this.#input.disabled || content.trim() === '') return;
    this.#input.value = '';
    this.#show();
    this.#send(content);
    this.#input.focus();
  }

  #show(): void {
    this.#button.disabled = this.#input.disabled || this.#input.value.trim() === '';
    this.#input.style.height = 'auto';
    this.#input.style.height = `${this.#input.scrollHeight}px`;
    const bytes = this.#input.value.length * 3 < warnFromBytes ? 0 : new TextEncoder().encode(this.#input.value).length;
    setText(this.#hint, bytes < warnFromBytes ? '' : `${bytes} of ${contentBytesMax} bytes`);
    this.#hint.classList.toggle('is-over', bytes > contentBytesMax);
  }
}
