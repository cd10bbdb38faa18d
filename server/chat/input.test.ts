import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PortalError } from '../errors.ts';
import { parseInput, requiredText, safeParse } from './input.ts';

describe('input from outside', () => {
  it('is refused and throws nothing else, also where its length cannot be compared', () => {
    const hostile = { title: { length: { toString: '' } } };
    const schema = z.object({ title: requiredText(10) });
    expect(safeParse(schema, hostile).success).toBe(false);
    expect(() => parseInput(schema, hostile)).toThrow(PortalError);
  });

  it('names every bad field under its root', () => {
    const schema = z.object({ title: requiredText(3), count: z.int() });
    expect(() => parseInput(schema, { title: 'long', count: 0.5 })).toThrow(/input\.title .*; input\.count /);
  });
});
