// Histograms as Prometheus counts them: each bucket holds how many values were at most its bound.

export interface Bucket {
  readonly most: number;
  readonly count: number;
}

export interface Histogram {
  readonly buckets: readonly Bucket[]; // by rising bound; the last one is infinite
  readonly count: number;
  readonly sum: number;
}

export interface Quantile {
  readonly value: number;
  /** It lies above the last finite bound, which is `value`: nobody knows how far. */
  readonly orMore: boolean;
}

export function makeHistogram(buckets: readonly Bucket[], sum: number): Histogram {
  const rising = [...buckets].sort((a, b) => a.most - b.most);
  return { buckets: rising, count: rising.at(-1)?.count ?? 0, sum };
}

/** What was counted between two looks. A histogram that began anew meanwhile counts from its beginning. */
export function histogramIncrease(before: Histogram | undefined, now: Histogram): Histogram {
  const fits = before?.buckets.length === now.buckets.length;
  const grew = fits && now.buckets.every(({ most, count }, at) => before.buckets[at]!.most === most && before.buckets[at]!.count <= count);
  if (!grew) return now;
  const buckets = now.buckets.map(({ most, count }, at) => ({ most, count: count - before.buckets[at]!.count }));
  return { buckets, count: now.count - before.count, sum: now.sum - before.sum };
}

/** As Prometheus's histogram_quantile: even within a bucket. Undefined where nothing was counted. */
export function quantile(histogram: Histogram, part: number): Quantile | undefined {
  if (histogram.count <= 0) return undefined;
  const rank = part * histogram.count;
  const at = histogram.buckets.findIndex(({ count }) => count >= rank && count > 0);
  const bucket = histogram.buckets[at]!;
  const below = histogram.buckets[at - 1] ?? { most: 0, count: 0 };
  if (bucket.most === Infinity) return { value: below.most, orMore: true };
  const inside = (rank - below.count) / (bucket.count - below.count);
  return { value: below.most + (bucket.most - below.most) * inside, orMore: false };
}

export function mean(histogram: Histogram): number | undefined {
  return histogram.count > 0 ? histogram.sum / histogram.count : undefined;
}
