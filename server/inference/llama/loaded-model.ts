import {
  getLlama,
  InsufficientMemoryError,
  type Llama,
  type LlamaContext,
  LlamaLogLevel,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { EngineError, type EngineEvent, type LoadedModel, type ModelFile, type PromptMessage } from '../engine.ts';
import { createPromptRenderer } from './prompt.ts';
import type { ChildGenerateRequest, ChildSettings } from './protocol.ts';
import { createReply } from './reply.ts';
import { createScheduler, type ReadingLimits } from './scheduler.ts';
import { createSequencePool } from './sequence-pool.ts';

/** A model in memory, with the sequences that its replies run on. */
export interface ModelInMemory {
  info: LoadedModel;
  countPromptTokens(messages: readonly PromptMessage[]): number;
  /** Emits the events of one reply; resolves after its `end`. Rejects where no end is possible. */
  generate(request: ChildGenerateRequest, signal: AbortSignal, emit: (event: EngineEvent) => void): Promise<void>;
  dispose(): Promise<void>;
}

type Log = (level: 'warn' | 'error', message: string) => void;

/**
 * On a processor a batch of 128 reads prompts as fast as a larger one, in a quarter of the memory; and 32 tokens beside
 * running replies cost them a few tokens' time and the prompt a third more.
 */
const processorBatch = 128;
const graphicsBatch = 512;
const besideReplies = 32;
const defaultContextLength = 4096;

/** Loads llama.cpp's library; the first step of the first load. */
export function loadLlama(settings: ChildSettings, log: Log): Promise<Llama> {
  return getLlama({
    gpu: settings.gpu,
    build: 'never',
    maxThreads: settings.threads,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => log(level === LlamaLogLevel.warn ? 'warn' : 'error', message.trim()),
  });
}

export async function loadModel(llama: Llama, file: ModelFile, settings: ChildSettings): Promise<ModelInMemory> {
  const model = await llama.loadModel({ modelPath: file.path });
  try {
    const batchSize = llama.gpu === false ? processorBatch : graphicsBatch;
    const context = await createContext(model, settings, batchSize);
    return holdModel(file, model, context, { alone: batchSize, beside: besideReplies });
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

/** With half the sequences, and half again, where the memory does not hold them all. */
async function createContext(model: LlamaModel, settings: ChildSettings, batchSize: number): Promise<LlamaContext> {
  const contextSize = Math.min(model.trainContextSize, settings.contextLength ?? defaultContextLength);
  for (let sequences = settings.sequences; ; sequences = Math.floor(sequences / 2)) {
    try {
      return await model.createContext({
        contextSize,
        sequences,
        batchSize,
        flashAttention: 'auto',
        threads: settings.threads,
        // The scheduler never asks for more than fits into one batch.
        batching: { itemPrioritizationStrategy: 'firstInFirstOut' },
        failedCreationRemedy: false,
      });
    } catch (error) {
      if (!(error instanceof InsufficientMemoryError) || sequences <= 1) throw error;
    }
  }
}

function holdModel(file: ModelFile, model: LlamaModel, context: LlamaContext, limits: ReadingLimits): ModelInMemory {
  const render = createPromptRenderer(model);
  const scheduler = createScheduler(limits);
  const pool = createSequencePool(Array.from({ length: context.totalSequences }, () => context.getSequence()));
  const { contextSize } = context;

  return {
    info: {
      name: file.name,
      contextLength: contextSize,
      sequences: context.totalSequences,
      threads: context.idealThreads,
    },
    countPromptTokens: (messages) => render(messages).tokens.length,
    async generate(request, signal, emit) {
      const prompt = render(request.messages);
      if (prompt.tokens.length >= contextSize) {
        throw new EngineError(
          'prompt_too_long',
          `The prompt has ${prompt.tokens.length} tokens; the model can hold ${contextSize}, its answer included.`,
        );
      }
      const begun = (request.continueFrom ?? []) as readonly Token[];
      const room = contextSize - prompt.tokens.length - begun.length;
      const maxNewTokens = Math.min(room, request.maxTokens);
      if (maxNewTokens <= 0) {
        emit({ type: 'end', finishReason: 'length', usage: emptyUsage(prompt.tokens.length) });
        return;
      }
      const { sequence, release } = await pool.take(request.conversation);
      let failure: { error: unknown } | null = null;
      try {
        // The last token is always read again: what comes after it is not part of the state.
        await sequence.adaptStateToTokens([...prompt.tokens, ...begun].slice(0, -1), false);
        const { sampling } = request;
        const onError = (error: unknown) => {
          failure = { error };
        };
        await scheduler.run(createReply({ sequence, prompt, begun, sampling, maxNewTokens, signal, emit, onError }));
        if (failure !== null) throw (failure as { error: unknown }).error;
      } catch (error) {
        failure = { error };
        throw error;
      } finally {
        await release(failure === null ? 'keep' : 'drop');
      }
    },
    async dispose() {
      await context.dispose();
      await model.dispose();
    },
  };
}

function emptyUsage(promptTokens: number) {
  return { promptTokens, reusedTokens: 0, completionTokens: 0, timeToFirstTokenMs: null, tokensPerSecond: null };
}
