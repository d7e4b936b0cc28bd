// A chart of the last minutes. Its figures stand in the legend as text: the newest ones, or those that the mouse or the arrow
// keys point to. Lines differ in their dashes and not in colour alone.

import uPlot from 'uplot';
import { el, setText } from '../../ui/dom';
import type { History } from '../model/history';

export interface Line {
  readonly label: string;
  /** A custom property of the page's colours. */
  readonly color: string;
  readonly dash?: readonly number[];
  readonly column: number;
}

export interface ChartOptions {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly seconds: number;
  readonly text: (value: number) => string;
  /** Logarithmic, from this value on. */
  readonly logFrom?: number;
}

const height = 150;
const secondsLeast = 60; // what a chart shows at first
const wholeSteps = [1, 2, 5].flatMap((step) => Array.from({ length: 10 }, (_, power) => step * 10 ** power)).sort((a, b) => a - b);
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const font = '11px system-ui, sans-serif';

export class Chart {
  readonly element: HTMLElement;
  readonly #options: ChartOptions;
  readonly #history: History;
  readonly #figures: HTMLElement[];
  readonly #time = el('span', { class: 'legend-time' });
  readonly #surface = el('div', { class: 'surface', attributes: { 'aria-hidden': 'true' } });
  #plot: uPlot | undefined;
  #pointed: number | undefined;

  constructor(options: ChartOptions, history: History) {
    this.#options = options;
    this.#history = history;
    this.#figures = options.lines.map(() => el('span', { class: 'legend-figure' }));
    const legend = options.lines.map(({ label, color, dash }, at) =>
      el('li', {}, swatch(color, dash), el('span', {}, label), this.#figures[at]!),
    );
    this.element = el(
      'div',
      {
        class: 'chart',
        attributes: { tabindex: '0', role: 'group', 'aria-label': `${options.title}: chart. The arrow keys read earlier seconds.` },
        on: { keydown: (event) => this.#onKey(event), blur: () => this.#point(undefined) },
      },
      this.#surface,
      el('ul', { class: 'legend' }, ...legend, el('li', {}, this.#time)),
    );
    new ResizeObserver(() => this.#fit()).observe(this.#surface);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#recolor());
    new MutationObserver(() => this.#recolor()).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  }

  show(): void {
    if (!this.#plot) return this.#fit();
    this.#plot.setData(this.#data());
    this.#showLegend();
  }

  #data(): uPlot.AlignedData {
    const { lines, logFrom } = this.#options;
    const columns = lines.map(({ column }) => {
      const values = this.#history.column(column);
      return logFrom === undefined ? [...values] : values.map((value) => (value === null ? null : Math.max(value, logFrom)));
    });
    return [[...this.#history.times], ...columns] as uPlot.AlignedData;
  }

  #fit(): void {
    const width = Math.floor(this.#surface.clientWidth);
    if (width === 0) return;
    if (this.#plot) this.#plot.setSize({ width, height });
    else this.#plot = new uPlot(this.#plotOptions(width), this.#data(), this.#surface);
    this.#showLegend();
  }

  #plotOptions(width: number): uPlot.Options {
    const { lines, seconds, text, logFrom } = this.#options;
    const axis = { stroke: () => this.#color('--muted'), grid: { stroke: () => this.#color('--line'), width: 1 }, ticks: { show: false }, font };
    const yScale: uPlot.Scale = logFrom === undefined ? { range: (_, __, most) => [0, Math.max(most * 1.1, 5)] } : { distr: 3, range: (_, __, most) => [logFrom, decadeAbove(most, logFrom)] };
    const yAxis: uPlot.Axis = logFrom === undefined ? { incrs: wholeSteps } : { filter: decades, grid: { ...axis.grid, filter: decades } };
    return {
      width,
      height,
      padding: [10, 8, null, null],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { range: (_, least, most) => [Math.max(most - seconds, Math.min(least, most - secondsLeast)), most] }, y: yScale },
      axes: [
        { ...axis, space: 90, size: 28, values: (_, times) => times.map((time) => clock.format(time * 1000)) },
        { ...axis, ...yAxis, space: 28, size: 56, values: (_, values) => values.map((value) => (value === null ? '' : text(value))) },
      ],
      series: [{}, ...lines.map(({ label, color, dash }) => ({ label, width: 1.5, stroke: () => this.#color(color), ...(dash ? { dash: [...dash] } : {}), points: { show: false } }))],
      hooks: { setCursor: [(plot) => this.#point(plot.cursor.idx ?? undefined)] },
    };
  }

  // The canvas cannot read custom properties, and these have one value for light and one for dark.
  #color(property: string): string {
    this.#surface.style.color = `var(${property})`;
    return getComputedStyle(this.#surface).color;
  }

  #recolor(): void {
    this.#plot?.redraw(false, true);
  }

  #onKey(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 };
    const step = steps[event.key];
    const last = this.#history.times.length - 1;
    if (event.key === 'Escape') return this.#moveTo(undefined);
    if (step === undefined || last < 0) return;
    event.preventDefault();
    this.#moveTo(Math.min(last, Math.max(0, (this.#pointed ?? last) + step)));
  }

  #moveTo(row: number | undefined): void {
    const time = row === undefined ? undefined : this.#history.times[row];
    if (time === undefined) this.#plot?.setCursor({ left: -10, top: -10 });
    else this.#plot?.setCursor({ left: this.#plot.valToPos(time, 'x'), top: 10 });
    this.#point(row);
  }

  #point(row: number | undefined): void {
    this.#pointed = row;
    this.#showLegend();
  }

  #showLegend(): void {
    const { times } = this.#history;
    const row = this.#pointed ?? times.length - 1;
    const time = times[row];
    setText(this.#time, time === undefined || this.#pointed === undefined ? '' : `at ${clock.format(time * 1000)}`);
    this.#options.lines.forEach(({ column }, at) => {
      const value = this.#history.column(column)[row] ?? null;
      setText(this.#figures[at]!, value === null ? '–' : this.#options.text(value));
    });
  }
}

function decades(_: uPlot, splits: readonly number[]): (number | null)[] {
  return splits.map((value) => (Number.isInteger(Number(Math.log10(value).toFixed(6))) ? value : null));
}

function decadeAbove(value: number | null, least: number): number {
  return Math.max(least * 100, 10 ** Math.ceil(Math.log10(Math.max(value ?? least, least))));
}

const namespace = 'http://www.w3.org/2000/svg';

function swatch(color: string, dash?: readonly number[]): SVGSVGElement {
  const svg = document.createElementNS(namespace, 'svg');
  const line = document.createElementNS(namespace, 'line');
  for (const [name, value] of Object.entries({ viewBox: '0 0 22 6', class: 'swatch', 'aria-hidden': 'true' })) svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({ x1: '0', y1: '3', x2: '22', y2: '3' })) line.setAttribute(name, value);
  if (dash) line.setAttribute('stroke-dasharray', dash.join(' '));
  line.style.stroke = `var(${color})`;
  svg.append(line);
  return svg;
}
