import { describe, expect, it } from 'vitest';
import { createMemoryCounters } from '../stores/counters-memory.ts';
import { createMetrics } from './metrics.ts';
import { createRecentFigures } from './recent.ts';

function start() {
  const metrics = createMetrics({ counters: createMemoryCounters() });
  const recent = createRecentFigures();
  return {
    readAt: async (seconds: number) => recent.read(await metrics.read(), seconds * 1000),
    reply(latencyMs: number, status: 'complete' | 'failed' = 'complete') {
      metrics.replyAsked();
      metrics.cacheAnswered(false);
      const ended = { status, cached: false, latencyMs, promptTokens: 10, completionTokens: 20 };
      metrics.replyEnded({ ...ended, timeToFirstTokenMs: 50, tokensPerSecond: 8 });
    },
  };
}

describe('figures of the last minute', () => {
  it('are none at first, then what was counted since, and nothing is null only where nothing was counted', async () => {
    const { readAt, reply } = start();
    reply(1_000);
    expect(await readAt(0)).toBeNull();
    expect(await readAt(2)).toEqual({
      seconds: 2,
      requests: 0,
      endedReplies: { complete: 0, cached: 0, stopped: 0, failed: 0 },
      cacheHitRate: null,
      p50LatencyMs: null,
      p95LatencyMs: null,
      timeToFirstTokenMs: null,
      tokensPerSecond: null,
    });
    reply(400);
    reply(400, 'failed');
    expect(await readAt(4)).toMatchObject({
      seconds: 4,
      requests: 2,
      endedReplies: { complete: 1, cached: 0, stopped: 0, failed: 1 },
      cacheHitRate: 0,
      timeToFirstTokenMs: 50,
      tokensPerSecond: 8,
    });
  });

  it('forget what is older than a minute', async () => {
    const { readAt, reply } = start();
    await readAt(0);
    reply(100);
    for (let at = 2; at < 60; at += 2) expect((await readAt(at))?.requests).toBe(1);
    expect(await readAt(62)).toMatchObject({ seconds: 60, requests: 0, p95LatencyMs: null });
  });

  it('begin anew with counters that began anew', async () => {
    const recent = createRecentFigures();
    const replies = (count: number) => new Map([['portal_replies_total', count]]);
    recent.read(replies(5), 0);
    expect(recent.read(new Map(), 2_000)).toBeNull();
    expect(recent.read(replies(1), 4_000)).toMatchObject({ seconds: 2, requests: 1 });
  });
});
