import { describe, expect, it } from 'vitest';
import type { Listener, WakeUp } from '../../server/stores/wake-up.ts';
import { createMemoryWakeUp } from '../../server/stores/wake-up-memory.ts';
import { createRedisWakeUp } from '../../server/stores/wake-up-redis.ts';
import { connectTestRedis } from '../testkit/redis.ts';

const implementations: [string, () => Promise<WakeUp>][] = [
  ['memory', async () => createMemoryWakeUp()],
  ['Redis', async () => createRedisWakeUp((await connectTestRedis()).connection)],
];

describe.each(implementations)('wake-ups in %s', (_name, create) => {
  it('does not miss what is notified between a read and the next wait', async () => {
    const wakeUp = await create();
    const listener = wakeUp.listen('a');
    wakeUp.notify('a', 'early');
    expect(await listener.next()).toEqual(['early']);
  });

  it('wakes every listener of the topic and no other', async () => {
    const wakeUp = await create();
    const [first, second, other] = [wakeUp.listen('a'), wakeUp.listen('a'), wakeUp.listen('b')];
    const woken = Promise.all([first.next(), second.next()]);
    wakeUp.notify('a', 'x');
    expect(await woken).toEqual([['x'], ['x']]);
    expect(await other.next({ timeoutMs: 1 })).toEqual([]);
  });

  it('gathers distinct notes for a listener that is late', async () => {
    const wakeUp = await create();
    const listener = wakeUp.listen('a');
    for (const note of ['x', 'y', 'x']) wakeUp.notify('a', note);
    expect(await listener.next()).toEqual(['x', 'y']);
    expect(await listener.next({ timeoutMs: 1 })).toEqual([]);
  });

  it('lets go of a waiting listener when its signal aborts or it is closed', async () => {
    const wakeUp = await create();
    const listener = wakeUp.listen('a');
    const controller = new AbortController();
    const aborted = listener.next({ signal: controller.signal });
    controller.abort();
    expect(await aborted).toEqual([]);
    const closed = listener.next();
    listener.close();
    expect(await closed).toEqual([]);
    expect(await listener.next()).toEqual([]);
  });
});

/** Notifies the listener in another process until it hears: its subscription begins a moment after it is asked for. */
async function untilHeard(here: WakeUp, far: Listener, note: string): Promise<void> {
  await expect
    .poll(async () => {
      here.notify('a', note);
      return far.next({ timeoutMs: 20 });
    })
    .toEqual([note]);
}

describe('wake-ups in Redis', () => {
  it('wake the listeners of other processes, once', async () => {
    const { connection, another } = await connectTestRedis();
    const [here, there] = [createRedisWakeUp(connection), createRedisWakeUp(await another())];
    const [near, far] = [here.listen('a'), there.listen('a')];
    await untilHeard(here, far, 'again');
    await near.next();
    here.notify('a', 'x');
    expect(await far.next()).toEqual(['x']);
    expect(await near.next()).toEqual(['x']);
    expect(await near.next({ timeoutMs: 50 })).toEqual([]);
  });

  it('of one piece of work go to other processes as one message, each to its topic', async () => {
    const { connection, another } = await connectTestRedis();
    const here = createRedisWakeUp(connection);
    const elsewhere = await another();
    const there = createRedisWakeUp(elsewhere);
    const [first, second] = [there.listen('a'), there.listen('b')];
    await untilHeard(here, first, 'ready');
    await second.next({ timeoutMs: 50 });
    let messages = 0;
    elsewhere.subscriber.on('message', () => messages++);
    for (const note of ['x', 'y', 'x']) here.notify('a', note);
    here.notify('b', 'z');
    expect(await first.next()).toEqual(['x', 'y']);
    expect(await second.next()).toEqual(['z']);
    expect(messages).toBe(1);
  });

  it('go on within this process while Redis is gone, and beyond it once it is back', async () => {
    const { connection, another, redis } = await connectTestRedis();
    const [here, there] = [createRedisWakeUp(connection), createRedisWakeUp(await another())];
    const [near, far] = [here.listen('a'), there.listen('a')];
    await redis.kill();
    here.notify('a', 'alone');
    expect(await near.next()).toEqual(['alone']);
    await redis.restart();
    await untilHeard(here, far, 'together');
  });
});
