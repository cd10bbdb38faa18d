import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createThreadRule, threadsBeside } from './thread-rule.ts';

describe('threadsBeside', () => {
  it.each([
    // others, cores, threads now, expected
    [0, 2, 2, 2],
    [0.3, 2, 2, 2],
    [0.4, 2, 2, 1],
    [0.67, 2, 2, 1],
    [1, 2, 1, 1],
    [0.3, 2, 1, 1],
    [0.15, 2, 1, 2],
    [1.9, 2, 2, 1],
    [5, 2, 1, 1],
    [0, 1, 1, 1],
    [0.9, 8, 8, 7],
    [1, 8, 7, 7],
    [3.5, 8, 8, 4],
    [0.1, 8, 4, 8],
  ])('beside %f cores in use of %i, %i threads become %i', (others, cores, now, expected) => {
    expect(threadsBeside(others, cores, now)).toBe(expected);
  });

  it('settles: beside the same load it does not go back and forth', () => {
    for (let others = 0; others < 4; others += 0.05) {
      const once = threadsBeside(others, 4, 4);
      expect(threadsBeside(others, 4, once)).toBe(once);
    }
  });
});

describe('createThreadRule', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function start(cores: number) {
    const load = { others: 0, own: 0 };
    const spent = { used: 0, own: 0, now: 0 };
    const applied: number[] = [];
    const rule = createThreadRule(
      { cores, used: () => spent.used, own: () => spent.own, now: () => spent.now },
      (threads) => applied.push(threads),
    );
    const pass = async (seconds: number) => {
      for (let step = 0; step < seconds * 20; step++) {
        spent.used += (load.others + load.own) * 0.05;
        spent.own += load.own * 0.05;
        spent.now += 0.05;
        await vi.advanceTimersByTimeAsync(50);
      }
    };
    return { rule, load, applied, pass };
  }

  it('makes room for others within half a second, and takes it back', async () => {
    const { rule, load, applied, pass } = start(4);
    const end = rule.watch();
    load.own = 4;
    await pass(1);
    expect(applied).toEqual([4]);
    load.others = 1;
    await pass(0.75);
    expect(applied.at(-1)).toBe(3);
    load.others = 0;
    await pass(1.5);
    expect(applied).toEqual([4, 3, 4]);
    end();
  });

  it('looks only while something is computed, and not at all with one core', async () => {
    const { rule, load, applied, pass } = start(2);
    load.others = 1;
    await pass(2);
    expect(applied).toEqual([2]);
    const ends = [rule.watch(), rule.watch()];
    await pass(0.3);
    expect(applied).toEqual([2, 1]);
    for (const end of [...ends, ...ends]) end();
    load.others = 0;
    await pass(2);
    expect(applied).toEqual([2, 1]);
    expect(vi.getTimerCount()).toBe(0);
    start(1).rule.watch();
    expect(vi.getTimerCount()).toBe(0);
  });
});
