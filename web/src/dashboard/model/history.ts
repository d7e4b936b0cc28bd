// The columns of the charts: the last minutes, one row a scrape. Bounded by rows; a gap in the looking is a row without values.

export type Value = number | null;

export class History {
  readonly #rowsMax: number;
  readonly #gapMs: number;
  readonly #times: number[] = []; // seconds since the Unix epoch
  readonly #columns: Value[][];

  constructor(columns: number, { rowsMax, gapMs }: { rowsMax: number; gapMs: number }) {
    this.#columns = Array.from({ length: columns }, () => []);
    this.#rowsMax = rowsMax;
    this.#gapMs = gapMs;
  }

  add(wallMs: number, values: readonly (number | undefined)[]): void {
    const last = this.#times.at(-1);
    const seconds = wallMs / 1000;
    if (last !== undefined && seconds <= last) this.#clear(); // somebody has set the clock back
    else if (last !== undefined && wallMs - last * 1000 > this.#gapMs) this.#push(last + 0.001, []);
    this.#push(seconds, values);
  }

  get times(): readonly number[] {
    return this.#times;
  }

  column(index: number): readonly Value[] {
    return this.#columns[index] ?? [];
  }

  #push(seconds: number, values: readonly (number | undefined)[]): void {
    this.#times.push(seconds);
    this.#columns.forEach((column, at) => column.push(values[at] ?? null));
    if (this.#times.length <= this.#rowsMax) return;
    this.#times.shift();
    for (const column of this.#columns) column.shift();
  }

  #clear(): void {
    this.#times.length = 0;
    for (const column of this.#columns) column.length = 0;
  }
}
