// This node: which program it is, and what it uses of its machine.

import { el, setText } from '../../ui/dom';
import type { Readiness } from '../client/node';
import type { Figures } from '../model/figures';
import type { Scrape } from '../model/prometheus';
import { bytesText, coresText, countText, durationText, percentText, unknownText } from '../model/texts';
import { panel } from './panel';

const absent = 'not said by this node';

class Meter {
  readonly element = el('div', { class: 'meter', attributes: { 'aria-hidden': 'true' } });
  readonly #bar = el('div', {});

  constructor() {
    this.element.append(this.#bar);
  }

  show(part: number | undefined): void {
    this.element.hidden = part === undefined;
    this.#bar.style.width = `${100 * Math.min(1, Math.max(0, part ?? 0))}%`;
    this.#bar.className = (part ?? 0) >= 0.88 ? 'is-bad' : '';
  }
}

export class NodePanel {
  readonly element: HTMLElement;
  readonly #fields = new Map<string, HTMLElement>();
  readonly #memory = new Meter();
  readonly #disk = new Meter();
  readonly #files = new Meter();

  constructor() {
    const field = (name: string, ...more: Node[]) => {
      const text = el('span', { attributes: { 'data-field': name } });
      this.#fields.set(name, text);
      return [el('dt', {}, name), el('dd', {}, text, ...more)];
    };
    const list = el(
      'dl',
      { class: 'facts' },
      ...field('Version'),
      ...field('Up for'),
      ...field('Ready'),
      ...field('Clock'),
      ...field('CPU'),
      ...field('Memory', this.#memory.element),
      ...field('Given up for it'),
      ...field('Disk', this.#disk.element),
      ...field('Files', this.#files.element),
    );
    this.element = panel('node', 'Node', 'this node', list);
  }

  show(scrape: Scrape, figures: Figures | undefined, readiness: Readiness | undefined, nowMs: number): void {
    const build = scrape.series('build_info')[0]?.labels;
    const started = scrape.value('process_start_time_seconds');
    this.#set('Version', build ? `${build['version']}, ${build['compiler']}` : absent);
    this.#set('Up for', started === undefined ? absent : durationText(nowMs / 1000 - started));
    this.#set('Ready', readinessText(readiness));
    this.#set('Clock', clockText(scrape.value('clock_seconds'), nowMs));
    this.#set('CPU', coresText(figures?.cores));
    this.#showMemory(scrape);
    this.#showDisk(scrape);
    const [open, most] = [scrape.value('process_open_fds'), scrape.value('process_max_fds')];
    this.#set('Files', open === undefined ? absent : `${countText(open)} open of ${countText(most)}`);
    this.#files.show(partOf(open, most));
  }

  #showMemory(scrape: Scrape): void {
    const [used, limit] = [scrape.value('memory_used_bytes'), scrape.value('memory_limit_bytes')];
    this.#set('Memory', used === undefined ? absent : `${bytesText(used)} of ${bytesText(limit)}, ${percentText(used, limit ?? 0)}`);
    this.#memory.show(partOf(used, limit));
    const shed = scrape.series('memory_shed_total').filter(({ value }) => value > 0);
    this.#set('Given up for it', shed.map(({ labels, value }) => `${labels['step']} ${countText(value)}`).join(', ') || 'nothing');
  }

  // A node without a data folder has no disk of its own, and says a size of 0.
  #showDisk(scrape: Scrape): void {
    const [free, size] = [scrape.value('disk_free_bytes'), scrape.value('disk_size_bytes')];
    const isKnown = free !== undefined && size !== undefined && size > 0;
    const none = size === 0 ? 'this node has no data folder' : absent;
    this.#set('Disk', isKnown ? `${bytesText(free)} free of ${bytesText(size)}` : none);
    this.#disk.show(isKnown ? 1 - free / size : undefined);
  }

  #set(field: string, text: string): void {
    setText(this.#fields.get(field)!, text);
  }
}

function partOf(part: number | undefined, all: number | undefined): number | undefined {
  return part !== undefined && all !== undefined && all > 0 ? part / all : undefined;
}

const clockOffMs = 5_000; // an answer may have been on its way for a while

function clockText(seconds: number | undefined, nowMs: number): string {
  if (seconds === undefined) return absent;
  const aheadMs = seconds * 1000 - nowMs;
  if (Math.abs(aheadMs) < clockOffMs) return "as this browser's";
  return `${durationText(Math.abs(aheadMs) / 1000)} ${aheadMs > 0 ? 'ahead of' : 'behind'} this browser's`;
}

function readinessText(readiness: Readiness | undefined): string {
  if (!readiness) return unknownText;
  return [readiness.isReady ? 'yes' : 'no', ...readiness.problems].join('; ');
}
