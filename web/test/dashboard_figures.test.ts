import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf } from '../src/dashboard/model/figures';
import { histogramIncrease, makeHistogram, mean, quantile } from '../src/dashboard/model/histogram';
import { lagByPartition, timeToZero } from '../src/dashboard/model/lag';
import { parseSamples, Scrape } from '../src/dashboard/model/prometheus';
import { Recent, Span } from '../src/dashboard/model/recent';

const scrape = (seconds: number, text: string) => new Scrape(seconds * 1000, text);
const spanOf = (before: string, now: string, seconds = 10) => new Span(scrape(100, before), scrape(100 + seconds, now));
const histogramOf = (...buckets: [number, number][]) => makeHistogram(buckets.map(([most, count]) => ({ most, count })), 0);

test('the text format: labels with escapes, timestamps, comments, infinities; other lines are left out', () => {
  const samples = parseSamples(
    ['# HELP a_total A.', 'a_total 3', String.raw`b{path="C:\\x",said="\"hi\"\nthere, you=\"}\""} 1.5e3 1700000000`, 'c_bucket{le="+Inf"} 7', 'c +Inf', 'd NaN', 'nonsense', '{x="1"} 2', ''].join('\n'),
  );
  assert.deepEqual(samples.get('a_total'), [{ labels: {}, value: 3 }]);
  assert.deepEqual(samples.get('b'), [{ labels: { path: 'C:\\x', said: '"hi"\nthere, you="}"' }, value: 1500 }]);
  assert.deepEqual(samples.get('c_bucket'), [{ labels: { le: '+Inf' }, value: 7 }]);
  assert.equal(samples.get('c')![0]!.value, Infinity);
  assert.deepEqual([...samples.keys()], ['a_total', 'b', 'c_bucket', 'c']);
});

test('a value is the sum over what fits, and nothing is not 0', () => {
  const one = scrape(0, 'message_service_x_total{a="1",b="1"} 2\nmessage_service_x_total{a="1",b="2"} 3\nmessage_service_x_total{a="2",b="1"} 5');
  assert.equal(one.value('x_total'), 10);
  assert.equal(one.value('x_total', { a: '1' }), 5);
  assert.equal(one.value('x_total', { a: '3' }), undefined);
  assert.equal(one.value('y_total'), undefined);
  assert.equal(one.histogram('z_seconds'), undefined);
});

test('a quantile lies evenly within its bucket, as Prometheus has it', () => {
  const histogram = histogramOf([0.1, 10], [0.2, 90], [0.4, 100], [Infinity, 100]);
  assert.ok(Math.abs(quantile(histogram, 0.5)!.value - 0.15) < 1e-9);
  assert.ok(Math.abs(quantile(histogram, 0.99)!.value - 0.38) < 1e-9);
  assert.ok(Math.abs(quantile(histogram, 0.05)!.value - 0.05) < 1e-9);
  assert.equal(quantile(histogramOf([1, 0], [Infinity, 0]), 0.5), undefined);
  assert.deepEqual(quantile(histogramOf([1, 1], [10, 1], [Infinity, 100]), 0.99), { value: 10, orMore: true });
  assert.equal(mean({ ...histogram, sum: 20 }), 0.2);
});

test('the increase of a histogram, and of one that began anew', () => {
  const before = histogramOf([1, 4], [Infinity, 10]);
  assert.deepEqual(histogramIncrease(before, histogramOf([1, 5], [Infinity, 14])).buckets.map(({ count }) => count), [1, 4]);
  assert.equal(histogramIncrease(before, histogramOf([1, 5], [Infinity, 14])).count, 4);
  const anew = histogramOf([1, 2], [Infinity, 12]);
  assert.equal(histogramIncrease(before, anew), anew, 'one bucket is lower');
  assert.equal(histogramIncrease(undefined, anew), anew);
  assert.equal(histogramIncrease(histogramOf([2, 1], [Infinity, 1]), anew), anew, 'other bounds');
});

test('rates over counters, also over those that began anew', () => {
  const at = (count: number, start = 5) => `message_service_n_total ${count}\nprocess_start_time_seconds ${start}`;
  assert.equal(spanOf(at(100), at(150)).perSecond('n_total'), 5);
  assert.equal(spanOf(at(100), at(30)).perSecond('n_total'), 3, 'lower than before');
  assert.equal(spanOf(at(100), at(130, 9)).perSecond('n_total'), 13, 'another process, and higher by chance');
  assert.equal(spanOf('', at(30)).perSecond('n_total'), 3, 'seen for the first time');
  assert.equal(spanOf(at(1), at(1)).perSecond('other_total'), undefined);
  assert.equal(spanOf(at(1), at(2), 0).perSecond('n_total'), undefined);
});

