// Everything that the page shows of a node, out of its scrapes. Undefined stands for what the node does not say, as one of
// another role or version: it is shown as such, and never as 0.

import { mean, quantile, type Quantile } from './histogram';
import { lagByPartition, totalLag, type PartitionLag, type TimeToZero } from './lag';
import type { Labels, Scrape } from './prometheus';
import type { Span } from './recent';

export interface Counted {
  readonly name: string;
  readonly perSecond: number | undefined;
  readonly total: number;
}

export interface Latency {
  readonly stage: Stage;
  readonly p50: Quantile | undefined;
  readonly p99: Quantile | undefined;
  readonly perSecond: number | undefined;
}

export interface Stage {
  readonly id: string;
  readonly label: string;
  readonly explanation: string;
  readonly metric: string;
  readonly labels: Labels;
}

export const stages: readonly Stage[] = [
  { id: 'turn', label: 'Turn', explanation: 'until the message’s turn to be appended, of every 16th', metric: 'queue_wait_seconds', labels: {} },
  { id: 'accepted', label: 'Accepted', explanation: 'until the log has it, which is the 202', metric: 'publish_duration_seconds', labels: {} },
  { id: 'batch', label: 'Batch write', explanation: 'for the store to take a batch', metric: 'store_write_duration_seconds', labels: {} },
  { id: 'stored', label: 'Stored', explanation: 'from the request to the store', metric: 'end_to_end_seconds', labels: { stage: 'persisted' } },
  { id: 'delivered', label: 'Delivered', explanation: 'from the request to the hub clients', metric: 'end_to_end_seconds', labels: { stage: 'broadcast' } },
];

export interface Figures {
  readonly accepted: number | undefined; // each of these four in a second
  readonly refused: number | undefined;
  readonly stored: number | undefined;
  readonly delivered: number | undefined;
  readonly latencies: readonly Latency[];
  readonly batchSize: { readonly p50: Quantile | undefined; readonly p99: Quantile | undefined; readonly mean: number | undefined; readonly perSecond: number | undefined };
  readonly flushes: readonly Counted[];
  readonly partitions: readonly PartitionLag[];
  readonly lag: number | undefined;
  readonly lagToZero: TimeToZero;
  readonly clients: readonly { readonly transport: string; readonly count: number }[];
  readonly slowClients: Counted;
  readonly catchUpRetries: Counted;
  readonly refusals: readonly Counted[];
  readonly canaryWaits: number | undefined; // seconds; undefined where there is no canary
  readonly cores: number | undefined;
}

export function figuresOf(span: Span): Figures {
  return {
    accepted: span.perSecond('publish_total', { outcome: 'ok' }),
    refused: sumOf([span.perSecond('refused_total'), span.perSecond('rate_limited_total')]),
    stored: span.perSecond('store_writes_total'),
    delivered: span.perSecond('hub_messages_sent_total'),
    latencies: stages.map((stage) => latencyOf(span, stage)),
    batchSize: batchSizeOf(span),
    flushes: countedBy(span, 'batch_flush_total', 'reason'),
    partitions: lagByPartition(span),
    lag: span.now.value('consumer_lag_records'),
    lagToZero: totalLag(span),
    clients: clientsOf(span.now),
    slowClients: counted(span, 'slow clients closed', 'hub_slow_clients_closed_total'),
    catchUpRetries: counted(span, 'catch-ups that waited', 'hub_catch_up_retries_total'),
    refusals: refusalsOf(span),
    canaryWaits: (span.now.value('canary_posts_total') ?? 0) > 0 ? span.now.value('canary_waiting_seconds') : undefined,
    cores: span.perSecond('process_cpu_seconds_total'),
  };
}

function latencyOf(span: Span, stage: Stage): Latency {
  const spent = span.histogram(stage.metric, stage.labels);
  return {
    stage,
    p50: spent && quantile(spent, 0.5),
    p99: spent && quantile(spent, 0.99),
    perSecond: spent && span.seconds > 0 ? spent.count / span.seconds : undefined,
  };
}

function batchSizeOf(span: Span): Figures['batchSize'] {
  const sizes = span.histogram('batch_size');
  return {
    p50: sizes && quantile(sizes, 0.5),
    p99: sizes && quantile(sizes, 0.99),
    mean: sizes && mean(sizes),
    perSecond: sizes && span.seconds > 0 ? sizes.count / span.seconds : undefined,
  };
}

function counted(span: Span, name: string, metric: string, labels: Labels = {}): Counted {
  return { name, perSecond: span.perSecond(metric, labels), total: span.now.value(metric, labels) ?? 0 };
}

/** By the values of one label, in their order of the alphabet: each keeps its line. */
function countedBy(span: Span, metric: string, label: string): Counted[] {
  const values = [...new Set(span.now.series(metric).map(({ labels }) => labels[label] ?? ''))].sort();
  return values.map((value) => counted(span, value, metric, { [label]: value }));
}

/** Those that ever happened since the node began. */
function refusalsOf(span: Span): Counted[] {
  const limits = countedBy(span, 'rate_limited_total', 'limit').map((one) => ({ ...one, name: `rate limit: ${one.name}` }));
  const unsure = counted(span, 'outcome unknown (504)', 'publish_total', { outcome: 'unknown' });
  return [...countedBy(span, 'refused_total', 'reason'), ...limits, unsure].filter(({ total }) => total > 0);
}

function clientsOf(scrape: Scrape): Figures['clients'] {
  const transports = new Set(scrape.series('hub_connections').map(({ labels }) => labels['transport'] ?? ''));
  const order = ['webSockets', 'serverSentEvents', 'longPolling'];
  const sorted = [...transports].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return sorted.map((transport) => ({ transport, count: scrape.value('hub_connections', { transport }) ?? 0 }));
}

function sumOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}
