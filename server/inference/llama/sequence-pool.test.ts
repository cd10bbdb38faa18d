import { describe, expect, it } from 'vitest';
import { createSequencePool } from './sequence-pool.ts';

function createSequence(name: string) {
  const sequence = {
    name,
    cleared: 0,
    async clearHistory() {
      sequence.cleared++;
    },
  };
  return sequence;
}

describe('createSequencePool', () => {
  it('gives a conversation the sequence that holds its state', async () => {
    const pool = createSequencePool([createSequence('1'), createSequence('2')]);
    const first = await pool.take('a');
    await first.release('keep');
    await (await pool.take('b')).release('keep');
    const again = await pool.take('a');
    expect(again.sequence).toBe(first.sequence);
    expect(again.sequence.cleared).toBe(0);
  });

  it('empties the least recently used one for a newcomer', async () => {
    const pool = createSequencePool([createSequence('1'), createSequence('2')]);
    const a = await pool.take('a');
    await a.release('keep');
    const b = await pool.take('b');
    await b.release('keep');
    await (await pool.take('a')).release('keep');
    const c = await pool.take('c');
    expect(c.sequence).toBe(b.sequence);
    expect(c.sequence.cleared).toBe(1);
  });

  it('never shares one between conversations that run at once', async () => {
    const pool = createSequencePool([createSequence('1'), createSequence('2')]);
    const [one, other] = [await pool.take('a'), await pool.take('a')];
    expect(one.sequence).not.toBe(other.sequence);
    await expect(pool.take('b')).rejects.toThrow('every sequence is taken');
  });

  it('forgets a state that was dropped', async () => {
    const pool = createSequencePool([createSequence('1')]);
    const a = await pool.take('a');
    await a.release('drop');
    expect(a.sequence.cleared).toBe(1);
    await pool.take('b');
    expect(a.sequence.cleared).toBe(1);
  });
});
