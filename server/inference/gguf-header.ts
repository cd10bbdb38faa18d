import { type GgufFile, type GgufMetadataValue, readGgufFile } from './gguf-file.ts';
import { fileTypeNames, valueType } from './gguf-format.ts';
import { GgufProblem } from './gguf-reader.ts';

/** What one needs to know of a model before it is loaded. */
export interface GgufHeader {
  /** The model's own name for itself. */
  name: string | null;
  architecture: string;
  parameterCount: number;
  /** The count as people say it: 494M, 1.5B. */
  parameters: string;
  /** As in file names: Q4_K_M, Q8_0. */
  quantization: string;
  /** Tokens that it was trained to hold. */
  contextLength: number;
  chatTemplate: string | null;
  vocabularySize: number;
  /** Memory that a token of context takes, in half precision. */
  kvBytesPerToken: number;
}

export type HeaderReading = { header: GgufHeader; problem: null } | { header: null; problem: string };

/**
 * Reads the header of a model, in bounded time and memory whatever the files hold: `parts` is its file, or the files that
 * it is split into, in order. What llama.cpp would crash on is a problem here.
 */
export async function readGgufHeader(parts: readonly string[]): Promise<HeaderReading> {
  try {
    const files: GgufFile[] = [];
    for (const part of parts) files.push(await readGgufFile(part));
    return { header: describe(files), problem: null };
  } catch (error) {
    if (error instanceof GgufProblem) return { header: null, problem: error.message };
    if (error instanceof Error && 'code' in error) {
      return { header: null, problem: `It cannot be read (${error.code}).` };
    }
    throw error;
  }
}

/** The problem of a model that is fine, and made for embeddings alone. */
export const embeddingsAlone = 'It makes embeddings and cannot answer.';
const mostLayers = 512;
const mostExperts = 1024;
/** No real model holds more, and what is multiplied with it stays exact. */
const longestContext = 2 ** 31;
const notForChat: ReadonlyMap<string, string> = new Map([
  ['clip', 'It is the image part of a model, not a model to talk to.'],
  ...[
    'bert',
    'modern-bert',
    'nomic-bert',
    'nomic-bert-moe',
    'neo-bert',
    'jina-bert-v2',
    'jina-bert-v3',
    'eurobert',
    't5encoder',
    'gemma-embedding',
  ].map((name) => [name, embeddingsAlone] as const),
]);
/** These keep a state of fixed size instead of attention over the context. */
const withoutAttention = /^(mamba|rwkv|arwkv)/;

function describe(files: readonly GgufFile[]): GgufHeader {
  const metadata = files[0]?.metadata ?? new Map<string, GgufMetadataValue>();
  const tensors = files.flatMap((file) => file.tensors);
  const architecture = text(metadata, 'general.architecture');
  if (architecture === null || architecture === '') throw new GgufProblem('It does not say which architecture it has.');
  const kind = text(metadata, 'general.type');
  if (kind === 'adapter') throw new GgufProblem('It is an adapter, not a model of its own.');
  const useless = notForChat.get(architecture);
  if (useless !== undefined) throw new GgufProblem(useless);
  if (tensors.length === 0) throw new GgufProblem('It holds no weights.');
  checkParts(metadata, files.length);

  const contextLength = wholeNumber(metadata, `${architecture}.context_length`, longestContext);
  const layers = wholeNumber(metadata, `${architecture}.block_count`, mostLayers);
  const width = wholeNumber(metadata, `${architecture}.embedding_length`, 2 ** 24);
  checkExperts(metadata, architecture);
  const embedding = tensors.find(({ name }) => name === 'token_embd.weight');
  if (embedding === undefined) throw new GgufProblem('Its token embeddings are missing.');
  const vocabularySize = checkVocabulary(metadata);
  if (embedding.shape[0] !== width || embedding.shape[1] !== vocabularySize) {
    throw new GgufProblem('Its token embeddings do not fit its vocabulary.');
  }
  const parameterCount = tensors.reduce((sum, { elements }) => sum + elements, 0);
  const chatTemplate = text(metadata, 'tokenizer.chat_template');
  return {
    name: text(metadata, 'general.name')?.replace(/\p{C}/gu, '').trim().slice(0, 200) || null,
    architecture,
    parameterCount,
    parameters: shortCount(parameterCount),
    quantization: quantizationOf(metadata, files),
    contextLength,
    chatTemplate: chatTemplate?.trim() ? chatTemplate : null,
    vocabularySize,
    kvBytesPerToken: withoutAttention.test(architecture) ? 0 : kvBytesPerToken(metadata, architecture, layers, width),
  };
}

function checkParts(metadata: GgufFile['metadata'], parts: number): void {
  const said = number(metadata, 'split.count') ?? 0;
  if (said > 1 && said !== parts) throw new GgufProblem(`It is one of ${said} parts; the others are missing.`);
}

/** llama.cpp ends the process where these do not hold. */
function checkExperts(metadata: GgufFile['metadata'], architecture: string): void {
  const experts = number(metadata, `${architecture}.expert_count`) ?? 0;
  const used = number(metadata, `${architecture}.expert_used_count`) ?? 0;
  const possible = experts === 0 ? used === 0 : experts <= mostExperts && used > 0 && used <= experts;
  if (!possible) throw new GgufProblem(`It claims to use ${used} of ${experts} experts.`);
}

