import type { Config } from '../config.ts';
import type { GgufHeader } from './gguf-header.ts';

const defaultContextLength = 4096;
/** llama.cpp's buffers for one batch: the logits of each token, and about as much for what leads to them. */
const batchTokens = 128;
const fixedBytes = 64 << 20;

/** What a loaded model takes: its weights, the state of every conversation that runs at once, and room to compute. */
export function estimateMemory(
  header: Pick<GgufHeader, 'contextLength' | 'kvBytesPerToken' | 'vocabularySize'>,
  weightBytes: number,
  config: Pick<Config['models'], 'sequences' | 'contextLength'>,
): number {
  const context = Math.min(header.contextLength, config.contextLength ?? defaultContextLength);
  const state = context * config.sequences * header.kvBytesPerToken;
  return weightBytes + state + 2 * batchTokens * header.vocabularySize * 4 + fixedBytes;
}
