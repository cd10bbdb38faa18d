import { defaultAlignment, ggufMagic, valueType } from './gguf-format.ts';

/** A metadata value with the type that it has in the file. */
export type GgufValue =
  | { type: 'uint32' | 'int32' | 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'int32s'; value: readonly number[] };

export interface GgufTensor {
  name: string;
  /** Innermost first: the length of a row, then the number of rows. */
  shape: readonly number[];
  /** ggml's number of the type. */
  type: number;
  /** Where its data starts, counted from the start of the data section; a multiple of the alignment. */
  offset: number;
}

/** Everything of a GGUF file (version 3) before its tensor data, padded so that the data can follow at once. */
export function encodeGgufHeader(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from(ggufMagic), uint32(3), uint64(tensors.length), uint64(entries.length)];
  for (const [key, value] of entries) parts.push(string(key), encodeValue(value));
  for (const tensor of tensors) {
    parts.push(string(tensor.name), uint32(tensor.shape.length), ...tensor.shape.map(uint64));
    parts.push(uint32(tensor.type), uint64(tensor.offset));
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  parts.push(Buffer.alloc(alignUp(length) - length));
  return Buffer.concat(parts);
}

/** The next multiple of the default alignment. */
export function alignUp(bytes: number): number {
  return Math.ceil(bytes / defaultAlignment) * defaultAlignment;
}

function encodeValue(value: GgufValue): Buffer {
  switch (value.type) {
    case 'uint32':
      return Buffer.concat([uint32(valueType.uint32), uint32(value.value)]);
    case 'int32':
      return Buffer.concat([uint32(valueType.int32), int32s([value.value])]);
    case 'float32': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(value.value);
      return Buffer.concat([uint32(valueType.float32), bytes]);
    }
    case 'bool':
      return Buffer.concat([uint32(valueType.bool), Buffer.from([value.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([uint32(valueType.string), string(value.value)]);
    case 'strings':
      return Buffer.concat([arrayOf(valueType.string, value.value.length), ...value.value.map(string)]);
    case 'int32s':
      return Buffer.concat([arrayOf(valueType.int32, value.value.length), int32s(value.value)]);
  }
}

function arrayOf(type: number, length: number): Buffer {
  return Buffer.concat([uint32(valueType.array), uint32(type), uint64(length)]);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function int32s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeInt32LE(value, index * 4);
  });
  return bytes;
}
