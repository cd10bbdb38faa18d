import { type Histogram, histogramOf, quantile } from './histogram.ts';
import { type Counted, type EndedReplies, replyFigures } from './metrics.ts';

/** What happened within the last minute, or since this process began where that is shorter. Null where nothing was counted. */
export interface RecentFigures {
  /** The span that these are of. */
  seconds: number;
  requests: number;
  endedReplies: EndedReplies;
  cacheHitRate: number | null;
  p50LatencyMs: number | null;
  p95LatencyMs: number | null;
  timeToFirstTokenMs: number | null;
  tokensPerSecond: number | null;
}

interface Reading {
  at: number;
  counted: Counted;
}

const spanMs = 60_000;

/** Compares what is counted now with what was a minute ago. Moments are milliseconds of any clock that only goes forward. */
export function createRecentFigures() {
  /** The oldest first; the first is the newest of those that are older than the span. */
  let readings: Reading[] = [];

  function difference(counted: Counted, at: number): { counted: Counted; ms: number } | null {
    const first = readings.findLast((reading) => at - reading.at >= spanMs) ?? readings[0];
    const change = first && subtract(counted, first.counted);
    return change ? { counted: change, ms: at - first.at } : null;
  }

  return {
    /** Keeps a reading to compare later ones with: to be called every few seconds. Forgets the others where counters began anew. */
    note(counted: Counted, at: number): void {
      if (difference(counted, at) === null) readings = [];
      readings.push({ at, counted });
      const from = readings.findLastIndex((reading) => at - reading.at >= spanMs);
      if (from > 0) readings = readings.slice(from);
    },

    /** Null before the first reading, and until the next where the counters began anew. */
    since(counted: Counted, at: number): RecentFigures | null {
      const change = difference(counted, at);
      return change && figuresOf(change.counted, change.ms / 1000);
    },
  };
}

/** Null where something became less: a counter never does. */
function subtract(counted: Counted, before: Counted): Counted | null {
  const difference = new Map<string, number>();
  for (const name of new Set([...counted.keys(), ...before.keys()])) {
    const amount = (counted.get(name) ?? 0) - (before.get(name) ?? 0);
    if (amount < 0) return null;
    difference.set(name, amount);
  }
  return difference;
}

function figuresOf(difference: Counted, seconds: number): RecentFigures {
  const figures = replyFigures(difference);
  const latency = histogramOf(difference, 'portal_reply_latency_ms');
  const meanOf = (name: string, mean: number) => (histogramOf(difference, name).count === 0 ? null : mean);
  const quantileOf = (histogram: Histogram, share: number) =>
    histogram.count === 0 ? null : quantile(histogram, share);
  return {
    seconds,
    requests: figures.totalRequests,
    endedReplies: figures.endedReplies,
    cacheHitRate: figures.cacheHits + figures.cacheMisses === 0 ? null : figures.cacheHitRate,
    p50LatencyMs: quantileOf(latency, 0.5),
    p95LatencyMs: quantileOf(latency, 0.95),
    timeToFirstTokenMs: meanOf('portal_time_to_first_token_ms', figures.timeToFirstTokenMs),
    tokensPerSecond: meanOf('portal_tokens_per_second', figures.tokensPerSecond),
  };
}
