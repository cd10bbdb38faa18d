import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import { type Engine, EngineError, type ModelFile } from '../engine.ts';
import type { ChildCalls } from './child-calls.ts';
import { createModelHolder } from './model-holder.ts';

/** Computes embeddings in a child process of its own, which the first text starts: no decode of a reply waits for one of a text. */
export interface Embedder {
  embed: Engine['embed'];
  stop(): Promise<void>;
}

interface Parts {
  config: Pick<Config['models'], 'threads' | 'gpu' | 'idleTimeoutMs'>;
  logger: Logger;
}

export function createEmbedder({ config, logger }: Parts): Embedder {
  const { threads, gpu, idleTimeoutMs } = config;
  const holder = createModelHolder({
    logger,
    load: (calls, model) => calls.loadEmbedder(model, { threads, gpu }),
    idleTimeoutMs,
    putAwayMs: 0,
  });

  /** Once it is this text's turn: a model for embeddings has one place. */
  async function inTurn<Answer>(
    model: ModelFile,
    signal: AbortSignal | undefined,
    question: (calls: ChildCalls, contextLength: number) => Promise<Answer>,
  ): Promise<Answer> {
    const place = await holder.enter(model, 'reply', signal);
    try {
      return await question(holder.calls, place.model.contextLength);
    } finally {
      place.leave();
    }
  }

  return {
    async embed(model, texts, signal) {
      signal?.throwIfAborted();
      holder.start();
      let tokens = 0;
      for (const [index, text] of texts.entries()) {
        tokens += await inTurn(model, signal, async (calls, most) => {
          const count = await calls.measure(text);
          if (count <= most) return count;
          throw new EngineError(
            'prompt_too_long',
            `Text ${index + 1} of ${texts.length} has ${count} tokens; the model can hold ${most}.`,
          );
        });
      }
      const vectors: number[][] = [];
      for (const text of texts) vectors.push(await inTurn(model, signal, (calls) => calls.embed(text)));
      signal?.throwIfAborted();
      return { vectors, tokens };
    },
    stop: holder.stop,
  };
}
