import { describe, expect, it } from 'vitest';
import { joinPages } from './join-pages.ts';

const edges = (...numbers: number[]) => numbers.map((n) => ({ cursor: `c${n}`, node: { id: `m${n}` } }));
const page = (before: string | null, ...numbers: number[]) => ({
  before,
  edges: edges(...numbers),
  startCursor: `c${numbers[0]}`,
});
const idsOf = (joined: ReturnType<typeof joinPages>) => joined.items.map(({ node }) => node.id);

describe('joining the pages of a thread', () => {
  it('gives every message once, oldest first', () => {
    const joined = joinPages([page('c4', 2, 3), page(null, 4, 5, 6), page(null, 6, 7)]);
    expect(idsOf(joined)).toEqual(['m2', 'm3', 'm4', 'm5', 'm6', 'm7']);
    expect(joined.startCursor).toBe('c2');
  });

  it('leaves out older pages when the newest one moved on without them', () => {
    const joined = joinPages([page('c4', 2, 3), page(null, 60, 61)]);
    expect(idsOf(joined)).toEqual(['m60', 'm61']);
    expect(joined.startCursor).toBe('c60');
  });

  it('keeps older pages when the newest one merely begins earlier than it did', () => {
    expect(idsOf(joinPages([page('c4', 2, 3), page(null, 3, 4, 5)]))).toEqual(['m2', 'm3', 'm4', 'm5']);
  });

  it('is empty for an empty thread', () => {
    expect(joinPages([{ before: null, edges: [], startCursor: null }])).toEqual({ items: [], startCursor: null });
  });
});
