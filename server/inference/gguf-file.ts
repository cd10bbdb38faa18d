import { defaultAlignment, ggufMagic, type TensorType, tensorTypes, valueBytes, valueType } from './gguf-format.ts';
import { GgufProblem, type GgufReader, withReader } from './gguf-reader.ts';

/** What a GGUF file says of itself, its large arrays only by their length. */
export interface GgufFile {
  size: number;
  metadata: ReadonlyMap<string, GgufMetadataValue>;
  tensors: readonly GgufTensorInfo[];
}

/** `numbers` are the elements of a short array of numbers; null for others. */
export type GgufMetadataValue =
  | { type: 'number'; value: number }
  | { type: 'text'; value: string }
  | { type: 'array'; elements: number; length: number; numbers: readonly number[] | null };

export interface GgufTensorInfo {
  name: string;
  shape: readonly number[];
  elements: number;
  type: TensorType;
}

const mostKeys = 4096;
const mostTensors = 65_536;
const longestKey = 512;
const longestTensorName = 63;
const longestText = 1 << 20;
/** Arrays with a value for each layer are kept, vocabularies are not. */
const longestKeptArray = 1024;
const mostDimensions = 4;

/** Reads the structure of a GGUF file. Throws a GgufProblem where llama.cpp would refuse it, or should. */
export function readGgufFile(path: string): Promise<GgufFile> {
  return withReader(path, parseGguf);
}

async function parseGguf(reader: GgufReader): Promise<GgufFile> {
  const { tensorCount, keyCount } = await readCounts(reader);
  const metadata = await readMetadata(reader, keyCount);
  const alignment = alignmentOf(metadata);
  const tensors = await readTensors(reader, tensorCount, alignment);
  return { size: reader.size, metadata, tensors };
}

async function readCounts(reader: GgufReader): Promise<{ tensorCount: number; keyCount: number }> {
  if (reader.size < 24) throw new GgufProblem('It is too short to be a GGUF file.');
  await reader.fill(24);
  if (reader.bytes(4).toString('latin1') !== ggufMagic) throw new GgufProblem('It is not a GGUF file.');
  const version = reader.uint32();
  if ((version & 0xffff) === 0 && version !== 0) throw new GgufProblem('It is made for big-endian machines.');
  if (version !== 2 && version !== 3) throw new GgufProblem(`It has GGUF version ${version}; 2 and 3 can be read.`);
  const tensorCount = reader.uint64();
  const keyCount = reader.uint64();
  if (tensorCount > mostTensors) throw new GgufProblem(`It claims to hold ${tensorCount} tensors.`);
  if (keyCount > mostKeys) throw new GgufProblem(`It claims to hold ${keyCount} metadata keys.`);
  return { tensorCount, keyCount };
}

async function readMetadata(reader: GgufReader, count: number): Promise<Map<string, GgufMetadataValue>> {
  const metadata = new Map<string, GgufMetadataValue>();
  for (let i = 0; i < count; i++) {
    const key = await readText(reader, longestKey);
    if (key === '') throw new GgufProblem('A metadata key is empty.');
    if (metadata.has(key)) throw new GgufProblem(`The metadata key ${printable(key)} appears twice.`);
    await reader.fill(4);
    metadata.set(key, await readValue(reader, reader.uint32(), key));
  }
  return metadata;
}

async function readValue(reader: GgufReader, type: number, key: string): Promise<GgufMetadataValue> {
  if (type === valueType.array) return readArray(reader, key);
  if (type === valueType.string) return { type: 'text', value: await readText(reader, longestText) };
  const bytes = valueBytes.get(type);
  if (bytes === undefined) throw new GgufProblem(`The metadata key ${printable(key)} has the unknown type ${type}.`);
  await reader.fill(bytes);
  return { type: 'number', value: readNumber(reader.bytes(bytes), type) };
}

async function readArray(reader: GgufReader, key: string): Promise<GgufMetadataValue> {
  await reader.fill(12);
  const elements = reader.uint32();
  const length = reader.uint64();
  if (elements === valueType.array) throw new GgufProblem(`The metadata key ${printable(key)} nests arrays.`);
  if (elements === valueType.string) {
    if (length * 8 > reader.remaining) throw tooLong(key);
    await reader.skipTexts(length);
    return { type: 'array', elements, length, numbers: null };
  }
  const bytes = valueBytes.get(elements);
  if (bytes === undefined)
    throw new GgufProblem(`The metadata key ${printable(key)} has the unknown type ${elements}.`);
  if (length * bytes > reader.remaining) throw tooLong(key);
  if (length > longestKeptArray) {
    reader.skip(length * bytes);
    return { type: 'array', elements, length, numbers: null };
  }
  await reader.fill(length * bytes);
  const numbers = Array.from({ length }, () => readNumber(reader.bytes(bytes), elements));
  return { type: 'array', elements, length, numbers };
}

