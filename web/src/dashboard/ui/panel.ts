// A titled part of the page, which says whose figures it has: this node's, or the whole cluster's.

import { el } from '../../ui/dom';

export type Scope = 'this node' | 'the cluster';

export function panel(id: string, title: string, scope: Scope, ...children: (Node | string)[]): HTMLElement {
  return el(
    'section',
    { class: 'panel', attributes: { 'aria-labelledby': `${id}-title`, 'data-testid': id } },
    el(
      'div',
      { class: 'panel-head' },
      el('h2', { attributes: { id: `${id}-title` } }, title),
      el('span', { class: 'scope', attributes: { 'data-scope': scope } }, el('span', { class: 'for-readers' }, 'Figures of '), scope),
    ),
    ...children,
  );
}
