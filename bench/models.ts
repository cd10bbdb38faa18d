import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ModelFile } from '../server/inference/engine.ts';
import { type NoiseModelOptions, writeNoiseModel } from '../server/inference/noise-model.ts';

/** Random weights have the speed of real ones of their shape. */
const shapes: Record<string, Partial<NoiseModelOptions>> = {
  /** Qwen2-0.5B's shape, 531 MB: what a small real model costs. */
  half: {
    width: 896,
    layers: 24,
    heads: 14,
    kvHeads: 2,
    feedForward: 4864,
    vocabulary: 151_936,
    quantization: 'Q8_0',
    tied: true,
  },
  /** Almost no arithmetic: what is left is overhead. */
  nano: {
    width: 64,
    layers: 2,
    heads: 4,
    kvHeads: 2,
    feedForward: 256,
    vocabulary: 151_936,
    quantization: 'Q8_0',
    tied: true,
  },
};

/** A GGUF file of one's own, or one in the shape of that name, written where it is not there yet. */
export async function benchModel({ model, shape }: { model?: string | undefined; shape: string }): Promise<ModelFile> {
  const folder = path.join(import.meta.dirname, '../.cache');
  const file = path.resolve(model ?? path.join(folder, `bench-${shape}-q8.gguf`));
  if (!existsSync(file)) {
    const options = shapes[shape];
    if (options === undefined) throw new Error(`--shape is one of ${Object.keys(shapes).join(', ')}`);
    console.log(`writing ${file}`);
    await writeNoiseModel(file, { ...options, contextLength: 8192 });
  }
  return { name: path.basename(file, '.gguf'), path: file };
}