test('the scrapes of the last seconds: the window, restarts, and nodes that answer by turns', () => {
  const recent = new Recent(10_000);
  const started = (seconds: number, start: number) => recent.add(scrape(seconds, `process_start_time_seconds ${start}`));
  assert.equal(recent.whole, undefined);
  for (let second = 0; second <= 30; second += 1) started(second, 1);
  assert.equal(recent.whole!.seconds, 10);
  assert.equal(recent.step!.seconds, 1);
  assert.equal(recent.restarts, 0);
  started(31, 2);
  assert.equal(recent.restarts, 1);
  assert.equal(recent.isMixed, false);
  started(32, 1);
  assert.equal(recent.isMixed, true);
  started(100, 1);
  assert.equal(recent.whole, undefined, 'what was long ago says nothing of now');
});

test('time to zero', () => {
  assert.deepEqual(timeToZero(100, 0, 10), { kind: 'seconds', seconds: 0 });
  assert.deepEqual(timeToZero(100, 50, 10), { kind: 'seconds', seconds: 10 });
  assert.deepEqual(timeToZero(50, 50, 10), { kind: 'never' });
  assert.deepEqual(timeToZero(50, 80, 10), { kind: 'never' });
  assert.deepEqual(timeToZero(undefined, 80, 10), { kind: 'unknown' });
});

test('partitions: the longest first, and one that stands says at which version', () => {
  const lag = (zero: number, ten: number) => `message_service_consumer_lag_records{partition="0"} ${zero}\nmessage_service_consumer_lag_records{partition="10"} ${ten}\n`;
  const rows = lagByPartition(spanOf(lag(10, 40), `${lag(10, 20)}message_service_consumer_requires_version{partition="0"} 3`));
  assert.deepEqual(rows, [
    { partition: '10', records: 20, timeToZero: { kind: 'seconds', seconds: 10 } },
    { partition: '0', records: 10, timeToZero: { kind: 'never' }, requiresVersion: 3 },
  ]);
});

test('figures of a node: what is there, and what is not', () => {
  const at = (accepted: number, size: number) => `message_service_publish_total{outcome="ok"} ${accepted}
message_service_publish_total{outcome="unknown"} 1
message_service_batch_flush_total{reason="size"} ${size}
message_service_batch_flush_total{reason="idle"} 4
message_service_refused_total{reason="disk"} 0
message_service_refused_total{reason="lag"} ${size}
message_service_hub_connections{protocol="json",transport="longPolling"} 1
message_service_hub_connections{protocol="json",transport="webSockets"} 2
message_service_hub_connections{protocol="messagepack",transport="webSockets"} 3
message_service_publish_duration_seconds_bucket{le="0.001"} ${accepted}
message_service_publish_duration_seconds_bucket{le="+Inf"} ${accepted}
`;
  const figures = figuresOf(spanOf(at(1000, 0), at(51_000, 20)));
  assert.equal(figures.accepted, 5000);
  assert.equal(figures.stored, undefined);
  assert.equal(figures.lag, undefined);
  assert.equal(figures.refused, 2);
  assert.deepEqual(figures.clients, [{ transport: 'webSockets', count: 5 }, { transport: 'longPolling', count: 1 }]);
  assert.deepEqual(figures.flushes.map(({ name, perSecond }) => [name, perSecond]), [['idle', 0], ['size', 2]]);
  assert.deepEqual(figures.refusals.map(({ name, total }) => [name, total]), [['lag', 20], ['outcome unknown (504)', 1]]);
  const accepted = figures.latencies.find(({ stage }) => stage.id === 'accepted')!;
  assert.equal(accepted.p50!.value, 0.0005);
  assert.equal(accepted.perSecond, 5000);
  assert.equal(figures.latencies.find(({ stage }) => stage.id === 'stored')!.p99, undefined);
  assert.equal(figures.batchSize.p50, undefined);
});

test('the canary waits, or there is none', () => {
  const waits = (posts: number) =>
    figuresOf(spanOf('', `message_service_canary_posts_total{outcome="ok"} ${posts}\nmessage_service_canary_posts_total{outcome="unknown"} 0\nmessage_service_canary_waiting_seconds 7.5`)).canaryWaits;
  assert.equal(waits(3), 7.5);
  assert.equal(waits(0), undefined, 'a node without one says 0 too');
  assert.equal(figuresOf(spanOf('', '')).canaryWaits, undefined);
});
