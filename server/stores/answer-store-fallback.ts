import type { AnswerId, AnswerStore, Whose } from './answer-store.ts';

/** What the first store is to forget once it is back. */
type Debt = Whose | AnswerId;
/** More of them become one: all. */
const mostDebts = 1_000;

/**
 * The first store where it can be reached, else the second. Once the first is back nothing that was removed or replaced meanwhile comes
 * up again: it forgets that before it is asked anything, and what the second holds is dropped.
 */
export function createFallbackAnswerStore(first: AnswerStore, second: AnswerStore, isUp: () => boolean): AnswerStore {
  let away = false;
  let debts: Debt[] = [];
  let settling: Promise<void> | null = null;

  async function settle(): Promise<void> {
    for (let debt = debts[0]; debt !== undefined; debt = debts[0]) {
      await (isAnswerId(debt) ? first.remove(debt) : first.flush(debt));
      debts = debts.filter((other) => other !== debt);
    }
    // Before anything is waited for: what fails meanwhile says that it is away again.
    away = false;
    await second.flush('all');
  }

  /** `debt`: what the first store must forget of this where only the second was told. */
  async function use<Answer>(work: (store: AnswerStore) => Promise<Answer>, debt?: Debt): Promise<Answer> {
    if (isUp()) {
      try {
        if (away) {
          settling ??= settle().finally(() => {
            settling = null;
          });
          await settling;
        }
        return await work(first);
      } catch {
        // Whoever asks needs an answer now; that the store is away is said where it is watched.
      }
    }
    away = true;
    if (debt !== undefined) debts = debts.length < mostDebts ? [...debts, debt] : ['all'];
    return work(second);
  }

  return {
    put: (answer, ttlMs) => use((store) => store.put(answer, ttlMs), { scope: answer.scope, hash: answer.hash }),
    get: (id) => use((store) => store.get(id)),
    promptsOf: (setting, limit) => use((store) => store.promptsOf(setting, limit)),
    countMiss: () => use((store) => store.countMiss()),
    remove: (id) => use((store) => store.remove(id), id),
    count: (whose) => use((store) => store.count(whose)),
    flush: (whose) => use((store) => store.flush(whose), whose),
    stats: () => use((store) => store.stats()),
  };
}

function isAnswerId(debt: Debt): debt is AnswerId {
  return typeof debt === 'object' && 'hash' in debt;
}
