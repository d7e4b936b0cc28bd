// Asks for an operator's token.

import { el, setText } from '../../ui/dom';

const canBeSent = /^[\x21-\x7e]+$/; // what a header takes

export class TokenForm {
  readonly element: HTMLElement;
  readonly #title = el('h2', {});
  readonly #text = el('p', {});
  #given = '';
  readonly #problem = el('p', { class: 'problem', attributes: { role: 'alert', 'data-testid': 'token-problem' } });

  constructor(id: string, give: (token: string) => void) {
    const input = el('input', {
      attributes: { id, type: 'password', autocomplete: 'off', spellcheck: 'false', required: true, 'data-testid': 'token-input' },
    });
    const submit = (event: Event) => {
      event.preventDefault();
      const token = input.value.trim().replace(/^Bearer\s+/i, '');
      if (!canBeSent.test(token)) return setText(this.#problem, 'That is no token: it has characters that none has.');
      input.value = '';
      setText(this.#problem, '');
      give(token);
    };
    this.element = el(
      'form',
      { class: 'token-form', on: { submit } },
      this.#title,
      this.#text,
      el('label', { attributes: { for: id } }, 'Token'),
      el(
        'div',
        { class: 'token-line' },
        input,
        el('button', { class: 'primary-button', attributes: { type: 'submit', 'data-testid': 'token-submit' } }, 'Use it'),
      ),
      this.#problem,
    );
  }

  show(title: string, text: string, problem = ''): void {
    this.element.hidden = false;
    setText(this.#title, title);
    setText(this.#text, text);
    if (problem !== this.#given) setText(this.#problem, problem); // the form has problems of its own, which stay
    this.#given = problem;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
