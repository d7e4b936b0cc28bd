// The nodes of the cluster: those that work, and those that ended without saying so.

import type { NodesOutcome } from '../client/node';
import type { ClusterNode } from '../model/nodes';
import { durationText } from '../model/texts';
import { FigureTable, type Row } from './figure_table';
import { panel } from './panel';

export class NodesPanel {
  readonly element: HTMLElement;
  readonly #table = new FigureTable('Nodes of the cluster', ['Node', 'roles', 'version', 'last sign of life']);

  constructor() {
    this.element = panel('nodes', 'Nodes', 'the cluster', this.#table.element);
    this.#table.show([], 'Asking…');
  }

  show(outcome: NodesOutcome): void {
    if (outcome.kind === 'nodes') this.#table.show(outcome.nodes.map(row), 'No node has given a sign of life.');
    else this.#table.show([], `They cannot be listed: ${outcome.text}`);
  }
}

function row({ id, name, roles, program, silentFor, isPresent, waits }: ClusterNode): Row {
  const ago = `${durationText(silentFor)} ago`;
  const life = [isPresent ? ago : `silent: ${ago}`, ...waits].join('; ');
  return { key: id, name, cells: [roles, program, life], isBad: !isPresent || waits.length > 0 };
}
