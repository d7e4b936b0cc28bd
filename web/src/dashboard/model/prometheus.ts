// The Prometheus text format, version 0.0.4, as one scrape of one node.

import { makeHistogram, type Histogram } from './histogram';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

const ownPrefix = 'message_service_';

export class Scrape {
  readonly #samples: ReadonlyMap<string, readonly Sample[]>;

  constructor(
    /** When it was asked for, on a clock that is never set. */
    readonly atMs: number,
    text: string,
  ) {
    this.#samples = parseSamples(text);
  }

  /** All samples of a metric whose labels are at least these; names of the service's own metrics have no prefix here. */
  series(name: string, labels: Labels = {}): readonly Sample[] {
    const all = this.#samples.get(ownPrefix + name) ?? this.#samples.get(name) ?? [];
    const wanted = Object.entries(labels);
    return wanted.length === 0 ? all : all.filter((sample) => wanted.every(([key, value]) => sample.labels[key] === value));
  }

  /** The sum over such samples; undefined where there is none, which is not 0. */
  value(name: string, labels: Labels = {}): number | undefined {
    const all = this.series(name, labels);
    return all.length === 0 ? undefined : all.reduce((sum, { value }) => sum + value, 0);
  }

  histogram(name: string, labels: Labels = {}): Histogram | undefined {
    const buckets = this.series(`${name}_bucket`, labels).map((one) => ({ most: parseNumber(one.labels['le'] ?? ''), count: one.value }));
    return buckets.length === 0 ? undefined : makeHistogram(buckets, this.value(`${name}_sum`, labels) ?? 0);
  }
}

/** Samples by the metric's name. A line of another form is left out. */
export function parseSamples(text: string): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const found = line.startsWith('#') ? null : /^([a-zA-Z_:][\w:]*)(\{.*\})?[ \t]+(\S+)/.exec(line);
    if (!found) continue;
    const value = parseNumber(found[3]!);
    if (Number.isNaN(value)) continue;
    const sample = { labels: found[2] ? parseLabels(found[2]) : {}, value };
    const others = samples.get(found[1]!);
    if (others) others.push(sample);
    else samples.set(found[1]!, [sample]);
  }
  return samples;
}

function parseLabels(text: string): Labels {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    labels[name!] = value!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function parseNumber(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return text === '' ? NaN : Number(text);
}