/** The number of tokens. */
function checkVocabulary(metadata: GgufFile['metadata']): number {
  const kind = text(metadata, 'tokenizer.ggml.model');
  const tokens = metadata.get('tokenizer.ggml.tokens');
  if (kind === null || kind === 'none' || kind === 'no_vocab' || tokens === undefined) {
    throw new GgufProblem('It has no vocabulary.');
  }
  if (tokens.type !== 'array' || tokens.elements !== valueType.string || tokens.length === 0) {
    throw new GgufProblem('Its vocabulary is not a list of texts.');
  }
  for (const [name, elements] of [
    ['scores', [valueType.float32, valueType.int32]],
    ['token_type', [valueType.int32, valueType.uint32]],
  ] as const) {
    const list = metadata.get(`tokenizer.ggml.${name}`);
    if (list === undefined) continue;
    const fits = list.type === 'array' && elements.some((type) => type === list.elements);
    if (!fits || list.length < tokens.length) throw new GgufProblem(`Its ${name} do not cover its vocabulary.`);
  }
  const merges = metadata.get('tokenizer.ggml.merges');
  if (kind === 'gpt2' && merges === undefined) throw new GgufProblem('The merges of its tokenizer are missing.');
  if (merges !== undefined && (merges.type !== 'array' || merges.elements !== valueType.string)) {
    throw new GgufProblem('The merges of its tokenizer are not a list of texts.');
  }
  return tokens.length;
}

function kvBytesPerToken(metadata: GgufFile['metadata'], architecture: string, layers: number, width: number): number {
  const heads = perLayer(metadata, `${architecture}.attention.head_count`, layers);
  if (heads === null) throw new GgufProblem('It does not say how many attention heads it has.');
  const kvHeads = perLayer(metadata, `${architecture}.attention.head_count_kv`, layers) ?? heads;
  const most = Math.max(...heads);
  for (const [layer, count] of heads.entries()) {
    const kv = kvHeads[layer] ?? 0;
    if (count < 0 || kv < 0 || kv > count || (kv > 0 && count % kv !== 0)) {
      throw new GgufProblem(`It has ${count} attention heads and ${kv} for keys, which do not go together.`);
    }
  }
  if (most === 0) throw new GgufProblem('It has no attention heads.');
  const keyLength = number(metadata, `${architecture}.attention.key_length`) ?? width / most;
  const valueLength = number(metadata, `${architecture}.attention.value_length`) ?? width / most;
  const rotated = number(metadata, `${architecture}.rope.dimension_count`) ?? 0;
  const possible = [keyLength, valueLength].every(
    (length) => Number.isInteger(length) && length > 0 && length <= 65_536,
  );
  if (!possible || rotated < 0 || rotated > keyLength)
    throw new GgufProblem('The size of its attention heads is impossible.');
  return kvHeads.reduce((sum, count) => sum + count, 0) * (keyLength + valueLength) * 2;
}

/** A number for each layer: the file has one for all of them, or a list. */
function perLayer(metadata: GgufFile['metadata'], key: string, layers: number): readonly number[] | null {
  const value = metadata.get(key);
  if (value === undefined) return null;
  if (value.type === 'number') return Array.from({ length: layers }, () => value.value);
  const numbers = value.type === 'array' ? value.numbers : null;
  if (numbers === null || numbers.length < layers) throw new GgufProblem(`${key} does not cover its layers.`);
  return numbers.slice(0, layers);
}

function quantizationOf(metadata: GgufFile['metadata'], files: readonly GgufFile[]): string {
  // llama.cpp marks a type that it guessed with 1024.
  const said = fileTypeNames.get((number(metadata, 'general.file_type') ?? -1) % 1024);
  if (said !== undefined) return said;
  const elements = new Map<string, number>();
  for (const { type, elements: count } of files.flatMap((file) => file.tensors)) {
    elements.set(type.name, (elements.get(type.name) ?? 0) + count);
  }
  const [most] = [...elements].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? 'F32';
}

function text(metadata: GgufFile['metadata'], key: string): string | null {
  const value = metadata.get(key);
  return value?.type === 'text' ? value.value : null;
}

function number(metadata: GgufFile['metadata'], key: string): number | null {
  const value = metadata.get(key);
  return value?.type === 'number' ? value.value : null;
}

function wholeNumber(metadata: GgufFile['metadata'], key: string, most: number): number {
  const value = number(metadata, key);
  if (value === null) throw new GgufProblem(`It does not say its ${key}.`);
  if (!Number.isInteger(value) || value < 1 || value > most) throw new GgufProblem(`Its ${key} is ${value}.`);
  return value;
}

function shortCount(count: number): string {
  for (const [unit, size] of [
    ['T', 1e12],
    ['B', 1e9],
    ['M', 1e6],
    ['K', 1e3],
  ] as const) {
    if (count < size * 0.9995) continue;
    const value = count / size;
    return `${value < 9.95 ? value.toFixed(1).replace('.0', '') : Math.round(value)}${unit}`;
  }
  return String(count);
}
