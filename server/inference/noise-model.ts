import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { alignUp, encodeGgufHeader, type GgufTensor, type GgufValue } from './gguf-writer.ts';
import { buildNoiseVocabulary, type NoiseVocabulary, smallestVocabulary } from './noise-vocabulary.ts';
import { type NoiseShape, type NoiseTensor, noiseTensors } from './noise-weights.ts';
import { encoders } from './tensor-encoding.ts';

export type NoiseQuantization = keyof typeof encoders;

export interface NoiseModelOptions extends NoiseShape {
  contextLength: number;
  quantization: NoiseQuantization;
  /** Jinja; null writes none. */
  chatTemplate: string | null;
}

const chatMl =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + " +
  "'\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

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

const bytesPerWrite = 1 << 20;

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
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.part`;
  try {
    await writeTensors(temporary, describe(model, vocabulary), tensors, model.quantization);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
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

async function writeTensors(
  file: string,
  metadata: Record<string, GgufValue>,
  tensors: readonly NoiseTensor[],
  quantization: NoiseQuantization,
): Promise<void> {
  let offset = 0;
  const placed: GgufTensor[] = tensors.map(({ name, shape }) => {
    const { type, blockSize, blockBytes } = encoderOf(shape, quantization);
    const at = offset;
    offset += alignUp(((shape[0] * (shape[1] ?? 1)) / blockSize) * blockBytes);
    return { name, shape, type, offset: at };
  });
  const handle = await open(file, 'w');
  try {
    await handle.write(encodeGgufHeader(metadata, placed));
    for (const { shape, fill } of tensors) {
      const { blockSize, blockBytes, encode } = encoderOf(shape, quantization);
      const [columns, rows = 1] = shape;
      const rowBytes = (columns / blockSize) * blockBytes;
      const rowsPerWrite = Math.max(1, Math.floor(bytesPerWrite / rowBytes));
      const values = new Float32Array(columns);
      const bytes = Buffer.alloc(rowsPerWrite * rowBytes);
      for (let first = 0; first < rows; first += rowsPerWrite) {
        const count = Math.min(rowsPerWrite, rows - first);
        for (let i = 0; i < count; i++) {
          fill(first + i, values);
          encode(values, bytes, i * rowBytes);
        }
        await handle.write(bytes, 0, count * rowBytes);
      }
      const written = rows * rowBytes;
      await handle.write(Buffer.alloc(alignUp(written) - written));
    }
  } finally {
    await handle.close();
  }
}

/** llama.cpp wants its vectors in full precision. */
function encoderOf(shape: NoiseTensor['shape'], quantization: NoiseQuantization) {
  return encoders[shape.length === 1 ? 'F32' : quantization];
}

function describe(model: NoiseModelOptions, vocabulary: NoiseVocabulary): Record<string, GgufValue> {
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
  const string = (value: string): GgufValue => ({ type: 'string', value });
  const float32 = (value: number): GgufValue => ({ type: 'float32', value });
  return {
    'general.architecture': string('llama'),
    'general.name': string('Noise'),
    'general.file_type': uint32(encoders[model.quantization].fileType),
    'llama.context_length': uint32(model.contextLength),
    'llama.embedding_length': uint32(model.width),
    'llama.block_count': uint32(model.layers),
    'llama.feed_forward_length': uint32(model.feedForward),
    'llama.attention.head_count': uint32(model.heads),
    'llama.attention.head_count_kv': uint32(model.kvHeads),
    'llama.attention.layer_norm_rms_epsilon': float32(1e-5),
    'llama.rope.dimension_count': uint32(model.width / model.heads),
    'llama.rope.freq_base': float32(10_000),
    'llama.vocab_size': uint32(vocabulary.tokens.length),
    'tokenizer.ggml.model': string('gpt2'),
    'tokenizer.ggml.pre': string('gpt-2'),
    'tokenizer.ggml.tokens': { type: 'strings', value: vocabulary.tokens },
    'tokenizer.ggml.token_type': { type: 'int32s', value: vocabulary.tokenTypes },
    'tokenizer.ggml.merges': { type: 'strings', value: vocabulary.merges },
    'tokenizer.ggml.bos_token_id': uint32(vocabulary.endOfText),
    'tokenizer.ggml.eos_token_id': uint32(vocabulary.endOfTurn),
    'tokenizer.ggml.padding_token_id': uint32(vocabulary.endOfText),
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
    ...(model.chatTemplate === null ? {} : { 'tokenizer.chat_template': string(model.chatTemplate) }),
  };
}
