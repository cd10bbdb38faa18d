import type { EndedReplies as Ended } from '../../server/telemetry/metrics.ts';
import type { RecentFigures } from '../../server/telemetry/recent.ts';
import type { TelemetryFigures } from '../../server/telemetry/telemetry.ts';
import { builder } from '../builder.ts';
import { untilReturn } from '../until-return.ts';

const EndedReplies = builder.objectRef<Ended>('EndedReplies').implement({
  description: 'How many replies ended in which way.',
  fields: (t) => ({
    complete: t.exposeInt('complete', { description: 'Written by a model to their end.' }),
    cached: t.exposeInt('cached', { description: 'Came from the answer cache.' }),
    stopped: t.exposeInt('stopped', { description: 'Stopped by their readers.' }),
    failed: t.exposeInt('failed', { description: 'Broke off.' }),
  }),
});

const RecentTelemetry = builder.objectRef<RecentFigures>('RecentTelemetry').implement({
  description:
    'What happened within the last minute, or since this process began where that is shorter. Null where nothing was counted.',
  fields: (t) => ({
    seconds: t.exposeFloat('seconds', { description: 'The span that these are of.' }),
    requests: t.exposeInt('requests', { description: 'Replies asked for.' }),
    endedReplies: t.field({
      type: EndedReplies,
      description: 'Replies that ended, by their end.',
      resolve: ({ endedReplies }) => endedReplies,
    }),
    cacheHitRate: t.exposeFloat('cacheHitRate', {
      nullable: true,
      description: 'Hits of all questions asked of the cache.',
    }),
    p50LatencyMs: t.exposeFloat('p50LatencyMs', { nullable: true, description: 'Half of the replies were faster.' }),
    p95LatencyMs: t.exposeFloat('p95LatencyMs', {
      nullable: true,
      description: '95 of 100 replies were faster.',
    }),
    timeToFirstTokenMs: t.exposeFloat('timeToFirstTokenMs', { nullable: true, description: 'The mean.' }),
    tokensPerSecond: t.exposeFloat('tokensPerSecond', { nullable: true, description: 'Of one reply; the mean.' }),
  }),
});

const Telemetry = builder.objectRef<TelemetryFigures>('Telemetry').implement({
  description:
    'Requests are replies asked for, over all doors and processes, since the counters were last reset; latency is from asking ' +
    'to the end. Rates are 0 to 1, and 0 where nothing was counted.',
  fields: (t) => ({
    totalRequests: t.exposeInt('totalRequests', { description: 'Replies asked for.' }),
    errorCount: t.exposeInt('errorCount', { description: 'Replies that failed.' }),
    cacheHits: t.exposeInt('cacheHits', { description: 'Replies that came from the answer cache.' }),
    cacheMisses: t.exposeInt('cacheMisses', { description: 'Replies that the answer cache was asked for in vain.' }),
    cacheHitRate: t.exposeFloat('cacheHitRate', { description: 'Hits of all questions asked of the cache.' }),
    averageLatencyMs: t.exposeFloat('averageLatencyMs', { description: 'The mean of all replies.' }),
    p50LatencyMs: t.exposeFloat('p50LatencyMs', { description: 'Half of the replies were faster.' }),
    p95LatencyMs: t.exposeFloat('p95LatencyMs', { description: '95 of 100 replies were faster.' }),
    timeToFirstTokenMs: t.exposeFloat('timeToFirstTokenMs', {
      description: 'From the beginning of the prompt’s reading to the first token; the mean.',
    }),
    tokensPerSecond: t.exposeFloat('tokensPerSecond', { description: 'Of one reply; the mean.' }),
    endedReplies: t.field({
      type: EndedReplies,
      description: 'Replies that ended, by their end.',
      resolve: ({ endedReplies }) => endedReplies,
    }),
    activeReplies: t.exposeInt('activeReplies', { description: 'Being written now.' }),
    queuedReplies: t.exposeInt('queuedReplies', { description: 'Waiting for their turn now.' }),
    activeSessions: t.exposeInt('activeSessions', {
      description: 'Conversations that something happened in within the last 15 minutes.',
    }),
    uptimeSeconds: t.exposeFloat('uptimeSeconds', { description: 'Of this process.' }),
    cpuPercent: t.exposeFloat('cpuPercent', { description: 'Of the host, all cores together: 0 to 100.' }),
    memoryBytes: t.exposeFloat('memoryBytes', { description: 'Resident memory of this process.' }),
    memoryTotalBytes: t.exposeFloat('memoryTotalBytes', { description: 'Memory of the host.' }),
    eventLoopDelayMs: t.exposeFloat('eventLoopDelayMs', {
      description: 'The longest that this process kept an event waiting in the last seconds.',
    }),
    cacheBackend: t.exposeString('cacheBackend', { description: 'Where answers are kept now: memory or redis.' }),
    cacheEntries: t.exposeInt('cacheEntries', { description: 'Answers kept.' }),
    cacheSizeBytes: t.exposeFloat('cacheSizeBytes', { description: 'What they occupy, about.' }),
    recent: t.field({
      type: RecentTelemetry,
      nullable: true,
      description: 'Of the last minute; null for a moment where the counters began anew.',
      resolve: ({ recent }) => recent,
    }),
  }),
});

builder.queryField('telemetry', (t) =>
  t.field({
    type: Telemetry,
    description:
      'Request counts, cache hit rate, latencies, queue, host. Admins only, except in single-user mode. Throws FORBIDDEN.',
    resolve: (_root, _args, { viewer, rules }) => rules.telemetry.read(viewer),
  }),
);

builder.subscriptionField('telemetry', (t) =>
  t.field({
    type: Telemetry,
    description:
      'Pushed every `intervalMs`, 500 to 60,000; same figures as Query.telemetry. Throws FORBIDDEN, INVALID_INPUT.',
    args: { intervalMs: t.arg.int({ defaultValue: 2000, description: 'Milliseconds from one to the next.' }) },
    subscribe: (_root, { intervalMs }, { viewer, rules }) =>
      untilReturn((signal) => rules.telemetry.follow(viewer, intervalMs ?? 2000, signal)),
    resolve: (figures) => figures,
  }),
);
