import { freemem, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { inGigabytes, memoryForModels, memoryForOneModel } from './memory.ts';

describe('memory for models', () => {
  it('leaves some to everything else', () => {
    expect(memoryForModels()).toBeGreaterThan(0);
    expect(memoryForOneModel()).toBeLessThan(totalmem());
    if (process.platform === 'linux') expect(memoryForModels()).toBeLessThan(freemem());
    expect(memoryForModels()).toBeLessThanOrEqual(memoryForOneModel());
  });

  it('is said in gigabytes', () => {
    expect(inGigabytes(9_140_000_000)).toBe('9.1 GB');
  });
});
