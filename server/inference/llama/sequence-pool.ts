/** What the pool needs of a llama.cpp sequence. */
export interface PooledSequence {
  clearHistory(): Promise<void>;
}

export interface SequencePool<Sequence extends PooledSequence> {
  /**
   * A free sequence for the conversation: the one that holds its state, else an empty one, else the least recently used
   * one, emptied first. Throws where none is free.
   */
  take(conversation: string): Promise<{ sequence: Sequence; release: (state: 'keep' | 'drop') => Promise<void> }>;
}

/** Keeps the state of conversations between their turns. State is never shared between conversations. */
export function createSequencePool<Sequence extends PooledSequence>(
  sequences: readonly Sequence[],
): SequencePool<Sequence> {
  /** Least recently used first. */
  const idle: { sequence: Sequence; conversation: string | null }[] = sequences.map((sequence) => ({
    sequence,
    conversation: null,
  }));

  return {
    async take(conversation) {
      const own = idle.findLastIndex((slot) => slot.conversation === conversation);
      const empty = idle.findIndex((slot) => slot.conversation === null);
      const index = [own, empty, 0].find((candidate) => candidate >= 0) ?? 0;
      const [slot] = idle.splice(index, 1);
      if (slot === undefined) throw new Error('every sequence is taken');
      if (slot.conversation !== conversation && slot.conversation !== null) await slot.sequence.clearHistory();
      return {
        sequence: slot.sequence,
        release: async (state) => {
          if (state === 'keep') {
            idle.push({ sequence: slot.sequence, conversation });
          } else {
            await slot.sequence.clearHistory();
            idle.unshift({ sequence: slot.sequence, conversation: null });
          }
        },
      };
    },
  };
}
