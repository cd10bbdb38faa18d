import { describe, expect, it } from 'vitest';
import { createFigureLog } from './figure-log.ts';

describe('the log of figures', () => {
  it('keeps what came within its span, and tells listeners', () => {
    const log = createFigureLog<number>({ spanMs: 10, gapMs: 100 });
    let told = 0;
    log.subscribe(() => told++);
    for (const at of [0, 4, 8, 12]) log.add(at * 2, at);
    expect(log.get()).toEqual([
      { at: 4, figures: 8 },
      { at: 8, figures: 16 },
      { at: 12, figures: 24 },
    ]);
    expect(told).toBe(4);
  });

  it('notes that nothing is known of the time in which nothing came', () => {
    const log = createFigureLog<number>({ spanMs: 1_000, gapMs: 6 });
    log.add(1, 0);
    log.add(2, 6);
    log.add(3, 20);
    expect(log.get()).toEqual([
      { at: 0, figures: 1 },
      { at: 6, figures: 2 },
      { at: 7, figures: null },
      { at: 20, figures: 3 },
    ]);
  });
});
