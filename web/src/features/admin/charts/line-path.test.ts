import { describe, expect, it } from 'vitest';
import { linePath, roundTop } from './line-path.ts';

const frame = { from: 0, to: 10, top: 4 };

describe('the line of a chart', () => {
  it('goes through its points, from the bottom to the top', () => {
    const points = [
      { at: 0, value: 0 },
      { at: 5, value: 2 },
      { at: 10, value: 4 },
    ];
    expect(linePath(points, frame)).toBe('M0 100h0L50 50L100 0');
  });

  it('is broken where a value is missing, and a value alone is a dot', () => {
    const points = [
      { at: 0, value: 4 },
      { at: 1, value: null },
      { at: 2, value: 4 },
      { at: 3, value: null },
      { at: 4, value: 4 },
      { at: 5, value: 4 },
    ];
    expect(linePath(points, frame)).toBe('M0 0h0M20 0h0M40 0h0L50 0');
  });

  it('leaves out what is older than the chart, and ends at its top', () => {
    const points = [
      { at: -1, value: 1 },
      { at: 5, value: 9 },
    ];
    expect(linePath(points, frame)).toBe('M50 0h0');
    expect(linePath([], frame)).toBe('');
  });
});

describe('the top of a chart', () => {
  it.each([
    [0, 1, 1],
    [1, 1, 1],
    [1.01, 1, 2],
    [3, 1, 5],
    [5, 1, 5],
    [6, 1, 10],
    [1_234, 1, 2_000],
    [0.3, 0.1, 0.5],
  ])('above %d, at least %d, is %d', (value, least, top) => {
    expect(roundTop(value, least)).toBeCloseTo(top, 10);
  });
});
