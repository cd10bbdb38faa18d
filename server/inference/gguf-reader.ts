import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Why a file cannot be used, in one line for the person who put it there. */
export class GgufProblem extends Error {
  override readonly name = 'GgufProblem';
}

/** More is read of no file: the metadata of real models has 5 to 15 MB. */
const mostBytesRead = 24 << 20;
const chunkBytes = 256 << 10;

/** Reads a file forwards in pieces. Whatever its numbers say, no more is read or kept than the limits allow. */
export interface GgufReader {
  readonly size: number;
  readonly position: number;
  readonly remaining: number;
  /** Waits until `bytes` can be taken. Throws a GgufProblem where the file ends before. */
  fill(bytes: number): Promise<void>;
  /** Goes past `bytes`, which are not read where they are not in memory yet. */
  skip(bytes: number): void;
  /** Goes past texts that each begin with their length. */
  skipTexts(count: number): Promise<void>;
  /** These take what `fill` has brought; `bytes` are valid until the next fill. */
  uint32(): number;
  /** Throws a GgufProblem for a number that is not exact in JavaScript: no length or count is that large. */
  uint64(): number;
  bytes(length: number): Buffer;
}

/** Opens a regular file for `use`, and closes it again. Throws a GgufProblem for anything else. */
export async function withReader<Result>(path: string, use: (reader: GgufReader) => Promise<Result>): Promise<Result> {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new GgufProblem('It is not a regular file.');
    return await use(createReader(handle, stats.size));
  } finally {
    await handle.close();
  }
}

function createReader(handle: FileHandle, size: number): GgufReader {
  let buffer = Buffer.allocUnsafe(Math.min(size, chunkBytes));
  let chunk = buffer.subarray(0, 0);
  let chunkStart = 0;
  let at = 0;
  let bytesRead = 0;

  function take(bytes: number): number {
    const from = at;
    at += bytes;
    if (at > chunk.length) throw new RangeError('more is taken than was filled');
    return from;
  }

  return {
    size,
    get position() {
      return chunkStart + at;
    },
    get remaining() {
      return size - chunkStart - at;
    },
    fill,
    skip,
    async skipTexts(count) {
      for (let left = count; left > 0; ) {
        await fill(8);
        // A vocabulary has hundreds of thousands: those in memory are passed in one go, by a view that is quick.
        const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
        const lastLength = view.byteLength - 8;
        let next = at;
        for (; left > 0 && next <= lastLength; left--) {
          if (view.getUint32(next + 4, true) !== 0) throw tooLarge();
          next += 8 + view.getUint32(next, true);
        }
        skip(next - at);
      }
    },
    uint32: () => chunk.readUInt32LE(take(4)),
    uint64() {
      const from = take(8);
      const high = chunk.readUInt32LE(from + 4);
      if (high >= 0x200000) throw tooLarge();
      return high * 2 ** 32 + chunk.readUInt32LE(from);
    },
    bytes(length) {
      const from = take(length);
      return chunk.subarray(from, from + length);
    },
  };

  async function fill(bytes: number): Promise<void> {
    if (chunk.length - at >= bytes) return;
    const position = chunkStart + at;
    if (bytes > size - position) throw cutOff();
    const length = Math.min(Math.max(bytes, chunkBytes), size - position);
    bytesRead += length;
    if (bytesRead > mostBytesRead) throw new GgufProblem(`Its header is longer than ${mostBytesRead >> 20} MiB.`);
    if (buffer.length < length) buffer = Buffer.allocUnsafe(length);
    const { bytesRead: got } = await handle.read(buffer, 0, length, position);
    if (got < bytes) throw cutOff();
    chunk = buffer.subarray(0, got);
    chunkStart = position;
    at = 0;
  }

  function skip(bytes: number): void {
    if (bytes > size - chunkStart - at) throw cutOff();
    at += bytes;
  }
}

function cutOff(): GgufProblem {
  return new GgufProblem('The file ends in the middle of its header.');
}

function tooLarge(): GgufProblem {
  return new GgufProblem('A length or count in its header is impossibly large.');
}
