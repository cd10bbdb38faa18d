import type { Counters } from '../stores/counters.ts';
import { add, bucketBounds, type Histogram, histogramOf, quantile } from './histogram.ts';

/** How a reply ended, and what it took. */
export interface ReplyEnd {
  status: 'complete' | 'stopped' | 'failed';
  cached: boolean;
  /** From being asked for to the end. */
  latencyMs: number;
  timeToFirstTokenMs: number | null;
  tokensPerSecond: number | null;
  promptTokens: number;
  completionTokens: number;
}

/** Everything that was counted, by Prometheus' names. */
export type Counted = ReadonlyMap<string, number>;

/** How replies ended. */
export interface EndedReplies {
  /** Written by a model to their end. */
  complete: number;
  cached: number;
  stopped: number;
  failed: number;
}

/** Figures of all processes since the counters began. Rates are 0 to 1, and 0 where nothing was counted. */
export interface ReplyFigures {
  totalRequests: number;
  errorCount: number;
  cacheHits: number;
  cacheMisses: number;
  cacheHitRate: number;
  averageLatencyMs: number;
  p50LatencyMs: number;
  p95LatencyMs: number;
  timeToFirstTokenMs: number;
  tokensPerSecond: number;
  endedReplies: EndedReplies;
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Counts what happens to replies. Names are Prometheus'. */
export function createMetrics({ counters }: { counters: Counters }) {
  return {
    replyAsked: (): void => counters.add('portal_replies_total'),

    /** The cache was asked before a reply was generated. */
    cacheAnswered: (hit: boolean): void => counters.add(hit ? 'portal_cache_hits_total' : 'portal_cache_misses_total'),

    replyEnded(end: ReplyEnd): void {
      counters.add(`portal_replies_ended_total{status="${end.status}",cached="${end.cached}"}`);
      add(counters, 'portal_reply_latency_ms', end.latencyMs);
      counters.add('portal_prompt_tokens_total', end.promptTokens);
      counters.add('portal_completion_tokens_total', end.completionTokens);
      if (end.timeToFirstTokenMs !== null) add(counters, 'portal_time_to_first_token_ms', end.timeToFirstTokenMs);
      if (end.tokensPerSecond !== null) add(counters, 'portal_tokens_per_second', end.tokensPerSecond);
    },

    /** An operation that was served over HTTP. */
    requestServed({ route, method, status, latencyMs }: ServedRequest): void {
      counters.add(`portal_http_requests_total{method="${method}",route="${route}",status="${status}"}`);
      add(counters, 'portal_http_latency_ms', latencyMs);
    },

    /** An operation of the graph that has ended, over whichever transport; named by its root field. */
    operationServed(operation: string, status: number): void {
      counters.add(`portal_operations_total{operation="${operation}",status="${status}"}`);
    },

    /** What all processes counted so far: for `replyFigures`. */
    read: (): Promise<Counted> => counters.read(),

    /** All counters in Prometheus' text format (version 0.0.4). */
    async prometheus(): Promise<string> {
      const counted = [...(await counters.read())].sort(([a], [b]) => (a < b ? -1 : 1));
      const [buckets, plain] = [
        counted.filter(([name]) => name.includes('_bucket{')),
        counted.filter(([name]) => !name.includes('_bucket{')),
      ];
      const families = [...new Set(buckets.map(([name]) => name.slice(0, name.indexOf('_bucket{'))))];
      const lines = plain
        .filter(([name]) => !families.some((family) => name === `${family}_sum` || name === `${family}_count`))
        .flatMap(([name, value], index, all) => {
          const [family = ''] = name.split('{');
          const isFirst = index === 0 || (all[index - 1]?.[0].split('{')[0] ?? '') !== family;
          return [...(isFirst ? [`# TYPE ${family} counter`] : []), `${name} ${value}`];
        });
      for (const family of families) lines.push(...histogramLines(family, histogramOf(new Map(counted), family)));
      return `${lines.join('\n')}\n`;
    },
  };
}

export function replyFigures(counted: Counted): ReplyFigures {
  const count = (name: string) => counted.get(name) ?? 0;
  const [hits, misses] = [count('portal_cache_hits_total'), count('portal_cache_misses_total')];
  const latency = histogramOf(counted, 'portal_reply_latency_ms');
  const endedReplies = endedOf(counted);
  return {
    totalRequests: count('portal_replies_total'),
    errorCount: endedReplies.failed,
    cacheHits: hits,
    cacheMisses: misses,
    cacheHitRate: hits + misses === 0 ? 0 : hits / (hits + misses),
    averageLatencyMs: mean(latency),
    p50LatencyMs: quantile(latency, 0.5),
    p95LatencyMs: quantile(latency, 0.95),
    timeToFirstTokenMs: mean(histogramOf(counted, 'portal_time_to_first_token_ms')),
    tokensPerSecond: mean(histogramOf(counted, 'portal_tokens_per_second')),
    endedReplies,
  };
}

function endedOf(counted: Counted): EndedReplies {
  const ended = (status: ReplyEnd['status'], cached: boolean) =>
    counted.get(`portal_replies_ended_total{status="${status}",cached="${cached}"}`) ?? 0;
  return {
    complete: ended('complete', false),
    cached: ended('complete', true),
    stopped: ended('stopped', false),
    failed: ended('failed', false),
  };
}

export interface ServedRequest {
  /** The pattern of the route, never the address that was asked for. */
  route: string;
  method: string;
  status: number;
  latencyMs: number;
}

function mean({ sum, count }: Histogram): number {
  return count === 0 ? 0 : sum / count;
}

/** Prometheus' buckets are cumulative. */
function histogramLines(family: string, { buckets, sum, count }: Histogram): string[] {
  let below = 0;
  const lines = bucketBounds.map((bound, index) => {
    below += buckets[index] ?? 0;
    return `${family}_bucket{le="${bound}"} ${below}`;
  });
  return [
    `# TYPE ${family} histogram`,
    ...lines,
    `${family}_bucket{le="+Inf"} ${count}`,
    `${family}_sum ${sum}`,
    `${family}_count ${count}`,
  ];
}
