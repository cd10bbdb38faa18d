import { rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { createSession, followBySse, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { askFor } from '../testkit/graph.ts';
import { startPortal, type TestPortal } from '../testkit/portal.ts';

interface Answer {
  id: string;
  content: string;
  status: string;
  cached: boolean;
  cacheHit: { sourceMessageId: string; similarity: number; ageSeconds: number } | null;
  receipt: { completionTokens: number } | null;
}

const answerFields =
  'id content status cached cacheHit { sourceMessageId similarity ageSeconds } receipt { completionTokens }';

async function answerOf(url: string, id: string): Promise<Answer> {
  const { message } = await askFor<{ message: Answer }>(
    url,
    `query ($id: ID!) { message(id: $id) { ${answerFields} } }`,
    {
      id,
    },
  );
  return message;
}

/** Asks, waits for the end, and gives the answer as it is stored. */
async function ask(
  url: string,
  sessionId: string,
  content: string,
  more: Record<string, unknown> = {},
): Promise<Answer> {
  const { reply } = await send(url, sessionId, content, more);
  const { text } = await readToEnd(followBySse(url, reply.id));
  const answer = await answerOf(url, reply.id);
  expect(text).toBe(answer.content);
  return answer;
}

const question = 'What is the capital of France?';

describe('a question that was asked before', () => {
  it('is answered from the cache: as a message of its own that streams like any, and says where it came from', async () => {
    const { url, engine } = await startPortal();
    const sessionId = await createSession(url);
    const first = await ask(url, sessionId, question);
    expect(first).toMatchObject({ cached: false, cacheHit: null });
    const { reply } = await send(url, sessionId, question);
    expect(reply.status).toBe('COMPLETE');
    const events = [];
    for await (const event of followBySse(url, reply.id)) events.push(event.__typename);
    expect(events).toEqual(['ReplyText', 'ReplyFinished']);
    const second = await answerOf(url, reply.id);
    expect(second).toMatchObject({ content: first.content, status: 'COMPLETE', cached: true, receipt: null });
    expect(second.cacheHit).toEqual({ sourceMessageId: first.id, similarity: 1, ageSeconds: expect.any(Number) });
    expect(second.id).not.toBe(first.id);
    expect(engine.requests).toHaveLength(1);
  });

  it('is recognised in other words, and not where a word of weight is another', async () => {
    const { url, engine } = await startPortal();
    const sessionId = await createSession(url);
    await ask(url, sessionId, question);
    const alike = await ask(url, sessionId, 'Can you please tell me what the capital of France is?');
    expect(alike.cached).toBe(true);
    expect(alike.cacheHit?.similarity).toBeGreaterThan(0.75);
    expect((await ask(url, sessionId, 'What is the capital of Spain?')).cached).toBe(false);
    expect(engine.requests).toHaveLength(2);
  });

  it('is generated anew under another system prompt, sampling or context, and in another session', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    await ask(url, sessionId, question);
    expect((await ask(url, sessionId, question, { generation: { temperature: 0.1 } })).cached).toBe(false);
    expect((await ask(url, sessionId, question, { context: { of: 'a note' } })).cached).toBe(false);
    expect((await ask(url, await createSession(url), question)).cached).toBe(false);
    const change =
      'mutation ($id: ID!, $prompt: String) { updateSession(id: $id, input: { systemPrompt: $prompt }) { id } }';
    await askFor(url, change, { id: sessionId, prompt: 'Answer in verse.' });
    expect((await ask(url, sessionId, question)).cached).toBe(false);
  });

  it('is generated anew by another model, be it another file of the same name, and given again once that has answered', async () => {
    const { url, config, engine } = await startPortal();
    const sessionId = await createSession(url);
    const cached = async () => (await ask(url, sessionId, question)).cached;
    expect([await cached(), await cached()]).toEqual([false, true]);
    const file = (name: string) => path.join(config.models.dir, `${name}.gguf`);
    await utimes(file('test-model'), new Date(), new Date(Date.now() + 60_000));
    expect([await cached(), await cached()]).toEqual([false, true]);
    await writeNoiseModel(file('newer-model'));
    await utimes(file('newer-model'), new Date(), new Date(Date.now() + 120_000));
    expect([await cached(), await cached()]).toEqual([false, true]);
    await rm(file('newer-model'));
    expect(await cached()).toBe(true);
    expect(engine.requests.map(({ model }) => model.name)).toEqual(['test-model', 'test-model', 'newer-model']);
  });

  it('serves all sessions of its user where the scope is the user', async () => {
    const { url } = await startPortal({ env: { CACHE_SCOPE: 'user' } });
    await ask(url, await createSession(url), question);
    expect((await ask(url, await createSession(url), question)).cached).toBe(true);
  });

  it('means what came before it where it says nothing alone', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    await ask(url, sessionId, 'Tell me of rivers');
    expect((await ask(url, sessionId, 'continue')).cached).toBe(false);
    await ask(url, sessionId, 'Tell me of mountains');
    expect((await ask(url, sessionId, 'continue')).cached).toBe(false);
  });

  it('is asked of the cache as its policy says', async () => {
    const { url, engine } = await startPortal();
    const sessionId = await createSession(url);
    await ask(url, sessionId, question, { cache: 'BYPASS' });
    expect((await ask(url, sessionId, question)).cached).toBe(false);
    const renewed = await ask(url, sessionId, question, { cache: 'REFRESH' });
    expect(renewed.cached).toBe(false);
    expect((await ask(url, sessionId, question)).cacheHit?.sourceMessageId).toBe(renewed.id);
    const { regenerateReply } = await askFor<{ regenerateReply: { id: string } }>(
      url,
      'mutation ($id: ID!) { regenerateReply(id: $id) { id } }',
      { id: renewed.id },
    );
    await readToEnd(followBySse(url, regenerateReply.id));
    expect((await answerOf(url, regenerateReply.id)).cached).toBe(false);
    expect((await ask(url, sessionId, question)).cacheHit?.sourceMessageId).toBe(regenerateReply.id);
    expect(engine.requests).toHaveLength(4);
  });

  it('is generated once where it is asked several times at once', async () => {
    const { url, engine } = await startPortal({ env: { CACHE_SCOPE: 'user' } });
    engine.hold();
    const sessions = await Promise.all(Array.from({ length: 5 }, () => createSession(url)));
    const sent = await Promise.all(sessions.map((id) => send(url, id, question)));
    await expect.poll(() => engine.running).toBe(1);
    const reading = sent.map(({ reply }) => readToEnd(followBySse(url, reply.id)));
    engine.release();
    const texts = (await Promise.all(reading)).map(({ text }) => text);
    expect(new Set(texts).size).toBe(1);
    expect(engine.requests).toHaveLength(1);
    const answers = await Promise.all(sent.map(({ reply }) => answerOf(url, reply.id)));
    expect(answers.filter(({ cached }) => cached)).toHaveLength(4);
  });

  it('is generated once, whichever of those that begin at once is first', { timeout: 120_000 }, async () => {
    const { url, engine } = await startPortal({ env: { CACHE_SCOPE: 'user', CACHE_SIMILARITY: 'off' } });
    const sessions = await Promise.all(Array.from({ length: 8 }, () => createSession(url)));
    for (let round = 1; round <= 8; round++) {
      const sent = await Promise.all(sessions.map((id) => send(url, id, `${question} (${round})`)));
      await Promise.all(sent.map(({ reply }) => readToEnd(followBySse(url, reply.id))));
      expect(engine.requests).toHaveLength(round);
    }
  });
});

