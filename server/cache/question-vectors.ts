import { LRUCache } from 'lru-cache';
import type { Logger } from '../logger.ts';
import type { PromptVector } from '../stores/answer-store.ts';
import { cosine, type MeaningVector, toMeaningVector } from './similarity/meaning.ts';

/** What turns a text into a vector. */
export interface Embedder {
  /** Names the very file: vectors of two models have nothing to do with one another. */
  model: string;
  /** Rejects where it cannot, or the signal aborts. */
  embed(text: string, signal: AbortSignal): Promise<readonly number[]>;
}

export interface QuestionVectors {
  /** The vector of a prompt; null where there is none within `vectorWithinMs`. Never rejects. */
  of(prompt: string): Promise<PromptVector | null>;
  /** Lets it be computed for later; nobody waits. */
  prepare(prompt: string): void;
}

/** The longest that an answer waits for a vector. Whoever still has none then is compared by wording alone. */
export const vectorWithinMs = 200;
/** Given up: the first one may have to load its model. */
const computedWithinMs = 10_000;
const mostUnderWay = 8;
const mostRemembered = 2_000;

/** Have nothing to do with one another. A model that puts any two of them as near as one question in other words can be told nothing by. */
const unrelated = [
  'Why is the sky blue?',
  'How do I bake bread?',
  'Who wrote Hamlet?',
  'Sort a list of numbers in Python',
  'Is it safe to drink rain water?',
  'When does my train to Vienna leave?',
  'Translate this letter for my landlord',
  'What is the interest on a loan?',
] as const;

interface Options {
  embedder: () => Promise<Embedder | null>;
  /** The cosine from which two questions share an answer. */
  threshold: number;
  logger: Pick<Logger, 'warn'>;
}

/**
 * Vectors of questions, by an embedder that may be slow, broken or none: it costs an answer `vectorWithinMs` at most, and nothing while an
 * earlier one is already later than that. A model is first asked about questions that have nothing in common, and not asked again where it finds
 * them alike: many chat models, and any model of noise, point everything one way.
 */
export function createQuestionVectors({ embedder, threshold, logger }: Options): QuestionVectors {
  const known = new LRUCache<string, PromptVector>({ max: mostRemembered });
  /** Whether each model tells questions apart. */
  const trusted = new Map<string, boolean>();
  const underWay = new Map<string, { startedAt: number; vector: Promise<PromptVector | null> }>();

  async function isTrusted({ model, embed }: Embedder, signal: AbortSignal): Promise<boolean> {
    const before = trusted.get(model);
    if (before !== undefined) return before;
    const vectors: MeaningVector[] = [];
    for (const question of unrelated) vectors.push(toMeaningVector(await embed(question, signal)));
    const nearest = Math.max(...vectors.flatMap((one, at) => vectors.slice(at + 1).map((other) => cosine(one, other))));
    const tellsApart = nearest < threshold;
    if (!tellsApart && !trusted.has(model)) {
      logger.warn(
        { model_id: model, cosine: nearest, threshold },
        'the embedding model finds unrelated questions alike, so that answers are shared by wording alone',
      );
    }
    trusted.set(model, tellsApart);
    return tellsApart;
  }

  async function compute(prompt: string): Promise<PromptVector | null> {
    try {
      const chosen = await embedder();
      if (chosen === null) return null;
      const signal = AbortSignal.timeout(computedWithinMs);
      if (!(await isTrusted(chosen, signal))) return null;
      const values = await chosen.embed(prompt, signal);
      const vector = { model: chosen.model, values: toMeaningVector(values) };
      known.set(prompt, vector);
      return vector;
    } catch {
      // Whoever asks has the wording; what is wrong with the model is said where models are.
      return null;
    } finally {
      underWay.delete(prompt);
    }
  }

  function begin(prompt: string): Promise<PromptVector | null> {
    const begun = underWay.get(prompt)?.vector;
    if (begun !== undefined) return begun;
    if (underWay.size >= mostUnderWay) return Promise.resolve(null);
    const vector = compute(prompt);
    underWay.set(prompt, { startedAt: performance.now(), vector });
    return vector;
  }

  function isLate(): boolean {
    return [...underWay.values()].some(({ startedAt }) => performance.now() - startedAt > vectorWithinMs);
  }

  return {
    async of(prompt) {
      const late = isLate();
      const vector = known.get(prompt) ?? begin(prompt);
      if (late) return vector instanceof Promise ? null : vector;
      let timer: NodeJS.Timeout | undefined;
      const tooLate = new Promise<null>((resolve) => {
        timer = setTimeout(resolve, vectorWithinMs, null);
      });
      return Promise.race([vector, tooLate]).finally(() => clearTimeout(timer));
    },
    prepare(prompt) {
      if (!known.has(prompt)) void begin(prompt);
    },
  };
}
