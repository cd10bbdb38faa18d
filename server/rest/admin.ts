import { z } from 'zod';
import { requireAdmin } from '../accounts/viewer.ts';
import type { Api, RestParts } from './api.ts';
import { queryFlag } from './input.ts';
import { problems } from './problems.ts';
import { count } from './words.ts';

const tags = ['operations'];

const usageDay = z
  .object({
    date: z.string().meta({ description: 'A day in UTC: 2026-11-21.' }),
    model_name: z.string(),
    answers: count(),
    cached_answers: count(),
    prompt_tokens: count(),
    completion_tokens: count(),
    generation_ms: z.number(),
  })
  .meta({ id: 'UsageDay', description: 'What one model answered on one day.' });

const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a date or a time of ISO 8601')
  .transform((text) => new Date(text))
  .optional();

const endedReplies = z.object({ complete: count(), cached: count(), stopped: count(), failed: count() });

const recent = z
  .object({
    seconds: z.number(),
    requests: count(),
    ended_replies: endedReplies,
    cache_hit_rate: z.number().nullable(),
    p50_latency_ms: z.number().nullable(),
    p95_latency_ms: z.number().nullable(),
    time_to_first_token_ms: z.number().nullable(),
    tokens_per_second: z.number().nullable(),
  })
  .meta({ description: 'The last minute; null where nothing was counted.' });

const metrics = z
  .object({
    total_requests: count(),
    error_count: count(),
    cache_hits: count(),
    cache_misses: count(),
    cache_hit_rate: z.number(),
    avg_latency_ms: z.number(),
    p50_latency_ms: z.number(),
    p95_latency_ms: z.number(),
    time_to_first_token_ms: z.number(),
    tokens_per_second: z.number(),
    ended_replies: endedReplies,
    active_replies: count(),
    queued_replies: count(),
    active_sessions: count(),
    uptime_seconds: z.number(),
    cpu_percent: z.number(),
    memory_bytes: count(),
    memory_total_bytes: count(),
    event_loop_delay_ms: z.number(),
    cache_backend: z.string(),
    cache_entries: count(),
    cache_size_bytes: count(),
    recent: recent.nullable(),
  })
  .meta({ id: 'Metrics', description: 'The same figures as the graph’s `telemetry`.' });

const cacheStats = z
  .object({
    backend: z.enum(['memory', 'redis']),
    entries: count(),
    hits: count(),
    misses: count(),
    hit_rate: z.number(),
    size_bytes: count(),
  })
  .meta({ id: 'CacheStats', description: 'How the answer cache is doing.' });

/** What the portal did, for those who run it. */
export function registerAdmin(api: Api, { caller }: RestParts): void {
  api.get(
    '/metrics',
    {
      schema: {
        tags,
        operationId: 'readMetrics',
        summary: 'Requests, cache, latencies, queue and host; for admins',
        description: 'Prometheus’ text is at /metrics, without this prefix.',
        response: { 200: metrics, ...problems('forbidden') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      const figures = await rules.telemetry.read(viewer);
      return {
        total_requests: figures.totalRequests,
        error_count: figures.errorCount,
        cache_hits: figures.cacheHits,
        cache_misses: figures.cacheMisses,
        cache_hit_rate: figures.cacheHitRate,
        avg_latency_ms: figures.averageLatencyMs,
        p50_latency_ms: figures.p50LatencyMs,
        p95_latency_ms: figures.p95LatencyMs,
        time_to_first_token_ms: figures.timeToFirstTokenMs,
        tokens_per_second: figures.tokensPerSecond,
        ended_replies: figures.endedReplies,
        active_replies: figures.activeReplies,
        queued_replies: figures.queuedReplies,
        active_sessions: figures.activeSessions,
        uptime_seconds: figures.uptimeSeconds,
        cpu_percent: figures.cpuPercent,
        memory_bytes: figures.memoryBytes,
        memory_total_bytes: figures.memoryTotalBytes,
        event_loop_delay_ms: figures.eventLoopDelayMs,
        cache_backend: figures.cacheBackend,
        cache_entries: figures.cacheEntries,
        cache_size_bytes: figures.cacheSizeBytes,
        recent: figures.recent && {
          seconds: figures.recent.seconds,
          requests: figures.recent.requests,
          ended_replies: figures.recent.endedReplies,
          cache_hit_rate: figures.recent.cacheHitRate,
          p50_latency_ms: figures.recent.p50LatencyMs,
          p95_latency_ms: figures.recent.p95LatencyMs,
          time_to_first_token_ms: figures.recent.timeToFirstTokenMs,
          tokens_per_second: figures.recent.tokensPerSecond,
        },
      };
    },
  );

  api.get(
    '/admin/cache',
    {
      schema: {
        tags,
        operationId: 'readCacheStats',
        summary: 'How the answer cache is doing; for admins',
        response: { 200: cacheStats, ...problems('forbidden') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      await requireAdmin(viewer);
      const { backend, entries, hits, misses, sizeBytes } = await rules.answerCache.stats();
      const hit_rate = hits + misses === 0 ? 0 : hits / (hits + misses);
      return { backend, entries, hits, misses, hit_rate, size_bytes: sizeBytes };
    },
  );

  api.post(
    '/admin/cache/flush',
    {
      schema: {
        tags,
        operationId: 'flushCache',
        summary: 'Removes every cached answer; for admins',
        response: { 200: z.object({ flushed: count() }), ...problems('forbidden') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      await requireAdmin(viewer);
      return { flushed: await rules.answerCache.forget('all') };
    },
  );

  api.get(
    '/usage',
    {
      schema: {
        tags,
        operationId: 'readUsage',
        summary: 'One’s own use a day and model; everyone’s for an admin with `all`',
        querystring: z.object({
          from: moment.meta({ description: 'Included; 30 days before `to` where it is left out.' }),
          to: moment.meta({ description: 'Not included; now where it is left out.' }),
          all: queryFlag(),
        }),
        response: { 200: z.array(usageDay), ...problems('invalid_input', 'forbidden') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      const { from, to, all = false } = request.query;
      if (all) await requireAdmin(viewer);
      const span = [from ?? null, to ?? null] as const;
      const days = all ? await rules.usage.daysOfAll(...span) : await rules.usage.days(viewer, ...span);
      return days.map((day) => ({
        date: day.date,
        model_name: day.modelName,
        answers: day.answers,
        cached_answers: day.cachedAnswers,
        prompt_tokens: day.promptTokens,
        completion_tokens: day.completionTokens,
        generation_ms: day.generationMs,
      }));
    },
  );
}
