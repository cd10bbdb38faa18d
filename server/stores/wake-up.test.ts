import { describe, expect, it } from 'vitest';
import type { WakeUp } from './wake-up.ts';
import { createMemoryWakeUp } from './wake-up-memory.ts';

const implementations: [string, () => WakeUp][] = [['memory', createMemoryWakeUp]];

describe.each(implementations)('wake-ups in %s', (_name, create) => {
  it('does not miss what is notified between a read and the next wait', async () => {
    const wakeUp = create();
    const listener = wakeUp.listen('a');
    wakeUp.notify('a', 'early');
    expect(await listener.next()).toEqual(['early']);
  });

  it('wakes every listener of the topic and no other', async () => {
    const wakeUp = create();
    const [first, second, other] = [wakeUp.listen('a'), wakeUp.listen('a'), wakeUp.listen('b')];
    const woken = Promise.all([first.next(), second.next()]);
    wakeUp.notify('a', 'x');
    expect(await woken).toEqual([['x'], ['x']]);
    expect(await other.next({ timeoutMs: 1 })).toEqual([]);
  });

  it('gathers distinct notes for a listener that is late', async () => {
    const wakeUp = create();
    const listener = wakeUp.listen('a');
    for (const note of ['x', 'y', 'x']) wakeUp.notify('a', note);
    expect(await listener.next()).toEqual(['x', 'y']);
    expect(await listener.next({ timeoutMs: 1 })).toEqual([]);
  });

  it('lets go of a waiting listener when its signal aborts or it is closed', async () => {
    const wakeUp = create();
    const listener = wakeUp.listen('a');
    const controller = new AbortController();
    const aborted = listener.next({ signal: controller.signal });
    controller.abort();
    expect(await aborted).toEqual([]);
    const closed = listener.next();
    listener.close();
    expect(await closed).toEqual([]);
  });
});
