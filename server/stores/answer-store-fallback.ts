import type { AnswerStore } from './answer-store.ts';

/**
 * The first store where it can be reached, else the second. What the second holds is dropped once the first is back: what was
 * removed there meanwhile must not come up again.
 */
export function createFallbackAnswerStore(first: AnswerStore, second: AnswerStore, isUp: () => boolean): AnswerStore {
  let away = false;

  async function use<Answer>(work: (store: AnswerStore) => Promise<Answer>): Promise<Answer> {
    if (isUp()) {
      try {
        const answer = await work(first);
        if (away) await second.flush('all');
        away = false;
        return answer;
      } catch {
        // Whoever asks needs an answer now; that the store is away is said where it is watched.
      }
    }
    away = true;
    return work(second);
  }

  return {
    put: (answer, ttlMs) => use((store) => store.put(answer, ttlMs)),
    get: (id) => use((store) => store.get(id)),
    promptsOf: (setting, limit) => use((store) => store.promptsOf(setting, limit)),
    countMiss: () => use((store) => store.countMiss()),
    remove: (id) => use((store) => store.remove(id)),
    count: (whose) => use((store) => store.count(whose)),
    flush: (whose) => use((store) => store.flush(whose)),
    stats: () => use((store) => store.stats()),
  };
}
