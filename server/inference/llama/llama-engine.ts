import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import {
  type Engine,
  EngineError,
  type EngineEvent,
  type GenerateRequest,
  type ModelFile,
  noUsage,
} from '../engine.ts';
import { createEmbedder } from './embedder.ts';
import { createEventQueue } from './event-queue.ts';
import { createModelHolder } from './model-holder.ts';
import { conversationKey, removeStates } from './state-folder.ts';

export interface LlamaEngine extends Engine {
  /** The process that holds llama.cpp now; for tests that kill it. */
  childPid(): number | null;
}

export interface LlamaEngineOptions {
  config: Config['models'];
  /** The configured one: what it makes a prompt begin with is computed once for all conversations. */
  sharedSystemPrompt: string;
  logger: Logger;
}

/** For how long a stop waits for the states of conversations to be put away. */
const putAwayMs = 3_000;

/** llama.cpp in a child process: what kills or blocks it never reaches the caller's. */
export function createLlamaEngine({ config, sharedSystemPrompt, logger }: LlamaEngineOptions): LlamaEngine {
  const { threads, sequences, contextLength, gpu, states, idleTimeoutMs } = config;
  const settings = { threads, sequences, contextLength, gpu, states, sharedSystemPrompt };
  const holder = createModelHolder({
    logger,
    load: (calls, model) => calls.load(model, settings),
    idleTimeoutMs,
    putAwayMs,
  });
  const { calls } = holder;
  const embedder = createEmbedder({ config, logger });

  /** Asks the child something while the model is the loaded one. */
  async function askModel<Answer>(
    model: ModelFile,
    question: () => Promise<Answer>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const place = await holder.enter(model, 'question', signal);
    try {
      return await question();
    } finally {
      place.leave();
    }
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<EngineEvent, void> {
    const place = await holder.enter(request.model, 'reply', signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (place === null || signal.aborted) {
      place?.leave();
      yield { type: 'end', finishReason: 'cancelled', usage: noUsage };
      return;
    }
    const queue = createEventQueue<EngineEvent>();
    const { model: _, ...rest } = request;
    const call = calls.generate(rest, queue.push);
    // The sequence is free when the child says so, not when the reader turns away.
    void call.done.then(
      () => queue.close(),
      (error: unknown) => queue.close(error),
    );
    void call.done.catch(() => undefined).finally(place.leave);
    signal.addEventListener('abort', call.cancel, { once: true });
    try {
      yield* queue;
    } finally {
      signal.removeEventListener('abort', call.cancel);
      call.cancel();
    }
  }

  return {
    start: holder.start,
    async stop() {
      await Promise.all([holder.stop(), embedder.stop()]);
    },
    status: holder.status,
    async load(model, signal) {
      const place = await holder.enter(model, 'question', signal);
      place.leave();
      return place.model;
    },
    unload: holder.empty,
    async forget(conversation) {
      try {
        if (['ready', 'loading'].includes(holder.status().state)) await calls.forget(conversation);
      } catch (error) {
        // Its memory is gone with the child; what is on disk is removed below.
        logger.debug({ err: error }, 'the child could not forget a conversation');
      }
      try {
        removeStates(states.dir, conversationKey(conversation));
      } catch (error) {
        logger.warn({ err: error }, 'the saved state of a deleted conversation could not be removed');
      }
    },
    countPromptTokens: (model, messages, signal) => askModel(model, () => calls.count(messages), signal),
    async tokenize(model, text, signal) {
      const ids = await askModel(model, () => calls.tokenize(text), signal);
      return { count: ids.length, ids };
    },
    generate,
    async embed(model, texts, signal) {
      if (holder.status().state === 'stopped') throw new EngineError('stopped', 'The engine is not running.');
      return embedder.embed(model, texts, signal);
    },
    childPid: holder.pid,
  };
}
