// The scrapes of the last seconds, and what happened between two of them.

import { histogramIncrease, type Histogram } from './histogram';
import type { Labels, Scrape } from './prometheus';

const startTime = 'process_start_time_seconds';

/** From one scrape to a later one. */
export class Span {
  readonly seconds: number;
  readonly #began: Scrape | undefined; // undefined: the counters began between the two

  constructor(
    readonly before: Scrape,
    readonly now: Scrape,
  ) {
    this.seconds = (now.atMs - before.atMs) / 1000;
    this.#began = before.value(startTime) === now.value(startTime) ? before : undefined;
  }

  /** How much a counter grew. One that is lower than before began anew, and so at 0. */
  increase(name: string, labels: Labels = {}): number | undefined {
    const now = this.now.value(name, labels);
    if (now === undefined) return undefined;
    const before = this.#began?.value(name, labels) ?? 0;
    return now >= before ? now - before : now;
  }

  perSecond(name: string, labels: Labels = {}): number | undefined {
    const increase = this.increase(name, labels);
    return increase === undefined || this.seconds <= 0 ? undefined : increase / this.seconds;
  }

  histogram(name: string, labels: Labels = {}): Histogram | undefined {
    const now = this.now.histogram(name, labels);
    return now && histogramIncrease(this.#began?.histogram(name, labels), now);
  }
}

/** Keeps scrapes for as long as a span may reach back. */
export class Recent {
  readonly #keptMs: number;
  readonly #scrapes: Scrape[] = [];
  readonly #starts = new Set<number>();
  #restarts = 0;
  #mixed = false;

  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  add(scrape: Scrape): void {
    this.#noteStart(scrape);
    this.#scrapes.push(scrape);
    while (scrape.atMs - this.#scrapes[0]!.atMs > this.#keptMs) this.#scrapes.shift();
  }

  get latest(): Scrape | undefined {
    return this.#scrapes.at(-1);
  }

  /** Restarts of the node that were seen. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Several nodes answer by turns, so that no rate means anything. */
  get isMixed(): boolean {
    return this.#mixed;
  }

  /** From the oldest scrape to the latest; undefined while there is but one. */
  get whole(): Span | undefined {
    return this.#spanFrom(this.#scrapes[0]);
  }

  /** From the last but one to the latest. */
  get step(): Span | undefined {
    return this.#spanFrom(this.#scrapes.at(-2));
  }

  #spanFrom(before: Scrape | undefined): Span | undefined {
    const now = this.latest;
    return before && now && before !== now ? new Span(before, now) : undefined;
  }

  // A process has one start time. One that comes again after another belongs to a second process.
  #noteStart(scrape: Scrape): void {
    const start = scrape.value(startTime);
    const last = this.latest?.value(startTime);
    if (start === undefined || start === last) return;
    if (last !== undefined) this.#restarts += 1;
    if (this.#starts.has(start)) this.#mixed = true;
    this.#starts.add(start);
  }
}
