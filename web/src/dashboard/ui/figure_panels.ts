// The figures of a node as tiles, charts and tables.

import { el } from '../../ui/dom';
import type { Counted, Figures, Latency } from '../model/figures';
import type { History } from '../model/history';
import { countText, quantileText, rateText, secondsText, sizeText, timeToZeroText } from '../model/texts';
import { Chart } from './chart';
import { FigureTable, type Row } from './figure_table';
import { panel, type Scope } from './panel';
import { Tiles } from './tiles';

export const chartSeconds = 300;

/** The columns of the history, in this order. */
export function chartValues(step: Figures, whole: Figures): (number | undefined)[] {
  const p99 = (id: string) => whole.latencies.find(({ stage }) => stage.id === id)?.p99?.value;
  return [step.accepted, step.stored, step.refused, p99('accepted'), p99('stored'), p99('delivered'), step.lag];
}
export const chartColumns = 7;

const canaryWaitsMax = 5; // seconds, as for the alert MessageServiceNotDelivered

const noLag = 'This node reads no partition: it has not the role persister, or others read all of them.';

export class FigurePanels {
  readonly tiles = new Tiles([
    { id: 'accepted', label: 'Accepted per second', scope: 'this node' },
    { id: 'stored', label: 'Stored per second', scope: 'this node' },
    { id: 'delivered', label: 'Delivered per second', scope: 'this node' },
    { id: 'refused', label: 'Refused per second', scope: 'this node' },
    { id: 'clients', label: 'Hub clients', scope: 'this node' },
    { id: 'lag', label: 'Waiting to be stored', scope: 'the cluster' },
    { id: 'dead', label: 'Dead letters open', scope: 'the cluster' },
    { id: 'canary', label: 'Canary waits', scope: 'this node' },
  ]);
  readonly charts: HTMLElement;
  readonly tables: readonly HTMLElement[];
  readonly #charts: readonly Chart[];
  readonly #latency = new FigureTable('Latency by stage', ['Stage', 'p50', 'p99', 'per s']);
  readonly #batches = new FigureTable('Batches by what started the write', ['Written because of', 'per s', 'total']);
  readonly #sizes = el('p', { class: 'fact', attributes: { 'data-testid': 'batch-sizes' } });
  readonly #lag = new FigureTable('Lag by partition', ['Partition', 'waiting', '0 in']);
  readonly #clients = new FigureTable('Hub clients by transport', ['Transport', 'clients']);
  readonly #slow = new FigureTable('Hub clients that were too slow', ['Since the start', 'per s', 'total']);
  readonly #refusals = new FigureTable('Refusals by reason', ['Reason', 'per s', 'total']);

  constructor(history: History) {
    const rates = new Chart(
      {
        title: 'Messages per second',
        seconds: chartSeconds,
        text: rateText,
        lines: [
          { label: 'accepted', color: '--line-1', column: 0 },
          { label: 'stored', color: '--line-2', dash: [6, 3], column: 1 },
          { label: 'refused', color: '--line-3', dash: [2, 3], column: 2 },
        ],
      },
      history,
    );
    const latency = new Chart(
      {
        title: 'Latency, p99 of ten seconds',
        seconds: chartSeconds,
        text: secondsText,
        logFrom: 0.0001,
        lines: [
          { label: 'accepted', color: '--line-1', column: 3 },
          { label: 'stored', color: '--line-2', dash: [6, 3], column: 4 },
          { label: 'delivered', color: '--line-4', dash: [10, 3, 2, 3], column: 5 },
        ],
      },
      history,
    );
    const lag = new Chart({ title: 'Waiting to be stored', seconds: chartSeconds, text: countText, lines: [{ label: 'records', color: '--line-1', column: 6 }] }, history);
    this.#charts = [rates, latency, lag];
    const charted = (id: string, title: string, scope: Scope, chart: Chart) => panel(id, title, scope, chart.element);
    this.charts = el(
      'div',
      { class: 'charts' },
      charted('rates', 'Messages per second', 'this node', rates),
      charted('latencies', 'Latency, p99 of ten seconds', 'this node', latency),
      charted('waiting', 'Waiting to be stored', 'the cluster', lag),
    );
    this.tables = [
      panel('latency', 'Latency by stage', 'this node', this.#latency.element),
      panel('batches', 'Batches', 'this node', this.#sizes, this.#batches.element),
      el(
        'div',
        { class: 'stack' },
        panel('lag', 'Lag by partition', 'the cluster', el('p', { class: 'fact' }, 'Of the partitions that this node reads.'), this.#lag.element),
        panel('refusals', 'Refusals', 'this node', this.#refusals.element),
      ),
      panel('clients', 'Hub clients', 'this node', this.#clients.element, this.#slow.element),
    ];
  }

  show(figures: Figures): void {
    this.#showTiles(figures);
    this.#latency.show(figures.latencies.map(latencyRow), '');
    this.#showBatches(figures);
    this.#lag.show(figures.partitions.map(lagRow), noLag);
    const clients = figures.clients.map(({ transport, count }) => ({ name: transport, cells: [countText(count)] }));
    this.#clients.show(clients, 'This node says nothing of hub clients.');
    this.#slow.show([figures.slowClients, figures.catchUpRetries].map(countedRow), '');
    this.#refusals.show(figures.refusals.map(countedRow), 'None since the node started.');
  }

  showCharts(): void {
    for (const chart of this.#charts) chart.show();
  }

  #showTiles({ accepted, stored, delivered, refused, clients, lag, lagToZero, canaryWaits }: Figures): void {
    this.tiles.show('accepted', { text: rateText(accepted) });
    this.tiles.show('stored', { text: rateText(stored) });
    this.tiles.show('delivered', { text: rateText(delivered) });
    this.tiles.show('refused', { text: rateText(refused), isBad: (refused ?? 0) > 0 });
    this.tiles.show('clients', { text: clients.length === 0 ? '–' : countText(clients.reduce((sum, { count }) => sum + count, 0)) });
    const hasCanary = canaryWaits !== undefined;
    this.tiles.show('canary', { text: secondsText(canaryWaits), note: hasCanary ? '' : 'off', isBad: hasCanary && canaryWaits > canaryWaitsMax });
    const isKnown = lag !== undefined;
    this.tiles.show('lag', { text: countText(lag), note: isKnown ? (lag > 0 ? `0 in ${timeToZeroText(lagToZero)}` : '') : 'not read by this node' });
  }

  #showBatches({ batchSize, flushes }: Figures): void {
    const { p50, p99, mean, perSecond } = batchSize;
    const sizes = `${quantileText(p50, sizeText)} at p50, ${quantileText(p99, sizeText)} at p99, ${rateText(mean)} in the mean`;
    this.#sizes.textContent = perSecond === undefined || perSecond === 0 ? 'No batch in the last ten seconds.' : `${rateText(perSecond)} per second, with messages: ${sizes}.`;
    this.#batches.show(flushes.map(countedRow), 'This node writes no batches.');
  }
}

function latencyRow({ stage, p50, p99, perSecond }: Latency): Row {
  return { name: stage.label, explanation: stage.explanation, cells: [quantileText(p50, secondsText), quantileText(p99, secondsText), rateText(perSecond)] };
}

function countedRow({ name, perSecond, total }: Counted): Row {
  return { name, cells: [rateText(perSecond), countText(total)] };
}

function lagRow({ partition, records, timeToZero, requiresVersion }: Figures['partitions'][number]): Row {
  const when = requiresVersion === undefined ? timeToZeroText(timeToZero) : `stands: needs version ${requiresVersion}`;
  return { name: partition, cells: [countText(records), when] };
}
