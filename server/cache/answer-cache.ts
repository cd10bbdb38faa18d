import { LRUCache } from 'lru-cache';
import type { AnswerStore, KeptPrompt, Whose } from '../stores/answer-store.ts';
import { type PromptKey, type PromptParts, promptKey } from './prompt-key.ts';
import { type Question, readQuestion, similarity } from './similarity.ts';

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
  /** How alike two prompts must be to share an answer, 0 to 1; null: only the same prompt does. */
  threshold: number | null;
}

export type AnswerCache = ReturnType<typeof createAnswerCache>;

/** Of prompts that are not the same: 1 is said of those alone. */
const mostAlike = 0.99;
/** Prompts of one setting that a new one is compared with: the newest. */
const compared = 500;

/** Answers that were given before, for prompts that are the same or as good as the same. */
export function createAnswerCache({ store, ttlMs, scope, threshold }: AnswerCacheOptions) {
  const scopeOf = ({ sessionId, userId }: CacheQuestion) => (scope === 'session' ? sessionId : userId);

  /** Questions taken apart before: all but the new one have been. */
  const questions = new LRUCache<string, Question>({ max: 5_000 });
  function read(prompt: string): Question {
    const question = questions.get(prompt) ?? readQuestion(prompt);
    questions.set(prompt, question);
    return question;
  }

  async function nearest(key: PromptKey, prompt: string): Promise<{ kept: KeptPrompt; similarity: number } | null> {
    if (threshold === null || !key.comparable) return null;
    const question = read(prompt);
    let best: { kept: KeptPrompt; similarity: number } | null = null;
    for (const kept of await store.promptsOf(key.setting, compared)) {
      const measured = similarity(question, read(kept.prompt));
      if (measured >= threshold && measured > (best?.similarity ?? 0)) best = { kept, similarity: measured };
    }
    return best;
  }

  function keyOf(question: CacheQuestion): PromptKey {
    return promptKey({ ...question, sessionId: scope === 'session' ? question.sessionId : null });
  }

  return {
    /** What makes two of these the same: equal digests mean equal questions. */
    keyOf,

    /** The answer to the same question, else to the most similar one; counts a hit. */
    async find(question: CacheQuestion): Promise<CacheHit | null> {
      const key = keyOf(question);
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
      await store.put(
        {
          scope: scopeOf(question),
          hash,
          digest,
          userId,
          sessionId,
          ...answer,
          cachedAt: Date.now(),
          comparable: comparable ? { setting, prompt, vector: null } : null,
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
