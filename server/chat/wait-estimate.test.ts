import { describe, expect, it } from 'vitest';
import { estimateWaits, type InLine, type Pace, type UnderWay } from './wait-estimate.ts';

const pace: Pace = { gapMs: 10, readMs: 1, prompts: [100], answers: [200] };
const inLine: InLine = { maxTokens: null, alone: false };
const running: UnderWay = { drawn: 0, maxTokens: 1000, unread: 0, alone: false };

describe('estimateWaits', () => {
  it('counts what the running ones have left, then whole answers', () => {
    const underWay = [
      { ...running, drawn: 150 },
      { ...running, drawn: 50 },
    ];
    // One place is free after 50 tokens, the other after 150; an answer takes 100 ms to read and 2,000 to write.
    expect(estimateWaits(pace, 2, underWay, [inLine, inLine, inLine])).toEqual([500, 1500, 2600]);
  });

  it('knows how long a prompt that is being read still takes, and how long an answer may be', () => {
    expect(estimateWaits(pace, 1, [{ ...running, unread: 300, maxTokens: 20 }], [inLine])).toEqual([500]);
    expect(estimateWaits(pace, 1, [running], [{ ...inLine, maxTokens: 5 }, inLine])).toEqual([2000, 2150]);
  });

  it('expects an answer that is longer than all before it to go on for as long again', () => {
    expect(estimateWaits(pace, 1, [{ ...running, drawn: 300 }], [inLine])).toEqual([3000]);
    expect(estimateWaits(pace, 1, [{ ...running, drawn: 990 }], [inLine])).toEqual([100]);
  });

  it('is nothing where a place is free', () => {
    expect(estimateWaits(pace, 2, [running], [inLine, inLine])[0]).toBe(0);
  });

  it('expects the first of many to end early', () => {
    const mixed = { ...pace, answers: Array.from({ length: 32 }, (_, index) => (index + 1) * 20) };
    const one = estimateWaits(mixed, 1, [running], [inLine])[0] ?? 0;
    const eight = estimateWaits(mixed, 8, Array(8).fill(running), [inLine])[0] ?? 0;
    expect(one).toBeGreaterThan(2500);
    expect(eight).toBeLessThan(one / 3);
  });

  it('lets one that runs alone wait for everybody, and everybody for it', () => {
    const underWay = [
      { ...running, drawn: 150 },
      { ...running, drawn: 50 },
    ];
    const line = [inLine, { ...inLine, alone: true }, inLine];
    expect(estimateWaits(pace, 2, underWay, line)).toEqual([500, 2600, 4700]);
    expect(estimateWaits(pace, 8, [{ ...running, alone: true }], [inLine])).toEqual([2000]);
  });

  it('says the same again', () => {
    const mixed = { ...pace, answers: [10, 500, 90, 300] };
    const ask = () => estimateWaits(mixed, 3, [running, running, running], Array(20).fill(inLine));
    expect(ask()).toEqual(ask());
    expect(ask()).toEqual([...ask()].sort((a, b) => a - b));
  });
});
