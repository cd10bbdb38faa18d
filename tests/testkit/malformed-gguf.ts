import { encodeGgufHeader, type GgufTensor, type GgufValue } from '../../server/inference/gguf-writer.ts';

/** Files that are no models, though each tries to be one: the name says what is wrong. */
export function malformedGgufFiles(): { name: string; bytes: Buffer }[] {
  return Object.entries({ ...brokenStructures(), ...brokenMetadata(), ...brokenTensors() }).map(([name, bytes]) => ({
    name,
    bytes,
  }));
}

const huge = 2n ** 64n - 1n;
const width = 32;
const vocabulary = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** A model as small as one can be, with everything that the header must hold. */
export function tinyGguf(
  metadata: Record<string, GgufValue | null> = {},
  tensors: readonly GgufTensor[] = [tensor()],
  dataBytes = 4 * width * vocabulary.length,
): Buffer {
  const whole: Record<string, GgufValue | null> = {
    'general.architecture': string('llama'),
    'general.name': string('Tiny'),
    'llama.context_length': uint32(128),
    'llama.embedding_length': uint32(width),
    'llama.block_count': uint32(1),
    'llama.attention.head_count': uint32(4),
    'llama.attention.head_count_kv': uint32(2),
    'tokenizer.ggml.model': string('gpt2'),
    'tokenizer.ggml.tokens': { type: 'strings', value: vocabulary },
    'tokenizer.ggml.token_type': { type: 'int32s', value: vocabulary.map(() => 1) },
    'tokenizer.ggml.merges': { type: 'strings', value: ['a b'] },
    ...metadata,
  };
  const present = Object.entries(whole).filter((entry): entry is [string, GgufValue] => entry[1] !== null);
  return Buffer.concat([encodeGgufHeader(Object.fromEntries(present), tensors), Buffer.alloc(dataBytes)]);
}

function brokenStructures(): Record<string, Buffer> {
  const start = (tensors: bigint, keys: bigint, version = 3) =>
    Buffer.concat([Buffer.from('GGUF'), u32(version), u64(tensors), u64(keys)]);
  const oneKey = (...value: Buffer[]) => Buffer.concat([start(0n, 1n), text('key'), ...value]);
  const valid = tinyGguf();
  return {
    empty: Buffer.alloc(0),
    'only-magic': Buffer.from('GGUF'),
    'ends-in-counts': start(0n, 0n).subarray(0, 20),
    'nothing-after-counts': start(0n, 5n),
    zeros: Buffer.alloc(1 << 20),
    'a-text': Buffer.from('This is not a model at all, it is a letter to the reader.'),
    'old-magic': Buffer.concat([Buffer.from('ggml'), valid.subarray(4)]),
    'version-0': start(0n, 0n, 0),
    'version-1': start(0n, 0n, 1),
    'version-4': start(0n, 0n, 4),
    'big-endian': start(0n, 0n, 0x03000000),
    'endless-tensors': start(huge, 0n),
    'endless-keys': start(0n, huge),
    'a-million-keys': start(0n, 1_000_000n),
    'endless-key': Buffer.concat([start(0n, 1n), u64(huge), Buffer.from('key')]),
    'key-past-the-end': Buffer.concat([start(0n, 1n), u64(400n), Buffer.from('key')]),
    'endless-text': oneKey(u32(8), u64(2n ** 40n), Buffer.from('x')),
    'endless-bytes': oneKey(u32(9), u32(0), u64(2n ** 61n)),
    'endless-texts': oneKey(u32(9), u32(8), u64(2n ** 60n)),
    'overflowing-array': oneKey(u32(9), u32(12), u64(2n ** 61n + 1n)),
    'text-in-array-past-the-end': oneKey(u32(9), u32(8), u64(2n), u64(3n), Buffer.from('abc'), u64(2n ** 50n)),
    'nested-arrays': oneKey(u32(9), ...Array.from({ length: 1000 }, () => Buffer.concat([u32(9), u64(1n)]))),
    'unknown-type': oneKey(u32(99), u64(0n)),
    'unknown-type-in-array': oneKey(u32(9), u32(99), u64(1n), u64(0n)),
    'empty-key': Buffer.concat([start(0n, 1n), text(''), u32(4), u32(1)]),
    'a-key-twice': Buffer.concat([start(0n, 2n), ...[1, 2].flatMap((value) => [text('key'), u32(4), u32(value)])]),
    'cut-in-metadata': valid.subarray(0, 200),
    'cut-in-data': valid.subarray(0, valid.length - 1),
    'no-keys-no-tensors': start(0n, 0n),
  };
}

