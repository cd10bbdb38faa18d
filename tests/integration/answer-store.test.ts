import { describe, expect, it } from 'vitest';
import type { AnswerStore, StoredAnswer } from '../../server/stores/answer-store.ts';
import { createFallbackAnswerStore } from '../../server/stores/answer-store-fallback.ts';
import { createMemoryAnswerStore } from '../../server/stores/answer-store-memory.ts';
import { createRedisAnswerStore } from '../../server/stores/answer-store-redis.ts';
import { connectTestRedis } from '../testkit/redis.ts';

const hour = 3_600_000;
const implementations: [string, (maxBytes?: number) => Promise<AnswerStore>][] = [
  ['memory', async (maxBytes = 1_000_000) => createMemoryAnswerStore({ maxBytes })],
  [
    'Redis',
    async (maxBytes = 1_000_000) =>
      createRedisAnswerStore({ commands: (await connectTestRedis()).connection.commands, maxBytes }),
  ],
];

describe.each(implementations)('the answer store in %s', (backend, create) => {
  it('gives back what was put, by its scope and hash alone', async () => {
    const store = await create();
    await store.put(answer('a'), hour);
    expect(await store.get({ scope: 's1', hash: 'a' })).toEqual(answer('a'));
    expect(await store.get({ scope: 's2', hash: 'a' })).toBeNull();
    expect(await store.get({ scope: 's1', hash: 'b' })).toBeNull();
  });

  it('replaces an answer, and counts hits, misses and bytes', async () => {
    const store = await create();
    await store.put(answer('a', { content: 'x'.repeat(1000) }), hour);
    const before = await store.stats();
    await store.put(answer('a', { content: 'y' }), hour);
    await store.get({ scope: 's1', hash: 'a' });
    await store.countMiss();
    const after = await store.stats();
    expect(after).toEqual({
      backend: backend === 'Redis' ? 'redis' : 'memory',
      entries: 1,
      hits: 1,
      misses: 1,
      sizeBytes: before.sizeBytes - 1998,
    });
  });

  it('lets the least recently used go where the budget would be passed, and what it counted with it', async () => {
    const store = await create(3_000);
    for (const hash of ['a', 'b', 'c']) await store.put(answer(hash, { content: 'x'.repeat(200) }), hour);
    await store.get({ scope: 's1', hash: 'a' });
    await store.put(answer('d', { content: 'x'.repeat(200) }), hour);
    expect(await store.get({ scope: 's1', hash: 'b' })).toBeNull();
    expect(await store.get({ scope: 's1', hash: 'a' })).not.toBeNull();
    expect((await store.promptsOf('setting', 10)).map(({ hash }) => hash)).toEqual(['a', 'c', 'd']);
    const { entries, sizeBytes } = await store.stats();
    expect(entries).toBe(3);
    expect(sizeBytes).toBeLessThanOrEqual(3_000);
  });

  it('does not keep an answer that is larger than the budget', async () => {
    const store = await create(3_000);
    await store.put(answer('a', { content: 'x'.repeat(5_000) }), hour);
    expect(await store.get({ scope: 's1', hash: 'a' })).toBeNull();
    expect(await store.stats()).toMatchObject({ entries: 0, sizeBytes: 0 });
  });

  it('forgets an answer after its time', async () => {
    const store = await create();
    await store.put(answer('a'), 20);
    await expect.poll(() => store.get({ scope: 's1', hash: 'a' })).toBeNull();
    await expect.poll(async () => (await store.stats()).entries).toBe(0);
    expect(await store.promptsOf('setting', 10)).toEqual([]);
    expect((await store.stats()).sizeBytes).toBe(0);
  });

  it('gives the prompts of one setting, the newest within the limit', async () => {
    const store = await create();
    for (const hash of ['a', 'b', 'c']) await store.put(answer(hash), hour);
    const vector = { model: 'an embedding model', values: Int8Array.of(127, 0, -128) };
    await store.put(answer('other', { comparable: { setting: 'else', prompt: 'p', vector } }), hour);
    await store.put(answer('alone', { comparable: null }), hour);
    expect((await store.promptsOf('setting', 2)).map(({ hash }) => hash)).toEqual(['b', 'c']);
    expect(await store.promptsOf('else', 2)).toEqual([{ scope: 's1', hash: 'other', prompt: 'p', vector }]);
    expect((await store.get({ scope: 's1', hash: 'other' }))?.comparable?.vector).toEqual(vector);
  });

  it('counts and removes one, a session’s, a user’s, or all', async () => {
    const store = await create();
    await store.put(answer('a'), hour);
    await store.put(answer('b', { sessionId: 's2', scope: 's2' }), hour);
    await store.put(answer('c', { userId: 'u2', sessionId: 's3', scope: 's3', messageId: 'm3' }), hour);
    await store.put(answer('d'), hour);
    await store.remove({ scope: 's1', hash: 'd' });
    expect(await store.flush({ messageId: 'm2' })).toBe(0);
    expect(await store.count({ sessionId: 's1' })).toBe(1);
    expect(await store.flush({ sessionId: 's1' })).toBe(1);
    expect(await store.count({ sessionId: 's1' })).toBe(0);
    expect(await store.flush({ sessionId: 's1' })).toBe(0);
    expect(await store.count('all')).toBe(2);
    expect(await store.count({ userId: 'u1' })).toBe(1);
    expect(await store.flush({ userId: 'u1' })).toBe(1);
    expect(await store.get({ scope: 's3', hash: 'c' })).not.toBeNull();
    expect(await store.flush({ messageId: 'm3' })).toBe(1);
    await store.put(answer('e'), hour);
    expect(await store.flush('all')).toBe(1);
    expect(await store.stats()).toMatchObject({ entries: 0, sizeBytes: 0 });
  });
});

