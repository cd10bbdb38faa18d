import { describe, expect, it } from 'vitest';
import { roughSpan, spanText } from './spans.ts';

describe('a time', () => {
  it.each([
    [0, '1 s'],
    [7.4, '7 s'],
    [42, '40 s'],
    [120, '2 min'],
    [10_800, '3 h'],
  ])('of about %d s is told as %s', (seconds, text) => {
    expect(roughSpan(seconds)).toBe(text);
  });

  it.each([
    [0, '0 ms'],
    [0.2, '1 ms'],
    [999, '999 ms'],
    [1_240, '1.2 s'],
    [125_000, '2 min 5 s'],
    [7_320_000, '2 h 2 min'],
  ])('of %d ms, measured, is told as %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});
