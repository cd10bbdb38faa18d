import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { PortalError } from '../../server/errors.ts';
import { CallLost, type CallWork } from '../../server/stores/calls.ts';
import { createRedisCalls } from '../../server/stores/calls-redis.ts';
import { connectTestRedis } from '../testkit/redis.ts';

const logger = pino({ level: 'silent' });
const untilTheEnd = new AbortController().signal;

/** One who asks and one who answers as `worker`, with connections of their own. */
async function startTwo(work: CallWork) {
  const { redis, another, connection } = await connectTestRedis();
  const asking = createRedisCalls(connection, logger);
  const there = await another();
  const desk = createRedisCalls(there, logger).answer('worker', work);
  await expect.poll(async () => (await connection.commands.pubsub('NUMSUB', 'portal:calls:worker'))[1]).toBe(1);
  const collect = async (what: string, input: unknown = null, signal = untilTheEnd) => {
    const pieces: unknown[] = [];
    for await (const piece of asking.ask('worker', what, input, signal)) pieces.push(piece);
    return pieces;
  };
  return { redis, asking, there, desk, collect };
}

describe('a call of another process', () => {
  it('yields what is said there, in order, and ends with it', async () => {
    const { collect } = await startTwo(async function* (what, input) {
      for (let index = 0; index < 500; index++) yield { what, input, index };
    });
    const pieces = await collect('count', { to: 500 });
    expect(pieces).toHaveLength(500);
    expect(pieces.at(-1)).toEqual({ what: 'count', input: { to: 500 }, index: 499 });
  });

  it('throws the error that was expected there with its code and details, and masks another', async () => {
    const { collect } = await startTwo(async function* (what) {
      yield 1;
      if (what === 'expected') throw new PortalError('overloaded', 'Too much.', { retryAfterSeconds: 30 });
      throw new Error('a secret');
    });
    await expect(collect('expected')).rejects.toMatchObject({
      code: 'overloaded',
      message: 'Too much.',
      details: { retryAfterSeconds: 30 },
    });
    const masked = await collect('other').catch((error: unknown) => error);
    expect(masked).toMatchObject({ code: 'internal', message: expect.not.stringContaining('secret') });
  });

  it('ends the work there where it is aborted here, and where whoever asked is gone', async () => {
    let running = 0;
    const { collect, asking } = await startTwo(async function* (_what, _input, signal) {
      running++;
      yield 'begun';
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      running--;
    });
    const leaving = new AbortController();
    const asked = collect('wait', null, leaving.signal);
    await expect.poll(() => running).toBe(1);
    leaving.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    await expect.poll(() => running).toBe(0);
    for await (const piece of asking.ask('worker', 'wait', null, untilTheEnd)) {
      expect(piece).toBe('begun');
      break;
    }
    await expect.poll(() => running).toBe(0);
  });

  it('is lost at once where nobody has that name, and where Redis is away; within 5 s where the process falls silent', async () => {
    const { redis, asking, there, collect } = await startTwo(async function* () {
      yield 'begun';
      await pause(60_000, undefined, { ref: false });
    });
    const next = (name: string) => asking.ask(name, 'wait', null, untilTheEnd).next();
    await expect(next('nobody')).rejects.toThrow(CallLost);
    const asked = collect('wait').catch((error: unknown) => error);
    await pause(500);
    there.commands.disconnect();
    const silentAt = performance.now();
    expect(await asked).toBeInstanceOf(CallLost);
    expect(performance.now() - silentAt).toBeLessThan(7_000);
    await redis.kill();
    await expect.poll(() => next('worker').catch((error: unknown) => error)).toBeInstanceOf(CallLost);
  });
});
