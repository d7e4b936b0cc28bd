// Tells the service every two seconds what the page newly shows, so that the service can say whether that is what it
// stores. Owned by a session. Says nothing to a service that does not want to know: after an error it waits longer each
// time.

import type { Timeline } from '../model/timeline';
import { nextReport, withReport, type ReportedRange, type ViewReport } from '../model/view_report';

export interface ViewReporterOptions {
  readonly conversationId: string;
  readonly timeline: () => Timeline;
  /** False: there is no connection now. Fails when the service refuses. */
  readonly send: (report: ViewReport) => Promise<boolean>;
  readonly everyMs?: number;
}

const everyMs = 2_000;
const waitMsMax = 64_000;

export class ViewReporter {
  readonly #options: ViewReporterOptions;
  readonly #everyMs: number;
  #waitMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = true;
  #reported: ReportedRange | undefined;
  #floor = 0;

  constructor(options: ViewReporterOptions) {
    this.#options = options;
    this.#everyMs = options.everyMs ?? everyMs;
    this.#waitMs = this.#everyMs;
  }

  start(): void {
    this.#stopped = false;
    this.#plan();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** The timeline was filled anew from this sequence on: there may be a gap before it. */
  restart(floor: number): void {
    this.#floor = floor;
    this.#reported = undefined;
  }

  #plan(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#run(), this.#waitMs);
  }

  async #run(): Promise<void> {
    try {
      const { conversationId, timeline, send } = this.#options;
      const floor = this.#floor;
      const report = nextReport(conversationId, timeline(), this.#reported, floor);
      if (report && (await send(report)) && floor === this.#floor) this.#reported = withReport(this.#reported, report);
      this.#waitMs = this.#everyMs;
    } catch {
      this.#waitMs = Math.min(2 * this.#waitMs, waitMsMax);
    }
    this.#plan();
  }
}
