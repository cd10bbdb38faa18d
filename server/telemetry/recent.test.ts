import { describe, expect, it } from 'vitest';
import { createMemoryCounters } from '../stores/counters-memory.ts';
import { createMetrics } from './metrics.ts';
import { createRecentFigures } from './recent.ts';

function start() {
  const metrics = createMetrics({ counters: createMemoryCounters() });
  const recent = createRecentFigures();
  return {
    noteAt: async (seconds: number) => recent.note(await metrics.read(), seconds * 1000),
    figuresAt: async (seconds: number) => recent.since(await metrics.read(), seconds * 1000),
    reply(latencyMs: number, status: 'complete' | 'failed' = 'complete') {
      metrics.replyAsked();
      metrics.cacheAnswered(false);
      const ended = { status, cached: false, latencyMs, promptTokens: 10, completionTokens: 20 };
      metrics.replyEnded({ ...ended, timeToFirstTokenMs: 50, tokensPerSecond: 8 });
    },
  };
}

describe('figures of the last minute', () => {
  it('are none at first, then what was counted since; null only where nothing was counted', async () => {
    const { noteAt, figuresAt, reply } = start();
    reply(1_000);
    expect(await figuresAt(0)).toBeNull();
    await noteAt(0);
    expect(await figuresAt(2)).toEqual({
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
    expect(await figuresAt(4)).toMatchObject({
      seconds: 4,
      requests: 2,
      endedReplies: { complete: 1, cached: 0, stopped: 0, failed: 1 },
      cacheHitRate: 0,
      timeToFirstTokenMs: 50,
      tokensPerSecond: 8,
    });
  });

  it('forget what is older than a minute', async () => {
    const { noteAt, figuresAt, reply } = start();
    await noteAt(0);
    reply(100);
    for (let at = 5; at < 60; at += 5) {
      await noteAt(at);
      expect((await figuresAt(at + 1))?.requests).toBe(1);
    }
    expect(await figuresAt(66)).toMatchObject({ seconds: 61, requests: 0, p95LatencyMs: null });
  });

  it('begin anew with counters that began anew', () => {
    const recent = createRecentFigures();
    const replies = (count: number) => new Map([['portal_replies_total', count]]);
    recent.note(replies(5), 0);
    expect(recent.since(new Map(), 2_000)).toBeNull();
    recent.note(new Map(), 5_000);
    expect(recent.since(replies(1), 7_000)).toMatchObject({ seconds: 2, requests: 1 });
  });
});
