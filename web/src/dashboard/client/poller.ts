// Asks once a second, one question after the other, while somebody looks: not in a hidden tab, and not while it is stopped.

export class Poller {
  readonly #ask: () => Promise<void>;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isStopped = false;

  constructor(ask: () => Promise<void>, everyMs: number) {
    this.#ask = ask;
    this.#everyMs = everyMs;
    document.addEventListener('visibilitychange', () => this.#wake());
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  start(): void {
    this.#isStopped = false;
    this.#wake();
  }

  #wake(): void {
    clearTimeout(this.#timer);
    if (!this.#isAsking) void this.#round();
  }

  async #round(): Promise<void> {
    if (this.#isStopped || document.hidden) return;
    const begunMs = performance.now();
    this.#isAsking = true;
    try {
      await this.#ask();
    } finally {
      this.#isAsking = false;
    }
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#round(), Math.max(0, begunMs + this.#everyMs - performance.now()));
  }
}
