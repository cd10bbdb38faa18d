import { chatMl, type Quantization, writeGgufModel } from './gguf-model.ts';
import { buildNoiseVocabulary, smallestVocabulary } from './noise-vocabulary.ts';
import { type NoiseShape, noiseTensors } from './noise-weights.ts';
import { encoders } from './tensor-encoding.ts';

export interface NoiseModelOptions extends NoiseShape {
  contextLength: number;
  quantization: Quantization;
  /** Jinja; null writes none. */
  chatTemplate: string | null;
}

/**
 * Six megabytes, made in well under a second. In full precision, so that at temperature 0 an answer does not depend on
 * how its tokens were batched.
 */
export const defaultNoiseModel: NoiseModelOptions = {
  width: 128,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  feedForward: 384,
  vocabulary: 4096,
  contextLength: 4096,
  quantization: 'F32',
  tied: false,
  chatTemplate: chatMl,
  seed: 1,
};

/** The words that go with the built-in noise model wherever it is offered. */
export const noiseNotice =
  'This built-in model speaks noise: it has random weights and only shows that everything works. To talk to a real one ' +
  'pull it, qwen2.5-1.5b-instruct-q4_k_m for example, or put a GGUF file into models/.';

/**
 * Writes a GGUF file with random weights that llama.cpp loads like any other: llama architecture, byte-level vocabulary,
 * ChatML template. The same options give the same bytes. Memory stays bounded whatever the size, and the file has its
 * name only once it is whole. Throws a RangeError for a shape that cannot be.
 */
export async function writeNoiseModel(file: string, options: Partial<NoiseModelOptions> = {}): Promise<void> {
  const model = { ...defaultNoiseModel, ...options };
  checkShape(model);
  const vocabulary = buildNoiseVocabulary(model.vocabulary);
  const tensors = noiseTensors(model, vocabulary.kinds);
  await writeGgufModel(file, { ...model, name: 'Noise', vocabulary }, tensors, model.quantization);
}

function checkShape(model: NoiseModelOptions): void {
  const { width, heads, kvHeads, feedForward, quantization } = model;
  const { blockSize } = encoders[quantization];
  const mistakes = [
    [width % blockSize === 0, `width must be a multiple of ${blockSize}`],
    [feedForward % blockSize === 0, `feedForward must be a multiple of ${blockSize}`],
    [width % (heads * 2) === 0, 'width must be a multiple of twice the heads'],
    [heads % kvHeads === 0, 'heads must be a multiple of kvHeads'],
    [model.vocabulary >= smallestVocabulary, `vocabulary must be at least ${smallestVocabulary}`],
    [model.layers <= 512, 'layers must be at most 512'],
    [
      [width, model.layers, heads, kvHeads, feedForward, model.contextLength].every(
        (n) => Number.isInteger(n) && n > 0,
      ),
      'every number must be whole and above 0',
    ],
  ] as const;
  for (const [holds, mistake] of mistakes) if (!holds) throw new RangeError(mistake);
}
