import type { Llama, LlamaEmbeddingContext } from 'node-llama-cpp';
import { EngineError, type LoadedModel, type ModelFile } from '../engine.ts';
import { inGigabytes, memoryForModels } from '../memory.ts';
import { planEmbedding } from '../memory-estimate.ts';
import { threadsFor } from './load-model.ts';
import type { EmbedderSettings } from './protocol.ts';

/** A model for embeddings in memory. */
export interface EmbedderInMemory {
  info: LoadedModel;
  /** With what the model puts around a text. */
  countTokens(text: string): number;
  /** Of length 1. The text has at most `info.contextLength` tokens. */
  embed(text: string): Promise<number[]>;
  dispose(): Promise<void>;
}

/** Throws EngineError `cannot_load` where the memory that is free now does not hold it. */
export async function loadEmbedder(
  llama: Llama,
  file: ModelFile,
  settings: EmbedderSettings,
): Promise<EmbedderInMemory> {
  // A graphics card has memory of its own, which the library looks after.
  const textTokens = textTokensFor(file, llama.gpu === false ? memoryForModels() : Number.POSITIVE_INFINITY);
  const model = await llama.loadModel({ modelPath: file.path });
  try {
    const threads = threadsFor(llama, settings);
    const contextSize = Math.min(model.trainContextSize, textTokens);
    // A model that reads in both directions needs the whole text at once.
    const context = await model.createEmbeddingContext({
      contextSize,
      batchSize: contextSize,
      threads: llama.maxThreads,
    });
    return {
      // The library keeps one token of the context for itself.
      info: { name: file.name, contextLength: contextSize - 1, sequences: 1, threads: llama.maxThreads },
      countTokens: (text) => context.calculateInputLength(text),
      async embed(text) {
        const rest = threads.watch();
        try {
          return await vectorOf(context, text);
        } finally {
          rest();
        }
      },
      async dispose() {
        await context.dispose();
        await model.dispose();
      },
    };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

async function vectorOf(context: LlamaEmbeddingContext, text: string): Promise<number[]> {
  const { vector } = await context.getEmbeddingFor(text);
  const length = Math.hypot(...vector);
  if (!Number.isFinite(length) || length === 0) throw new Error('the model gave no vector');
  return vector.map((value) => value / length);
}

/** How long a text may be. Throws where not even a short one fits. */
function textTokensFor({ name, header, sizeBytes }: ModelFile, availableBytes: number): number {
  const { textTokens, bytes } = planEmbedding({ ...(header && { header }), sizeBytes: sizeBytes ?? 0 }, availableBytes);
  if (sizeBytes === undefined || bytes <= availableBytes) return textTokens;
  throw new EngineError(
    'cannot_load',
    `The model ${name} takes at least ${inGigabytes(bytes)} of memory, and ${inGigabytes(availableBytes)} are free for it.`,
  );
}
