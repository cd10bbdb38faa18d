/** What the pool needs of a llama.cpp sequence. */
export interface PooledSequence {
  clearHistory(): Promise<void>;
}

/** Where the state of a conversation goes when its sequence is needed, and comes back from. Neither ever rejects. */
export interface Shelf<Sequence> {
  putAway(sequence: Sequence, conversation: string): Promise<void>;
  /** Into an empty sequence, for a prompt of these tokens; it stays empty where nothing is there. */
  bringBack(sequence: Sequence, conversation: string, tokens: readonly number[]): Promise<void>;
}

export interface SequencePool<Sequence extends PooledSequence> {
  /**
   * A free sequence for the conversation: the one that holds its state, else an empty one, else the least recently used
   * one, whose state is put away first; to those its own state is brought back. In order of the calls. Throws where none
   * is free.
   */
  take(conversation: string, tokens: readonly number[]): Promise<TakenSequence<Sequence>>;
  /** Drops the state of the conversation, that of a reply under way once it is released. */
  forget(conversation: string): Promise<void>;
  /** Puts the states of all that are free away, the last used first, until the signal aborts. */
  putAllAway(signal: AbortSignal): Promise<void>;
}

export interface TakenSequence<Sequence> {
  sequence: Sequence;
  release(state: 'keep' | 'drop'): Promise<void>;
}

interface Slot<Sequence> {
  sequence: Sequence;
  conversation: string | null;
  /** Resolves once what it held before is gone. */
  emptied: Promise<void>;
}

/** Keeps the state of conversations between their turns. State is never shared between conversations. */
export function createSequencePool<Sequence extends PooledSequence>(
  sequences: readonly Sequence[],
  shelf: Shelf<Sequence>,
): SequencePool<Sequence> {
  /** Least recently used first. */
  const idle: Slot<Sequence>[] = sequences.map((sequence) => ({
    sequence,
    conversation: null,
    emptied: Promise.resolve(),
  }));
  const taken = new Set<Slot<Sequence>>();
  /** The last of those who wait for theirs. */
  let taking: Promise<void> = Promise.resolve();

  /** At once free to be taken; whoever takes it waits until it is empty. */
  function drop(slot: Slot<Sequence>): void {
    slot.conversation = null;
    slot.emptied = slot.sequence.clearHistory();
  }

  async function release(slot: Slot<Sequence>, state: 'keep' | 'drop'): Promise<void> {
    taken.delete(slot);
    if (state === 'keep' && slot.conversation !== null) {
      idle.push(slot);
    } else {
      idle.unshift(slot);
      drop(slot);
      await slot.emptied;
    }
  }

  async function take(conversation: string, tokens: readonly number[]): Promise<TakenSequence<Sequence>> {
    const own = idle.findLastIndex((slot) => slot.conversation === conversation);
    const free = idle.findIndex((slot) => slot.conversation === null);
    const index = [own, free, 0].find((candidate) => candidate >= 0) ?? 0;
    const [slot] = idle.splice(index, 1);
    if (slot === undefined) throw new Error('every sequence is taken');
    taken.add(slot);
    const before = slot.conversation;
    slot.conversation = conversation;
    await slot.emptied;
    if (before !== conversation) {
      if (before !== null) {
        await shelf.putAway(slot.sequence, before);
        await slot.sequence.clearHistory();
      }
      await shelf.bringBack(slot.sequence, conversation, tokens);
    }
    return { sequence: slot.sequence, release: (state) => release(slot, state) };
  }

  return {
    take(conversation, tokens) {
      const next = taking.then(() => take(conversation, tokens));
      taking = next.then(
        () => undefined,
        () => undefined,
      );
      return next;
    },

    async forget(conversation) {
      for (const slot of taken) if (slot.conversation === conversation) slot.conversation = null;
      const slots = idle.filter((slot) => slot.conversation === conversation);
      slots.forEach(drop);
      await Promise.all(slots.map((slot) => slot.emptied));
    },

    async putAllAway(signal) {
      for (const { sequence, conversation } of idle.toReversed()) {
        if (signal.aborted) return;
        if (conversation !== null) await shelf.putAway(sequence, conversation);
      }
    },
  };
}
