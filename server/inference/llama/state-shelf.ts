import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import type { Shelf } from './sequence-pool.ts';
import { conversationKey, type StateFolder, sharedKey } from './state-folder.ts';

export interface StateShelf extends Shelf<LlamaContextSequence> {
  /**
   * Has every conversation that has no state of its own, and whose prompt begins with these tokens, begin with theirs,
   * computed once. They must tell nothing about anybody. `sequence` is empty, and is again afterwards.
   */
  share(tokens: readonly Token[], sequence: LlamaContextSequence): Promise<void>;
  /** What is put away of the conversation from now on, or is being put away now, is not kept. */
  forget(conversation: string): void;
}

type Log = (level: 'warn' | 'error', message: string) => void;

/** Less is computed again as fast as it is read. */
const fewestTokens = 16;

/** States of conversations, and the one that all begin with, as files. What the disk refuses costs time, never a reply. */
export function createStateShelf(folder: StateFolder, log: Log): StateShelf {
  let shared: readonly number[] | null = null;
  /** Conversations whose state is being written, and whether it is wanted still. */
  const writing = new Map<string, { wanted: boolean }>();

  async function save(key: string, sequence: LlamaContextSequence): Promise<boolean> {
    try {
      await folder.save(key, sequence.nextTokenIndex, (file) => sequence.saveStateToFile(file));
      return true;
    } catch (error) {
      log('warn', `A state could not be kept: ${String(error)}`);
      return false;
    }
  }

  async function load(key: string, sequence: LlamaContextSequence): Promise<boolean> {
    try {
      // The folder gives out only files that this model has written, whole: that is the risk which is accepted.
      return await folder.load(key, (file) => sequence.loadStateFromFile(file, { acceptRisk: true }));
    } catch (error) {
      log('warn', `A state could not be read, and is computed again: ${String(error)}`);
      await sequence.clearHistory();
      return false;
    }
  }

  return {
    async share(tokens, sequence) {
      if (tokens.length < fewestTokens) return;
      const known = (await load(sharedKey, sequence)) && isSame(sequence.contextTokens, tokens);
      if (!known) {
        await sequence.clearHistory();
        await sequence.evaluateWithoutGeneratingNewTokens([...tokens]);
      }
      if (known || (await save(sharedKey, sequence))) shared = tokens;
      await sequence.clearHistory();
    },

    async putAway(sequence, conversation) {
      const tokens = sequence.nextTokenIndex;
      if (tokens < fewestTokens || tokens === shared?.length) return;
      const file = { wanted: true };
      writing.set(conversation, file);
      await save(conversationKey(conversation), sequence);
      if (!file.wanted) folder.remove(conversationKey(conversation));
      writing.delete(conversation);
    },

    async bringBack(sequence, conversation, tokens) {
      if (await load(conversationKey(conversation), sequence)) return;
      if (shared?.every((token, index) => token === tokens[index])) await load(sharedKey, sequence);
    },

    forget(conversation) {
      const file = writing.get(conversation);
      if (file !== undefined) file.wanted = false;
      folder.remove(conversationKey(conversation));
    },
  };
}

function isSame(one: readonly Token[], other: readonly Token[]): boolean {
  return one.length === other.length && one.every((token, index) => token === other[index]);
}
