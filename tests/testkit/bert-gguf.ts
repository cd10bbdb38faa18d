import { alignUp, encodeGgufHeader, type GgufTensor } from '../../server/inference/gguf-writer.ts';

const width = 32;
const inner = 64;
const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
const letters = [...'abcdefghijklmnopqrstuvwxyz'];
/** A letter at the start of a word, as llama.cpp marks it, and one within. */
const tokens = [...special, ...letters.map((letter) => `\u2581${letter}`), ...letters];

/** A model of the kind that is made for embeddings: BERT, which reads in both directions. Its weights are waves. */
export function tinyBert(contextLength: number): Buffer {
  const shapes: Record<string, readonly number[]> = {
    'token_embd.weight': [width, tokens.length],
    'position_embd.weight': [width, contextLength],
    'token_types.weight': [width, 2],
    'token_embd_norm.weight': [width],
    'token_embd_norm.bias': [width],
    ...Object.fromEntries(['q', 'k', 'v', 'output'].flatMap((name) => layer(`attn_${name}`, width, width))),
    ...Object.fromEntries(layer('ffn_up', width, inner)),
    ...Object.fromEntries(layer('ffn_down', inner, width)),
    ...Object.fromEntries(['attn', 'layer'].flatMap((name) => norm(`${name}_output_norm`))),
  };
  let offset = 0;
  const tensors: GgufTensor[] = [];
  const data: Buffer[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    tensors.push({ name, shape, type: 0, offset });
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => weight(name, at));
    const bytes = Buffer.alloc(alignUp(values.byteLength));
    Buffer.from(values.buffer).copy(bytes);
    data.push(bytes);
    offset += bytes.length;
  }
  const uint32 = (value: number) => ({ type: 'uint32' as const, value });
  const header = encodeGgufHeader(
    {
      'general.architecture': { type: 'string', value: 'bert' },
      'bert.context_length': uint32(contextLength),
      'bert.embedding_length': uint32(width),
      'bert.block_count': uint32(1),
      'bert.feed_forward_length': uint32(inner),
      'bert.attention.head_count': uint32(4),
      'bert.attention.layer_norm_epsilon': { type: 'float32', value: 1e-12 },
      'bert.attention.causal': { type: 'bool', value: false },
      // The mean of what its tokens mean.
      'bert.pooling_type': uint32(1),
      'tokenizer.ggml.model': { type: 'string', value: 'bert' },
      'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
      'tokenizer.ggml.token_type': { type: 'int32s', value: tokens.map((_, id) => (id < special.length ? 3 : 1)) },
      'tokenizer.ggml.token_type_count': uint32(2),
      'tokenizer.ggml.padding_token_id': uint32(0),
      'tokenizer.ggml.unknown_token_id': uint32(1),
      'tokenizer.ggml.bos_token_id': uint32(2),
      'tokenizer.ggml.cls_token_id': uint32(2),
      'tokenizer.ggml.eos_token_id': uint32(3),
      'tokenizer.ggml.seperator_token_id': uint32(3),
    },
    tensors,
  );
  return Buffer.concat([header, ...data]);
}

function layer(name: string, from: number, to: number): [string, readonly number[]][] {
  return [
    [`blk.0.${name}.weight`, [from, to]],
    [`blk.0.${name}.bias`, [to]],
  ];
}

function norm(name: string): [string, readonly number[]][] {
  return [
    [`blk.0.${name}.weight`, [width]],
    [`blk.0.${name}.bias`, [width]],
  ];
}

function weight(name: string, at: number): number {
  if (name.endsWith('norm.weight')) return 1;
  return name.endsWith('bias') ? 0 : Math.sin((at + 1) * name.length * 1.7) * 0.5;
}