describe('what the cache keeps', () => {
  it('is never an answer that was stopped', async () => {
    const { url, engine } = await startPortal();
    const sessionId = await createSession(url);
    engine.hold();
    const { reply } = await send(url, sessionId, question);
    engine.release(5);
    await expect.poll(async () => (await readMessage(url, reply.id))?.content).not.toBe('');
    await askFor(url, 'mutation ($id: ID!) { stopReply(id: $id) { id } }', { id: reply.id });
    await expect.poll(async () => (await readMessage(url, reply.id))?.status).toBe('STOPPED');
    engine.release();
    expect((await ask(url, sessionId, question)).cached).toBe(false);
  });

  it('is never an answer to what was asked under other settings than it was begun with', async () => {
    const { url, engine } = await startPortal();
    const sessionId = await createSession(url);
    engine.hold();
    const { reply } = await send(url, sessionId, question);
    await expect.poll(async () => (await readMessage(url, reply.id))?.status).toBe('IN_PROGRESS');
    await expect.poll(() => engine.requests.length).toBe(1);
    const update = 'mutation ($id: ID!, $to: String) { updateSession(id: $id, input: { systemPrompt: $to }) { id } }';
    await askFor(url, update, { id: sessionId, to: 'Answer in German.' });
    engine.release();
    await readToEnd(followBySse(url, reply.id));
    expect((await ask(url, sessionId, question)).cached).toBe(false);
    expect((await ask(url, sessionId, question)).cached).toBe(true);
    await askFor(url, update, { id: sessionId, to: null });
    expect((await ask(url, sessionId, question)).cached).toBe(false);
  });

  it('is given no more once its message is gone or rated down, whichever process was told', async () => {
    const env = { CACHE_SCOPE: 'user' };
    const { url, databaseUrl } = await startPortal({ env });
    const other = await startPortal({ databaseUrl, env });
    const [here, there] = [await createSession(url), await createSession(url)];
    const first = await ask(url, there, question);
    expect((await ask(url, here, question)).cached).toBe(true);
    await askFor(other.url, 'mutation ($id: ID!) { rateMessage(id: $id, rating: DOWN) { rating } }', { id: first.id });
    const second = await ask(url, there, question);
    expect(second.cached).toBe(false);
    expect((await ask(url, here, question)).cached).toBe(true);
    await askFor(other.url, 'mutation ($id: ID!) { deleteSession(id: $id) }', { id: there });
    expect((await ask(url, here, question)).cached).toBe(false);
  });

  it('is found before the queue whatever the order of the keys in its context', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    const context = { documents: [{ text: 'Paris', id: 1 }], id: 'longer and shorter keys' };
    await ask(url, sessionId, question, { context });
    expect((await send(url, sessionId, question, { context })).reply.status).toBe('COMPLETE');
  });

  it('is nothing of a question that was to bypass it, also when its answer is generated again', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    const { id } = await ask(url, sessionId, question, { cache: 'BYPASS' });
    const again = 'mutation ($id: ID!) { regenerateReply(id: $id) { id } }';
    const { regenerateReply } = await askFor<{ regenerateReply: { id: string } }>(url, again, { id });
    await readToEnd(followBySse(url, regenerateReply.id));
    expect((await statsOf(url)).entries).toBe(0);
  });

  it('goes with a thumbs-down, with its session, and when it is flushed', async () => {
    const { url } = await startPortal();
    const rate = 'mutation ($id: ID!) { rateMessage(id: $id, rating: DOWN) { rating } }';
    const sessionId = await createSession(url);
    await ask(url, sessionId, question);
    const copy = await ask(url, sessionId, question);
    expect(copy.cached).toBe(true);
    await askFor(url, rate, { id: copy.id });
    expect((await ask(url, sessionId, question)).cached).toBe(false);
    expect((await statsOf(url)).entries).toBe(1);
    await askFor(url, 'mutation ($id: ID!) { deleteSession(id: $id) }', { id: sessionId });
    expect((await statsOf(url)).entries).toBe(0);

    const other = await createSession(url);
    await ask(url, other, question);
    await ask(url, other, 'Who wrote Hamlet?');
    expect(await flush(url, { sessionId: await createSession(url) })).toBe(0);
    const counted = await askFor(
      url,
      `query ($other: ID) { here: cachedAnswers(sessionId: $other) all: cachedAnswers
        nobody: cachedAnswers(userId: "00000000-0000-7000-8000-000000000000") }`,
      { other },
    );
    expect(counted).toEqual({ here: 2, all: 2, nobody: 0 });
    expect(await flush(url, { sessionId: other })).toBe(2);
    await ask(url, other, question, { cache: 'REFRESH' });
    expect(await flush(url, {})).toBe(1);
    expect((await ask(url, other, question)).cached).toBe(false);
  });
});

