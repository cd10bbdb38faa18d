import { describe, expect, it } from 'vitest';
import { linesOf } from './lines-of.ts';

describe('the lines of a text', () => {
  it.each([
    ['', 1],
    ['one', 1],
    ['one\n\nthree', 3],
    ['x'.repeat(80), 1],
    ['x'.repeat(81), 2],
    [`${'x'.repeat(161)}\nand one`, 4],
  ])('%j: %d', (text, lines) => {
    expect(linesOf(text)).toBe(lines);
  });
});
