import { describe, expect, it } from 'vitest';
import { createPlaces } from './places.ts';

const never = new AbortController().signal;

/** Takes places and notes who got one. */
function start(count: number) {
  const places = createPlaces(count);
  const order: string[] = [];
  const take = (name: string, signal = never) =>
    places.take(signal).then((leave) => {
      order.push(name);
      return leave;
    });
  return { places, order, take };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('places', () => {
  it('are so many, and go to those who wait in order of arrival', async () => {
    const { order, take } = start(2);
    const [one] = await Promise.all([take('1'), take('2')]);
    const others = [take('3'), take('4')];
    await settle();
    expect(order).toEqual(['1', '2']);
    one?.();
    one?.();
    const three = await others[0];
    await settle();
    expect(order).toEqual(['1', '2', '3']);
    three?.();
    await others[1];
    expect(order).toEqual(['1', '2', '3', '4']);
  });

  it('are given up by who stops waiting', async () => {
    const { order, take } = start(1);
    const leave = await take('1');
    const stop = new AbortController();
    const second = take('2', stop.signal);
    const third = take('3');
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);
    await expect(take('4', stop.signal)).rejects.toBe(reason);
    leave();
    await third;
    expect(order).toEqual(['1', '3']);
  });

  it('become more at once, and fewer as they are left', async () => {
    const { places, order, take } = start(1);
    const first = await take('1');
    const second = take('2');
    places.resize(2);
    const leaveSecond = await second;
    places.resize(1);
    const third = take('3');
    first();
    await settle();
    expect(order).toEqual(['1', '2']);
    leaveSecond();
    await third;
  });
});
