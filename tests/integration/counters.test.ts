import { describe, expect, it, onTestFinished } from 'vitest';
import type { Counters } from '../../server/stores/counters.ts';
import { createMemoryCounters } from '../../server/stores/counters-memory.ts';
import { createRedisCounters } from '../../server/stores/counters-redis.ts';
import type { RedisConnection } from '../../server/stores/redis.ts';
import { connectTestRedis } from '../testkit/redis.ts';

const implementations: [string, () => Promise<Counters>][] = [
  ['memory', async () => createMemoryCounters()],
  ['Redis', async () => inRedis((await connectTestRedis()).connection)],
];

function inRedis(connection: RedisConnection): Counters {
  const counters = createRedisCounters(connection);
  onTestFinished(() => counters.close());
  return counters;
}

describe.each(implementations)('counters in %s', (_name, create) => {
  it('count from nothing, by one or by more, and tell what was added last', async () => {
    const counters = await create();
    expect(await counters.read()).toEqual(new Map());
    counters.add('requests');
    counters.add('requests');
    counters.add('ms', 12.5);
    expect(await counters.read()).toEqual(
      new Map([
        ['requests', 2],
        ['ms', 12.5],
      ]),
    );
    counters.add('ms', 0.25);
    expect((await counters.read()).get('ms')).toBe(12.75);
  });
});

describe('counters in Redis', () => {
  it('are those of all processes', async () => {
    const { connection, another } = await connectTestRedis();
    const [here, there] = [inRedis(connection), inRedis(await another())];
    here.add('requests', 2);
    there.add('requests', 3);
    await expect.poll(async () => (await here.read()).get('requests')).toBe(5);
    await expect.poll(async () => (await there.read()).get('requests')).toBe(5);
  });

  it('lose nothing that is counted while Redis is silent', async () => {
    const { connection, redis } = await connectTestRedis();
    const counters = inRedis(connection);
    counters.add('requests', 5);
    expect((await counters.read()).get('requests')).toBe(5);
    redis.pause();
    counters.add('requests', 2);
    expect((await counters.read()).get('requests')).toBe(7);
    redis.resume();
    counters.add('requests', 1);
    await expect.poll(async () => (await connection.commands.hget('telemetry', 'requests')) ?? '').toBe('8');
    expect((await counters.read()).get('requests')).toBe(8);
  });
});
