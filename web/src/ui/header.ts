// The bar at the top: which conversation, and how the page looks.

import { el } from './dom';
import { themeButton } from './theme';

const knownConversations = ['conv-123', 'conv-001'];

export interface Header {
  readonly element: HTMLElement;
  show(conversationId: string): void;
}

export function header(open: (conversationId: string) => void): Header {
  const input = el('input', {
    attributes: {
      id: 'conversation',
      name: 'conversation',
      list: 'conversations',
      maxlength: '128',
      required: true,
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      'data-testid': 'conversation-input',
    },
  });
  const submit = (event: Event) => {
    event.preventDefault();
    const conversationId = input.value.trim();
    if (conversationId) open(conversationId);
  };
  const form = el(
    'form',
    { class: 'conversation-form', attributes: { 'aria-label': 'Conversation' }, on: { submit } },
    el('label', { attributes: { for: 'conversation' } }, 'Conversation'),
    input,
    el('datalist', { attributes: { id: 'conversations' } }, ...knownConversations.map((id) => el('option', { attributes: { value: id } }))),
    el('button', { class: 'small-button', attributes: { type: 'submit', 'data-testid': 'conversation-open' } }, 'Open'),
  );
  const element = el(
    'header',
    { class: 'top' },
    el('h1', { class: 'brand' }, el('span', { class: 'brand-mark', attributes: { 'aria-hidden': 'true' } }), el('span', { class: 'brand-name' }, 'message-service')),
    form,
    el(
      'nav',
      { class: 'top-links', attributes: { 'aria-label': 'Other pages' } },
      el('a', { attributes: { href: './openapi.json' } }, 'API'),
    ),
    themeButton(),
  );
  return { element, show: (conversationId) => (input.value = conversationId) };
}
