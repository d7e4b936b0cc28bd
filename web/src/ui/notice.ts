// What stands in a pane in place of messages when there are none to show, and what can be done about it.

import { el, setText } from './dom';

export class NoticeView {
  readonly element: HTMLElement;
  readonly #title = el('h3', {});
  readonly #text = el('p', {});
  readonly #problem = el('p', { class: 'problem', attributes: { 'data-testid': 'notice-problem' } });
  readonly #create: HTMLButtonElement;

  constructor(create: () => void) {
    this.#create = el(
      'button',
      { class: 'primary-button', attributes: { type: 'button', 'data-testid': 'create-conversation' }, on: { click: create } },
      'Create it',
    );
    this.element = el(
      'div',
      { class: 'notice', attributes: { role: 'status', 'data-testid': 'notice' } },
      this.#title,
      this.#text,
      this.#create,
      this.#problem,
    );
    this.hide();
  }

  hide(): void {
    this.element.hidden = true;
  }

  showMissing(conversationId: string, orNotIn: boolean, createProblem: string | undefined): void {
    const orElse = orNotIn ? ', or you are not in it' : '';
    this.#show(`There is no conversation “${conversationId}”${orElse}`, 'Create it for the parent and the teacher, and start to write.', true);
    setText(this.#problem, createProblem ?? '');
  }

  showProblem(text: string): void {
    this.#show('The conversation could not be loaded', `${text} The page keeps trying.`, false);
    setText(this.#problem, '');
  }

  #show(title: string, text: string, canCreate: boolean): void {
    this.element.hidden = false;
    this.#create.hidden = !canCreate;
    setText(this.#title, title);
    setText(this.#text, text);
  }
}