async function readTensors(reader: GgufReader, count: number, alignment: number): Promise<GgufTensorInfo[]> {
  const tensors: GgufTensorInfo[] = [];
  const names = new Set<string>();
  let nextOffset = 0;
  let dataBytes = 0;
  for (let i = 0; i < count; i++) {
    const { offset, ...tensor } = await readTensor(reader);
    const { name, type, elements } = tensor;
    if (names.has(name)) throw new GgufProblem(`The tensor ${printable(name)} appears twice.`);
    names.add(name);
    if (offset !== nextOffset) throw new GgufProblem(`The tensor ${printable(name)} does not lie where it should.`);
    dataBytes = offset + (elements / type.blockSize) * type.blockBytes;
    nextOffset = Math.ceil(dataBytes / alignment) * alignment;
    tensors.push(tensor);
  }
  const dataStart = Math.ceil(reader.position / alignment) * alignment;
  const missing = dataStart + dataBytes - reader.size;
  if (missing > 0) throw new GgufProblem(`The file is cut off: ${missing} bytes are missing.`);
  return tensors;
}

async function readTensor(reader: GgufReader): Promise<GgufTensorInfo & { offset: number }> {
  const name = await readText(reader, longestTensorName);
  const refuse = (why: string) => new GgufProblem(`The tensor ${printable(name)} ${why}.`);
  await reader.fill(4);
  const dimensions = reader.uint32();
  if (dimensions === 0 || dimensions > mostDimensions) throw refuse(`has ${dimensions} dimensions`);
  await reader.fill(dimensions * 8 + 12);
  const shape = Array.from({ length: dimensions }, () => reader.uint64());
  const elements = shape.reduce((product, length) => product * length, 1);
  if (elements === 0) throw refuse('is empty');
  if (!Number.isSafeInteger(elements)) throw refuse('is impossibly large');
  const typeId = reader.uint32();
  const type = tensorTypes.get(typeId);
  if (type === undefined) throw refuse(`has the unknown type ${typeId}`);
  if ((shape[0] ?? 0) % type.blockSize !== 0) throw refuse(`has rows that are no multiple of ${type.blockSize}`);
  return { name, shape, elements, type, offset: reader.uint64() };
}

async function readText(reader: GgufReader, longest: number): Promise<string> {
  await reader.fill(8);
  const length = reader.uint64();
  if (length > longest) throw new GgufProblem(`A name or text in its header has ${length} bytes.`);
  await reader.fill(length);
  return reader.bytes(length).toString('utf8');
}

function readNumber(bytes: Buffer, type: number): number {
  switch (type) {
    case valueType.float32:
      return bytes.readFloatLE();
    case valueType.float64:
      return bytes.readDoubleLE();
    case valueType.uint64:
      return Number(bytes.readBigUInt64LE());
    case valueType.int64:
      return Number(bytes.readBigInt64LE());
    case valueType.int8:
    case valueType.int16:
    case valueType.int32:
      return bytes.readIntLE(0, bytes.length);
    default:
      return bytes.readUIntLE(0, bytes.length);
  }
}

function alignmentOf(metadata: ReadonlyMap<string, GgufMetadataValue>): number {
  const value = metadata.get('general.alignment');
  if (value === undefined) return defaultAlignment;
  const alignment = value.type === 'number' ? value.value : 0;
  // Powers of two only; more than a page helps nobody.
  if (alignment < 1 || alignment > 65_536 || !Number.isInteger(Math.log2(alignment))) {
    throw new GgufProblem('Its alignment is not a power of two.');
  }
  return alignment;
}

function tooLong(key: string): GgufProblem {
  return new GgufProblem(`The metadata key ${printable(key)} is longer than the file.`);
}

/** A name from the file as a part of a message: short, and without anything that could disturb a terminal. */
function printable(name: string): string {
  return JSON.stringify(name.slice(0, 60));
}
