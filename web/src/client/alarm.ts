// A wait that can be cut short. One waiter at a time.
export class Alarm {
  #ring: (() => void) | undefined;

  /** Resolves after `ms`, or when rung; without `ms`, only when rung. */
  wait(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => this.ring(), ms);
      this.#ring = () => {
        clearTimeout(timer);
        this.#ring = undefined;
        resolve();
      };
    });
  }

  ring(): void {
    this.#ring?.();
  }
}
