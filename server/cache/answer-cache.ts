import { LRUCache } from 'lru-cache';
import type { AnswerStore, KeptPrompt, Whose } from '../stores/answer-store.ts';
import { normalisePrompt, type PromptKey, type PromptParts, promptKey } from './prompt-key.ts';
import type { QuestionVectors } from './question-vectors.ts';
import { meaningSimilarity, type Question, readQuestion, similarity } from './similarity.ts';

/** Whether a reply may come from the cache, and whether its answer goes there. */
export type CachePolicy = 'use' | 'refresh' | 'bypass';

export interface CacheHit {
  content: string;
  /** The message that was answered with it first. */
  sourceMessageId: string;
  /** 1 where the prompts are the same. */
  similarity: number;
  ageSeconds: number;
}

export interface AnswerCacheOptions {
  store: AnswerStore;
  /** 0: nothing is kept. */
  ttlMs: number;
  /** Whether answers serve one session or all sessions of their user; never another user's. */
  scope: 'session' | 'user';
  /** How alike the wording of two prompts must be to share an answer, 0 to 1; null: only the same prompt does. */
  threshold: number | null;
  /** How near their meaning must be where their wording is not alike, 0 to 1. */
  meaningThreshold: number;
  /** Null: no model says what a prompt means. */
  vectors: QuestionVectors | null;
}

export type AnswerCache = ReturnType<typeof createAnswerCache>;

/** Of prompts that are not the same: 1 is said of those alone. */
const mostAlike = 0.99;
/** Prompts of one setting that a new one is compared with: the newest. */
const compared = 500;

/** Answers that were given before, for prompts that are the same or as good as the same. A model that says what they mean is waited for `vectorWithinMs` at most. */
export function createAnswerCache(options: AnswerCacheOptions) {
  const { store, ttlMs, scope, threshold, meaningThreshold, vectors } = options;
  const scopeOf = ({ sessionId, userId }: CacheQuestion) => (scope === 'session' ? sessionId : userId);

  /** Questions taken apart before: all but the new one have been. */
  const questions = new LRUCache<string, Question>({ max: 5_000 });
  function read(prompt: string): Question {
    const question = questions.get(prompt) ?? readQuestion(prompt);
    questions.set(prompt, question);
    return question;
  }

  async function nearest(key: PromptKey, prompt: string): Promise<Alike | null> {
    if (threshold === null || !key.comparable) return null;
    const question = read(prompt);
    const kept = await store.promptsOf(key.setting, compared);
    const worded = best(kept, threshold, (other) => similarity(question, read(other.prompt)));
    return worded ?? nearestInMeaning(kept, question, prompt);
  }

  async function nearestInMeaning(
    kept: readonly KeptPrompt[],
    question: Question,
    prompt: string,
  ): Promise<Alike | null> {
    // With nothing to compare it with, nobody waits for it; it is there when the answer is kept.
    if (kept.every(({ vector }) => vector === null)) {
      vectors?.prepare(normalisePrompt(prompt));
      return null;
    }
    const own = (await vectors?.of(normalisePrompt(prompt))) ?? null;
    if (own === null) return null;
    return best(kept, meaningThreshold, (other) =>
      other.vector?.model === own.model
        ? meaningSimilarity(question, read(other.prompt), [own.values, other.vector.values])
        : 0,
    );
  }

  function keyOf(question: CacheQuestion): PromptKey {
    return promptKey({ ...question, sessionId: scope === 'session' ? question.sessionId : null });
  }

  return {
    /** What makes two of these the same: equal digests mean equal questions. */
    keyOf,

    /** The answer to the same question, else to the most similar one; counts a hit. `key`: what `keyOf` says of it. */
    async find(question: CacheQuestion, key = keyOf(question)): Promise<CacheHit | null> {
      const same = await store.get({ scope: scopeOf(question), hash: key.hash });
      if (same !== null && same.digest === key.digest && same.userId === question.userId) return hitOf(same, 1);
      const alike = await nearest(key, question.prompt);
      const similar = alike === null ? null : await store.get(alike.kept);
      if (alike === null || similar === null || similar.userId !== question.userId) return null;
      return hitOf(similar, Math.min(alike.similarity, mostAlike));
    },

    /** Counts a question that no answer was found for. */
    miss: (): Promise<void> => store.countMiss(),

    /** Keeps a whole answer for questions to come. */
    async keep(question: CacheQuestion, answer: { messageId: string; content: string }): Promise<void> {
      if (ttlMs === 0) return;
      const { digest, hash, setting, comparable } = keyOf(question);
      const { userId, sessionId, prompt } = question;
      const meant = comparable && threshold !== null ? await vectors?.of(normalisePrompt(prompt)) : null;
      await store.put(
        {
          scope: scopeOf(question),
          hash,
          digest,
          userId,
          sessionId,
          ...answer,
          cachedAt: Date.now(),
          comparable: comparable ? { setting, prompt, vector: meant ?? null } : null,
        },
        ttlMs,
      );
    },

    /** Removes all, one user's, one session's, or one message's answers; says how many. */
    forget: (whose: Whose): Promise<number> => store.flush(whose),
    /** How many would go. */
    count: (whose: Whose): Promise<number> => store.count(whose),
    stats: () => store.stats(),
  };
}

interface Alike {
  kept: KeptPrompt;
  similarity: number;
}

/** The one that is most alike, of those that are alike enough; of equals the oldest. */
function best(kept: readonly KeptPrompt[], least: number, measure: (other: KeptPrompt) => number): Alike | null {
  let found: Alike | null = null;
  for (const other of kept) {
    const measured = measure(other);
    if (measured >= least && measured > (found?.similarity ?? 0)) found = { kept: other, similarity: measured };
  }
  return found;
}

/** All that decides an answer; `sessionId` is where it is asked. */
export type CacheQuestion = PromptParts & { sessionId: string };

function hitOf(answer: { content: string; messageId: string; cachedAt: number }, measured: number): CacheHit {
  return {
    content: answer.content,
    sourceMessageId: answer.messageId,
    similarity: measured,
    ageSeconds: Math.max(0, Math.floor((Date.now() - answer.cachedAt) / 1000)),
  };
}
