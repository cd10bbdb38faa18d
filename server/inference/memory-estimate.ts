import type { Config } from '../config.ts';
import type { GgufHeader } from './gguf-header.ts';

/** What of a model decides how much memory it takes. */
export interface ModelSize {
  header: Pick<GgufHeader, 'contextLength' | 'kvBytesPerToken' | 'vocabularySize'>;
  sizeBytes: number;
}

/** How much a model holds at once: conversations, and tokens in each. */
export interface Capacity {
  sequences: number;
  contextLength: number;
}

export interface MemoryPlan extends Capacity {
  /** What it is estimated to take. */
  bytes: number;
}

type Settings = Pick<Config['models'], 'sequences' | 'contextLength'>;

/** Where none is set; a model's own, where that is shorter. */
export const defaultContextLength = 4096;
/** Tokens of one text: it is computed in one piece, whose buffers grow with it. */
const longestEmbeddingText = 2048;
const shortestEmbeddingText = 512;
/** A conversation of fewer tokens is none. */
const shortestContext = 1024;
/** llama.cpp's buffers for one batch: the logits of each token, and about as much for what leads to them. */
const batchTokens = 128;
const fixedBytes = 64 << 20;

/** What a loaded model takes: its weights, the state of every conversation that runs at once, and room to compute. */
export function estimateMemory({ header, sizeBytes }: ModelSize, settings: Settings): number {
  const { sequences, contextLength } = wantedCapacity(header, settings);
  return estimate({ header, sizeBytes }, { sequences, contextLength });
}

/**
 * The most that fits: fewer conversations at once first, since they can wait for each other; then, where its length is not
 * set, a shorter context, since a shorter memory is better than none. What is returned may still not fit: it is the least.
 */
export function planMemory(model: ModelSize, settings: Settings, availableBytes: number): MemoryPlan {
  let { sequences, contextLength } = wantedCapacity(model.header, settings);
  const bytes = () => estimate(model, { sequences, contextLength });
  while (sequences > 1 && bytes() > availableBytes) sequences = Math.floor(sequences / 2);
  while (settings.contextLength === null && contextLength > shortestContext && bytes() > availableBytes) {
    contextLength = Math.max(shortestContext, Math.floor(contextLength / 2));
  }
  return { sequences, contextLength, bytes: bytes() };
}

/**
 * How long a text a model for embeddings may read, and what that takes: its weights, and the state and buffers of one text, which is
 * computed in one piece. llama.cpp keeps the logits of every token of it, twice (measured: 623 MB for 2,042 tokens of a vocabulary of
 * 32,768; this says 605). Shorter texts where that does not fit; what is returned may still not fit: it is the least. Of a header that
 * is not known only the weights count.
 */
export function planEmbedding(
  { header, sizeBytes }: Partial<ModelSize>,
  availableBytes: number,
): { textTokens: number; bytes: number } {
  let textTokens = Math.min(header?.contextLength ?? longestEmbeddingText, longestEmbeddingText);
  const perToken = header === undefined ? 0 : header.kvBytesPerToken + 2 * header.vocabularySize * 4;
  const bytes = () => (sizeBytes ?? 0) + textTokens * perToken + fixedBytes;
  while (textTokens > shortestEmbeddingText && bytes() > availableBytes) {
    textTokens = Math.max(shortestEmbeddingText, Math.floor(textTokens / 2));
  }
  return { textTokens, bytes: bytes() };
}

function wantedCapacity(header: ModelSize['header'], { sequences, contextLength }: Settings): Capacity {
  return { sequences, contextLength: Math.min(header.contextLength, contextLength ?? defaultContextLength) };
}

function estimate({ header, sizeBytes }: ModelSize, { sequences, contextLength }: Capacity): number {
  const states = sequences * contextLength * header.kvBytesPerToken;
  return sizeBytes + states + 2 * batchTokens * header.vocabularySize * 4 + fixedBytes;
}