describe('the answer store in Redis', () => {
  it('writes what the specification names: the key, the value’s fields, and the statistics that go with the entry', async () => {
    const { connection } = await connectTestRedis();
    const store = createRedisAnswerStore({ commands: connection.commands, maxBytes: 10_000 });
    await store.put(answer('0123456789abcdef'), hour);
    await store.get({ scope: 's1', hash: '0123456789abcdef' });
    const key = 'cache:s1:0123456789abcdef';
    expect(JSON.parse((await connection.commands.get(key)) ?? '')).toMatchObject({
      message_id: 'm1',
      content: 'the answer',
    });
    expect(await connection.commands.pttl(key)).toBeGreaterThan(hour - 60_000);
    expect(await connection.commands.hmget('cache_stats', `${key}:hits`, `${key}:cached_at`)).toEqual([
      '1',
      '2026-01-02T03:04:05.000Z',
    ]);
    await store.remove({ scope: 's1', hash: '0123456789abcdef' });
    expect(await connection.commands.hmget('cache_stats', `${key}:hits`, `${key}:cached_at`)).toEqual([null, null]);
    expect((await connection.commands.keys('*')).sort()).toEqual(['cache_sizes', 'cache_stats']);
  });
});

describe('the answer store with a fallback', () => {
  it('keeps answers in memory while Redis is gone, and in Redis again once it is back', async () => {
    const { connection, redis } = await connectTestRedis();
    const memory = createMemoryAnswerStore({ maxBytes: 10_000 });
    const inRedis = createRedisAnswerStore({ commands: connection.commands, maxBytes: 10_000 });
    const store = createFallbackAnswerStore(inRedis, memory, connection.isUp);
    await store.put(answer('a'), hour);
    expect((await store.stats()).backend).toBe('redis');
    await redis.kill();
    expect(await store.get({ scope: 's1', hash: 'a' })).toBeNull();
    await store.put(answer('b'), hour);
    expect(await store.get({ scope: 's1', hash: 'b' })).not.toBeNull();
    expect((await store.stats()).backend).toBe('memory');
    await redis.restart();
    await expect.poll(async () => (await store.stats()).backend).toBe('redis');
    expect(await store.get({ scope: 's1', hash: 'b' })).toBeNull();
    expect((await memory.stats()).entries).toBe(0);
  });

  it('gives nothing that was removed or replaced while Redis did not answer, once it does', async () => {
    const { connection, redis } = await connectTestRedis();
    const inRedis = createRedisAnswerStore({ commands: connection.commands, maxBytes: 10_000 });
    const inMemory = createMemoryAnswerStore({ maxBytes: 10_000 });
    const store = createFallbackAnswerStore(inRedis, inMemory, connection.isUp);
    const inSession = (sessionId: string, hash: string) =>
      answer(hash, { scope: sessionId, sessionId, messageId: hash });
    for (const [session, hash] of [
      ['s1', 'a'],
      ['s2', 'b'],
      ['s3', 'c'],
      ['s4', 'd'],
    ] as const) {
      await store.put(inSession(session, hash), hour);
    }
    redis.pause();
    await store.flush({ sessionId: 's1' });
    await store.flush({ messageId: 'b' });
    await store.put(inSession('s3', 'c'), hour);
    redis.resume();
    await expect.poll(async () => (await store.stats()).backend).toBe('redis');
    const kept = await Promise.all(
      [
        ['s1', 'a'],
        ['s2', 'b'],
        ['s3', 'c'],
        ['s4', 'd'],
      ].map(([scope = '', hash = '']) => inRedis.get({ scope, hash })),
    );
    expect(kept.map((one) => one?.hash ?? null)).toEqual([null, null, null, 'd']);
  });
});

function answer(hash: string, changes: Partial<StoredAnswer> = {}): StoredAnswer {
  return {
    scope: 's1',
    hash,
    digest: hash.repeat(4),
    userId: 'u1',
    sessionId: 's1',
    messageId: 'm1',
    content: 'the answer',
    cachedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    comparable: { setting: 'setting', prompt: `prompt ${hash}`, vector: null },
    ...changes,
  };
}