describe('asking by REST', () => {
  it('takes the policy, and says how alike the question was', async () => {
    const { url } = await startPortal();
    const session_id = await createSession(url);
    const chat = async (body: Record<string, unknown>) => {
      const response = await fetch(`${url}/api/v1/chat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ session_id, ...body }),
      });
      return (await response.json()) as { cached: boolean; similarity?: number; content: string };
    };
    const first = await chat({ prompt: question });
    expect(first).toMatchObject({ cached: false });
    expect(first.similarity).toBeUndefined();
    expect(await chat({ prompt: question })).toMatchObject({ cached: true, similarity: 1, content: first.content });
    expect(await chat({ prompt: question, cache: 'bypass' })).toMatchObject({ cached: false });
  });
});

describe('what an operator sees', () => {
  it('requests, hits, misses, latencies and the use of a day add up, by the graph, by REST and by Prometheus', async () => {
    const { url, databaseUrl } = await startPortal();
    const sessionId = await createSession(url);
    const first = await ask(url, sessionId, question);
    await ask(url, sessionId, question);
    const other = await ask(url, sessionId, 'Who wrote Hamlet?');
    // An answer is kept a moment after it has ended.
    await expect.poll(async () => (await statsOf(url)).entries).toBe(2);
    const { telemetry, usage } = await askFor<{ telemetry: Record<string, number>; usage: Record<string, number>[] }>(
      url,
      `{ telemetry { totalRequests errorCount cacheHits cacheMisses cacheHitRate averageLatencyMs p50LatencyMs p95LatencyMs
          tokensPerSecond activeReplies queuedReplies activeSessions uptimeSeconds cpuPercent memoryBytes memoryTotalBytes
          eventLoopDelayMs endedReplies { complete cached stopped failed } recent { requests }
          cacheBackend cacheEntries cacheSizeBytes }
        usage { date modelName answers cachedAnswers promptTokens completionTokens generationMs } }`,
    );
    expect(telemetry).toMatchObject({
      totalRequests: 3,
      errorCount: 0,
      cacheHits: 1,
      cacheMisses: 2,
      cacheHitRate: 1 / 3,
      activeReplies: 0,
      queuedReplies: 0,
      activeSessions: 1,
      cacheBackend: 'memory',
      cacheEntries: 2,
      endedReplies: { complete: 2, cached: 1, stopped: 0, failed: 0 },
      recent: { requests: 3 },
    });
    expect(telemetry.eventLoopDelayMs).toBeGreaterThanOrEqual(0);
    expect(telemetry.p95LatencyMs).toBeGreaterThanOrEqual(telemetry.p50LatencyMs ?? Number.NaN);
    expect(telemetry.memoryBytes).toBeLessThan(telemetry.memoryTotalBytes ?? 0);
    expect(usage).toHaveLength(1);
    expect(usage[0]).toMatchObject({ date: new Date().toISOString().slice(0, 10), answers: 3, cachedAnswers: 1 });
    expect(usage[0]?.completionTokens).toBe(
      (first.receipt?.completionTokens ?? Number.NaN) + (other.receipt?.completionTokens ?? Number.NaN),
    );

    const read = async (path: string) =>
      (await (await fetch(`${url}/api/v1/${path}`)).json()) as Record<string, unknown>;
    expect(await read('metrics')).toMatchObject({
      total_requests: 3,
      cache_hit_rate: 1 / 3,
      avg_latency_ms: telemetry.averageLatencyMs,
      p95_latency_ms: telemetry.p95LatencyMs,
      error_count: 0,
      ended_replies: { complete: 2, cached: 1, stopped: 0, failed: 0 },
      recent: { requests: 3, ended_replies: { complete: 2, cached: 1 } },
    });
    expect(await read('admin/cache')).toMatchObject({
      backend: 'memory',
      entries: 2,
      hits: 1,
      misses: 2,
      hit_rate: 1 / 3,
    });
    expect(await read('usage')).toEqual([expect.objectContaining({ answers: 3, cached_answers: 1 })]);
    const db = await openTestDatabase(databaseUrl);
    const somebody = await db.user.create({ data: { id: crypto.randomUUID(), email: 'somebody@else.local' } });
    const [event] = await db.usageEvent.findMany({ where: { cached: false }, take: 1 });
    if (event === undefined) throw new Error('an answer was not counted');
    await db.usageEvent.create({ data: { ...event, id: crypto.randomUUID(), userId: somebody.id } });
    expect(await read('usage')).toEqual([expect.objectContaining({ answers: 3 })]);
    // One day and model is one line, however many people it is of.
    expect(await read('usage?all=true')).toEqual([expect.objectContaining({ answers: 4, cached_answers: 1 })]);
    const flushed = await fetch(`${url}/api/v1/admin/cache/flush`, { method: 'POST' });
    expect(await flushed.json()).toEqual({ flushed: 2 });

    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('portal_replies_total 3\n');
    expect(text).toContain('portal_cache_hits_total 1\n');
    expect(text).toContain('portal_replies_ended_total{status="complete",cached="true"} 1\n');
    expect(text).toMatch(/portal_reply_latency_ms_bucket\{le="\+Inf"\} 3\n/);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });
});

async function statsOf(url: TestPortal['url']): Promise<{ entries: number }> {
  return (await askFor<{ cacheStats: { entries: number } }>(url, '{ cacheStats { entries } }')).cacheStats;
}

async function flush(url: string, whose: { sessionId?: string; userId?: string }): Promise<number> {
  const mutation = 'mutation ($sessionId: ID, $userId: ID) { flushCache(sessionId: $sessionId, userId: $userId) }';
  return (await askFor<{ flushCache: number }>(url, mutation, whose)).flushCache;
}
