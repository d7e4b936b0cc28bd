// A table of figures whose rows come and go; each row is made once and then updated.

import { el, setAttributes, setText } from '../../ui/dom';

export interface Row {
  /** Tells rows of one name apart. */
  readonly key?: string;
  readonly name: string;
  readonly cells: readonly string[];
  readonly explanation?: string;
  /** Something that an operator should look at. */
  readonly isBad?: boolean;
}

export class FigureTable {
  readonly element: HTMLElement;
  readonly #body = el('tbody', {});
  readonly #empty = el('p', { class: 'empty' });
  readonly #table: HTMLTableElement;
  readonly #rows = new Map<string, HTMLTableRowElement>();

  constructor(caption: string, columns: readonly string[]) {
    const heads = columns.map((column) => el('th', { attributes: { scope: 'col' } }, column));
    this.#table = el('table', {}, el('caption', { class: 'for-readers' }, caption), el('thead', {}, el('tr', {}, ...heads)), this.#body);
    // It may be scrolled, so the keyboard must reach it.
    this.element = el('div', { class: 'table', attributes: { tabindex: '0', role: 'group', 'aria-label': caption } }, this.#table, this.#empty);
  }

  /** `whenEmpty` stands in place of the table when there are no rows. */
  show(rows: readonly Row[], whenEmpty: string): void {
    this.#table.hidden = rows.length === 0;
    this.#empty.hidden = rows.length > 0;
    setText(this.#empty, whenEmpty);
    const keys = new Set(rows.map(keyOf));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    rows.forEach((row, at) => this.#place(this.#rowFor(row), row, at));
  }

  #rowFor(wanted: Row): HTMLTableRowElement {
    const { name, cells, explanation } = wanted;
    let row = this.#rows.get(keyOf(wanted));
    if (!row) {
      const head = el('th', { attributes: { scope: 'row', title: explanation } }, name);
      if (explanation) head.append(el('span', { class: 'for-readers' }, `, ${explanation}`));
      row = el('tr', { attributes: { 'data-row': name } }, head, ...cells.map(() => el('td', {})));
      this.#rows.set(keyOf(wanted), row);
    }
    return row;
  }

  #place(element: HTMLTableRowElement, { cells, isBad }: Row, at: number): void {
    setAttributes(element, { 'data-bad': isBad === true });
    cells.forEach((cell, column) => setText(element.cells[column + 1]!, cell));
    if (this.#body.rows[at] !== element) this.#body.insertBefore(element, this.#body.rows[at] ?? null);
  }
}

function keyOf({ key, name }: Row): string {
  return key ?? name;
}
