import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { LlamaContext } from 'node-llama-cpp';
import type { ModelFile } from '../engine.ts';

/** Holds the header of nearly every model, or the beginning of a vocabulary that tells it. */
const beginningBytes = 1 << 20;

/**
 * Tells everything that a saved state depends on: the model's file by its size, time and beginning, llama.cpp's release and
 * device, and how the context keeps what it has read. 32 bytes.
 */
export function fingerprintOf(file: ModelFile, context: LlamaContext): Buffer {
  const { gpu, llamaCppRelease } = context.model.llama;
  const settings = [
    llamaCppRelease,
    gpu,
    context.contextSize,
    context.flashAttention,
    context.kvCacheKeyType,
    context.kvCacheValueType,
  ];
  const handle = openSync(file.path, 'r');
  try {
    const { size, mtimeMs } = fstatSync(handle);
    const beginning = Buffer.alloc(Math.min(size, beginningBytes));
    readSync(handle, beginning, 0, beginning.length, 0);
    return createHash('sha256')
      .update(JSON.stringify([settings, size, mtimeMs]))
      .update(beginning)
      .digest();
  } finally {
    closeSync(handle);
  }
}
