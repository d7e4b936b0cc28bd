// The few figures that are looked at first.

import { el, setAttributes, setText } from '../../ui/dom';
import type { Scope } from './panel';

export interface Tile {
  readonly id: string;
  readonly label: string;
  readonly scope: Scope;
}

export interface TileFigure {
  readonly text: string;
  readonly note?: string;
  /** Something that an operator should look at. */
  readonly isBad?: boolean;
}

export class Tiles {
  readonly element = el('dl', { class: 'tiles' });
  readonly #tiles = new Map<string, { tile: HTMLElement; figure: HTMLElement; note: HTMLElement }>();

  constructor(tiles: readonly Tile[]) {
    for (const { id, label, scope } of tiles) {
      const figure = el('dd', { class: 'tile-figure', attributes: { 'data-testid': `tile-${id}` } });
      const note = el('dd', { class: 'tile-note' });
      const tile = el('div', { class: 'tile' }, el('dt', {}, label, el('span', { class: 'tile-scope' }, scope)), figure, note);
      this.#tiles.set(id, { tile, figure, note });
      this.element.append(tile);
    }
  }

  show(id: string, { text, note, isBad }: TileFigure): void {
    const one = this.#tiles.get(id)!;
    setText(one.figure, text);
    setText(one.note, note ?? '');
    setAttributes(one.tile, { 'data-bad': isBad === true });
  }
}
