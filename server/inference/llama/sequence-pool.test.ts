import { describe, expect, it } from 'vitest';
import { createSequencePool, type Shelf } from './sequence-pool.ts';

function createSequence(name: string) {
  const sequence = {
    name,
    cleared: 0,
    /** Whose state it holds. */
    holds: '',
    async clearHistory() {
      sequence.cleared++;
      sequence.holds = '';
    },
  };
  return sequence;
}

function createShelf() {
  const shelved = new Set<string>();
  const shelf: Shelf<ReturnType<typeof createSequence>> = {
    async putAway(sequence, conversation) {
      expect(sequence.holds).toBe(conversation);
      shelved.add(conversation);
    },
    async bringBack(sequence, conversation) {
      expect(sequence.holds).toBe('');
      if (shelved.has(conversation)) sequence.holds = conversation;
    },
  };
  return { shelf, shelved };
}

function createPool(count: number) {
  const { shelf, shelved } = createShelf();
  const sequences = Array.from({ length: count }, (_, index) => createSequence(String(index + 1)));
  const pool = createSequencePool(sequences, shelf);
  /** Takes a sequence and lets it go on with the conversation. */
  const take = async (conversation: string) => {
    const taken = await pool.take(conversation, []);
    expect(['', conversation]).toContain(taken.sequence.holds);
    const before = taken.sequence.holds;
    taken.sequence.holds = conversation;
    return { ...taken, before };
  };
  return { pool, take, shelved, sequences };
}

describe('createSequencePool', () => {
  it('gives a conversation the sequence that holds its state', async () => {
    const { take } = createPool(2);
    const first = await take('a');
    await first.release('keep');
    await (await take('b')).release('keep');
    const again = await take('a');
    expect(again.sequence).toBe(first.sequence);
    expect(again.before).toBe('a');
    expect(again.sequence.cleared).toBe(0);
  });

  it('puts the least recently used one away for a newcomer, and brings it back', async () => {
    const { take, shelved } = createPool(2);
    await (await take('a')).release('keep');
    const b = await take('b');
    await b.release('keep');
    await (await take('a')).release('keep');
    const c = await take('c');
    expect(c.sequence).toBe(b.sequence);
    expect([...shelved]).toEqual(['b']);
    await c.release('keep');
    expect((await take('b')).before).toBe('b');
    expect([...shelved]).toEqual(['b', 'a']);
  });

  it('never shares one between conversations that run at once', async () => {
    const { pool, take } = createPool(2);
    const [one, other] = [await take('a'), await take('a')];
    expect(one.sequence).not.toBe(other.sequence);
    await expect(pool.take('b', [])).rejects.toThrow('every sequence is taken');
  });

  it('forgets a state that was dropped', async () => {
    const { take, shelved } = createPool(1);
    await (await take('a')).release('drop');
    expect((await take('b')).before).toBe('');
    expect(shelved.size).toBe(0);
  });

  it('forgets a conversation that is free at once, and one that runs when it is released', async () => {
    const { pool, take, shelved, sequences } = createPool(2);
    await (await take('a')).release('keep');
    const b = await take('b');
    await pool.forget('a');
    await pool.forget('b');
    expect(b.sequence.holds).toBe('b');
    await b.release('keep');
    expect(sequences.map(({ holds }) => holds)).toEqual(['', '']);
    await pool.putAllAway(new AbortController().signal);
    expect(shelved.size).toBe(0);
  });

  it('gives a sequence out while it is being emptied, and empty', async () => {
    const { pool, take } = createPool(1);
    await (await take('a')).release('keep');
    const forgetting = pool.forget('a');
    expect((await take('b')).before).toBe('');
    await forgetting;
  });

  it('puts the states of all away, the last used first, until the time is over', async () => {
    const { pool, take, shelved } = createPool(3);
    for (const conversation of ['a', 'b', 'c']) await (await take(conversation)).release('keep');
    await pool.putAllAway(AbortSignal.abort());
    expect(shelved.size).toBe(0);
    await pool.putAllAway(new AbortController().signal);
    expect([...shelved]).toEqual(['c', 'b', 'a']);
  });
});
