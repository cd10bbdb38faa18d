import { describe, expect, it } from 'vitest';
import type { TokenLog } from '../../server/stores/token-log.ts';
import { createMemoryTokenLog } from '../../server/stores/token-log-memory.ts';
import { createRedisTokenLog } from '../../server/stores/token-log-redis.ts';
import { connectTestRedis } from '../testkit/redis.ts';

const implementations: [string, () => Promise<TokenLog>][] = [
  ['memory', async () => createMemoryTokenLog()],
  ['Redis', async () => createRedisTokenLog((await connectTestRedis()).connection)],
];

describe.each(implementations)('the token log in %s', (_name, create) => {
  const text = (seq: number, offset: number, piece: string) => ({ type: 'text', seq, offset, text: piece }) as const;

  it('gives what stands strictly after the cursor, in order', async () => {
    const log = await create();
    await log.append('a', text(1, 0, 'one'));
    await log.append('a', text(2, 3, 'two'));
    await log.append('a', text(5, 6, 'three'));
    expect(await log.read('a', 0)).toEqual([text(1, 0, 'one'), text(2, 3, 'two'), text(5, 6, 'three')]);
    expect(await log.read('a', 2)).toEqual([text(5, 6, 'three')]);
    expect(await log.read('a', 5)).toEqual([]);
  });

  it('keeps only the latest place in the queue and the latest progress', async () => {
    const log = await create();
    await log.append('a', { type: 'queued', seq: 1, position: 2, etaMs: null });
    await log.append('a', { type: 'queued', seq: 2, position: 1, etaMs: 10 });
    await log.append('a', { type: 'prefill', seq: 3, done: 1, total: 2, reused: 0 });
    await log.append('a', { type: 'prefill', seq: 4, done: 2, total: 2, reused: 0 });
    await log.append('a', text(5, 0, 'x'));
    expect((await log.read('a', 0))?.map((entry) => entry.seq)).toEqual([2, 4, 5]);
    expect((await log.read('a', 2))?.map((entry) => entry.seq)).toEqual([4, 5]);
  });

  it('keeps a reply that goes on after it was to expire', async () => {
    const log = await create();
    await log.append('a', text(1, 0, 'one'));
    await log.expire('a', 1_000);
    await log.append('a', text(2, 3, 'two'));
    await log.append('b', text(1, 0, 'one'));
    await log.expire('b', 1_000);
    await expect.poll(() => log.read('b', 0)).toBeNull();
    expect(await log.read('a', 0)).toHaveLength(2);
  });

  it('does not pass off a part of a text as the whole', async () => {
    const log = await create();
    await log.append('a', text(5, 6, 'three'));
    expect(await log.read('a', 0)).toBeNull();
  });

  it('says so when it does not hold a reply, before its first piece and once it has expired', async () => {
    const log = await create();
    expect(await log.read('a', 0)).toBeNull();
    await log.append('a', text(1, 0, 'one'));
    await log.expire('a', 1);
    await expect.poll(() => log.read('a', 0)).toBeNull();
  });
});

describe('the token log in Redis', () => {
  it('is one log for all processes', async () => {
    const { connection, another } = await connectTestRedis();
    const [writer, reader] = [createRedisTokenLog(connection), createRedisTokenLog(await another())];
    await writer.append('a', { type: 'text', seq: 1_000_001, offset: 0, text: 'from there' });
    expect(await reader.read('a', 0)).toEqual([{ type: 'text', seq: 1_000_001, offset: 0, text: 'from there' }]);
  });

  it('loses a reply rather than a piece of it: after an outage readers are sent to the database', async () => {
    const { connection, redis } = await connectTestRedis();
    const log = createRedisTokenLog(connection);
    await log.append('a', { type: 'text', seq: 1, offset: 0, text: 'one' });
    redis.pause();
    await log.append('a', { type: 'text', seq: 2, offset: 3, text: 'two' });
    expect(await log.read('a', 0)).toBeNull();
    redis.resume();
    await expect.poll(() => connection.ping().catch(() => null)).not.toBeNull();
    await log.append('a', { type: 'text', seq: 3, offset: 6, text: 'three' });
    expect(await log.read('a', 0)).toBeNull();
    await log.append('b', { type: 'text', seq: 1, offset: 0, text: 'whole' });
    expect(await log.read('b', 0)).toHaveLength(1);
  });

  it('throws nothing while Redis is gone, and is used again when it is back', async () => {
    const { connection, redis } = await connectTestRedis();
    const log = createRedisTokenLog(connection);
    await redis.kill();
    await log.append('a', { type: 'text', seq: 1, offset: 0, text: 'one' });
    expect(await log.read('a', 0)).toBeNull();
    await log.expire('a', 10);
    await redis.restart();
    await expect.poll(() => connection.isUp()).toBe(true);
    await log.append('b', { type: 'text', seq: 1, offset: 0, text: 'one' });
    expect(await log.read('b', 0)).toHaveLength(1);
  });
});
