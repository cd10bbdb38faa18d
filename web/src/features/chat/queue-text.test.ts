import { describe, expect, it } from 'vitest';
import { queueText } from './queue-text.ts';

describe('a place in the queue', () => {
  it.each([
    [1, null, 'Next in line'],
    [2, null, '2nd in line'],
    [3, null, '3rd in line'],
    [4, null, '4th in line'],
    [11, null, '11th in line'],
    [21, null, '21st in line'],
    [null, null, 'In line'],
  ])('%s is "%3$s"', (position, etaMs, text) => {
    expect(queueText(position, etaMs)).toBe(text);
  });

  it.each([
    [0, 'a few seconds'],
    [2_999, 'a few seconds'],
    [7_200, 'about 7 s'],
    [41_000, 'about 40 s'],
    [89_000, 'about 90 s'],
    [100_000, 'about 2 min'],
    [3_000_000, 'about 50 min'],
    [7_300_000, 'about 2 h'],
  ])('with %i ms to go says "%s", no more exactly than it is known', (etaMs, text) => {
    expect(queueText(2, etaMs)).toBe(`2nd in line, ${text}`);
  });
});