function brokenMetadata(): Record<string, Buffer> {
  return {
    'alignment-0': tinyGguf({ 'general.alignment': uint32(0) }),
    'alignment-3': tinyGguf({ 'general.alignment': uint32(3) }),
    'alignment-huge': tinyGguf({ 'general.alignment': uint32(2 ** 31) }),
    'alignment-a-text': tinyGguf({ 'general.alignment': string('32') }),
    'no-architecture': tinyGguf({ 'general.architecture': null }),
    'architecture-a-number': tinyGguf({ 'general.architecture': uint32(1) }),
    'an-adapter': tinyGguf({ 'general.type': string('adapter') }),
    'an-image-part': tinyGguf({ 'general.architecture': string('clip') }),
    'an-embedder': tinyGguf({ 'general.architecture': string('bert') }),
    'no-context-length': tinyGguf({ 'llama.context_length': null }),
    'context-length-0': tinyGguf({ 'llama.context_length': uint32(0) }),
    'no-layers': tinyGguf({ 'llama.block_count': null }),
    'too-many-layers': tinyGguf({ 'llama.block_count': uint32(0xffffffff) }),
    'width-a-text': tinyGguf({ 'llama.embedding_length': string('wide') }),
    'no-heads': tinyGguf({ 'llama.attention.head_count': null }),
    'zero-heads': tinyGguf({ 'llama.attention.head_count': uint32(0) }),
    'heads-of-too-few-layers': tinyGguf({
      'llama.block_count': uint32(3),
      'llama.attention.head_count': { type: 'int32s', value: [4] },
    }),
    'unequal-heads': tinyGguf({ 'llama.attention.head_count_kv': uint32(3) }),
    'heads-that-do-not-divide': tinyGguf({
      'llama.attention.head_count': uint32(5),
      'llama.attention.head_count_kv': uint32(5),
    }),
    'rotates-more-than-a-head': tinyGguf({ 'llama.rope.dimension_count': uint32(64) }),
    'more-experts-used-than-there-are': tinyGguf({
      'llama.expert_count': uint32(2),
      'llama.expert_used_count': uint32(8),
    }),
    'no-tokenizer': tinyGguf({ 'tokenizer.ggml.model': null }),
    'no-vocabulary': tinyGguf({ 'tokenizer.ggml.tokens': null }),
    'vocabulary-of-numbers': tinyGguf({ 'tokenizer.ggml.tokens': { type: 'int32s', value: [1, 2, 3] } }),
    'empty-vocabulary': tinyGguf({ 'tokenizer.ggml.tokens': { type: 'strings', value: [] } }),
    'too-few-token-types': tinyGguf({ 'tokenizer.ggml.token_type': { type: 'int32s', value: [1] } }),
    'token-types-as-texts': tinyGguf({ 'tokenizer.ggml.token_type': { type: 'strings', value: vocabulary } }),
    'no-merges': tinyGguf({ 'tokenizer.ggml.merges': null }),
    'larger-vocabulary-than-embeddings': tinyGguf({
      'tokenizer.ggml.tokens': { type: 'strings', value: [...vocabulary, 'i'] },
      'tokenizer.ggml.token_type': { type: 'int32s', value: [...vocabulary, 'i'].map(() => 1) },
    }),
    'one-of-two-parts': tinyGguf({ 'split.count': uint32(2) }),
  };
}

function brokenTensors(): Record<string, Buffer> {
  return {
    'no-tensors': tinyGguf({}, []),
    'no-embeddings': tinyGguf({}, [tensor({ name: 'output.weight' })]),
    'no-dimensions': tinyGguf({}, [tensor({ shape: [] })]),
    'five-dimensions': tinyGguf({}, [tensor({ shape: [width, 8, 1, 1, 1] })]),
    'a-dimension-of-zero': tinyGguf({}, [tensor({ shape: [width, 0] })]),
    'overflowing-dimensions': tinyGguf({}, [tensor({ shape: [2 ** 40, 2 ** 40] })]),
    'larger-than-the-file': tinyGguf({}, [tensor({ shape: [width, 2 ** 40] })]),
    'removed-type': tinyGguf({}, [tensor({ type: 4 })]),
    'unknown-tensor-type': tinyGguf({}, [tensor({ type: 4000 })]),
    'rows-that-are-no-blocks': tinyGguf({}, [tensor({ shape: [33, 8], type: 8 })]),
    'elsewhere-in-the-file': tinyGguf({}, [tensor({ offset: 64 })]),
    'far-behind-the-file': tinyGguf({}, [tensor({ offset: 2 ** 52 })]),
    'over-each-other': tinyGguf({}, [tensor(), tensor({ name: 'output.weight' })]),
    'a-tensor-twice': tinyGguf({}, [tensor(), tensor({ offset: 4 * width * 8 })], 8 * width * 8),
    'a-long-name': tinyGguf({}, [tensor({ name: 'x'.repeat(64) })]),
  };
}

function tensor(changes: Partial<GgufTensor> = {}): GgufTensor {
  return { name: 'token_embd.weight', shape: [width, vocabulary.length], type: 0, offset: 0, ...changes };
}

function uint32(value: number): GgufValue {
  return { type: 'uint32', value };
}

function string(value: string): GgufValue {
  return { type: 'string', value };
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([u64(BigInt(value.length)), Buffer.from(value)]);
}
