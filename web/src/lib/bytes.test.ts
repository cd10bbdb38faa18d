import { describe, expect, it } from 'vitest';
import { bytesText } from './bytes.ts';

describe('a size', () => {
  it.each([
    [0, '0 B'],
    [-1, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [999_499, '999 kB'],
    [999_999, '1 MB'],
    [986_000_000, '986 MB'],
    [1_117_320_736, '1.1 GB'],
    [24_000_000_000, '24 GB'],
    [3.2e15, '3,200 TB'],
  ])('of %i bytes is told as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});
