import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { alignUp, encodeGgufHeader, type GgufTensor, type GgufValue } from './gguf-writer.ts';
import { encoders } from './tensor-encoding.ts';

/** Fills a row of a tensor; rows are asked for in order, so that a file is written in one pass. */
export type FillRow = (row: number, out: Float32Array) => void;

export interface FilledTensor {
  name: string;
  /** Innermost first. */
  shape: readonly [number] | readonly [number, number];
  fill: FillRow;
}

export type Quantization = keyof typeof encoders;

/** A byte-level vocabulary in the spelling of GPT-2's tokenizer, in the order of its ids. */
export interface ByteVocabulary {
  tokens: readonly string[];
  /** llama.cpp's token types: 1 ordinary, 3 control. */
  tokenTypes: readonly number[];
  merges: readonly string[];
  endOfTurn: number;
  endOfText: number;
}

/** A model of the llama architecture. */
export interface LlamaDescription {
  name: string;
  width: number;
  layers: number;
  heads: number;
  kvHeads: number;
  feedForward: number;
  contextLength: number;
  vocabulary: ByteVocabulary;
  /** Jinja; null writes none. */
  chatTemplate: string | null;
  /** Further keys of the file: who made it, under which licence. */
  about?: Readonly<Record<string, string>>;
}

/** The chat template of ChatML. */
export const chatMl =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + " +
  "'\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const bytesPerWrite = 1 << 20;

/**
 * Writes a GGUF file that llama.cpp loads. Memory stays bounded whatever the size, and the file has its name only once it
 * is whole.
 */
export async function writeGgufModel(
  file: string,
  model: LlamaDescription,
  tensors: readonly FilledTensor[],
  quantization: Quantization,
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.part`;
  try {
    await writeTensors(temporary, metadataOf(model, quantization), tensors, quantization);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeTensors(
  file: string,
  metadata: Record<string, GgufValue>,
  tensors: readonly FilledTensor[],
  quantization: Quantization,
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
function encoderOf(shape: FilledTensor['shape'], quantization: Quantization) {
  return encoders[shape.length === 1 ? 'F32' : quantization];
}

function metadataOf(model: LlamaDescription, quantization: Quantization): Record<string, GgufValue> {
  const { vocabulary } = model;
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
  const string = (value: string): GgufValue => ({ type: 'string', value });
  const float32 = (value: number): GgufValue => ({ type: 'float32', value });
  return {
    'general.architecture': string('llama'),
    'general.name': string(model.name),
    ...Object.fromEntries(Object.entries(model.about ?? {}).map(([key, value]) => [`general.${key}`, string(value)])),
    'general.file_type': uint32(encoders[quantization].fileType),
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
