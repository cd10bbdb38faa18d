import type { Counters } from '../stores/counters.ts';

/** Upper bounds of the buckets: 1, 2, 5 in each power of ten, from 1 to 1,000,000. */
export const bucketBounds: readonly number[] = [...Array(7).keys()]
  .flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))
  .filter((bound) => bound <= 1_000_000);

export interface Histogram {
  /** How many values lie in each bucket, not in those before it; one more for what is above all bounds. */
  buckets: readonly number[];
  sum: number;
  count: number;
}

/** Counts a value into the histogram of that name. */
export function add(counters: Counters, name: string, value: number): void {
  const index = bucketBounds.findIndex((bound) => value <= bound);
  counters.add(`${name}_bucket{le="${index < 0 ? '+Inf' : bucketBounds[index]}"}`);
  counters.add(`${name}_sum`, value);
  counters.add(`${name}_count`);
}

export function histogramOf(counted: ReadonlyMap<string, number>, name: string): Histogram {
  const bounds = [...bucketBounds, '+Inf'];
  return {
    buckets: bounds.map((bound) => counted.get(`${name}_bucket{le="${bound}"}`) ?? 0),
    sum: counted.get(`${name}_sum`) ?? 0,
    count: counted.get(`${name}_count`) ?? 0,
  };
}

/**
 * The value that a share of all values do not pass, by linear interpolation within its bucket, as Prometheus'
 * `histogram_quantile` does; 0 where nothing was counted, the highest bound where it lies above all.
 */
export function quantile({ buckets, count }: Histogram, share: number): number {
  if (count === 0) return 0;
  const rank = share * count;
  let below = 0;
  for (const [index, bound] of bucketBounds.entries()) {
    const here = buckets[index] ?? 0;
    if (here > 0 && below + here >= rank) {
      const lower = bucketBounds[index - 1] ?? 0;
      return lower + (bound - lower) * ((rank - below) / here);
    }
    below += here;
  }
  return bucketBounds.at(-1) ?? 0;
}
