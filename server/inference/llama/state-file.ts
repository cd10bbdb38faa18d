import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { setImmediate as nextCycle } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

/**
 * What stands behind the bytes that llama.cpp wrote, which it takes on trust when it reads them: a magic, the length and
 * the CRC-32 of what comes before, the tokens in it, and the fingerprint of the model and settings that it belongs to.
 */
const magic = Buffer.from('PKTSTATE');
const version = 1;
const fingerprintBytes = 32;
const trailerBytes = magic.length + 4 + 8 + 4 + 4 + fingerprintBytes;
const pieceBytes = 4 << 20;

/** Completes a file that llama.cpp wrote. */
export async function sealStateFile(file: string, tokens: number, fingerprint: Buffer): Promise<void> {
  const handle = openSync(file, 'r+');
  try {
    const { size } = fstatSync(handle);
    const trailer = Buffer.alloc(trailerBytes);
    let at = magic.copy(trailer);
    at = trailer.writeUInt32LE(version, at);
    at = trailer.writeBigUInt64LE(BigInt(size), at);
    at = trailer.writeUInt32LE(await checksum(handle, size), at);
    at = trailer.writeUInt32LE(tokens, at);
    fingerprint.copy(trailer, at);
    writeSync(handle, trailer, 0, trailer.length, size);
  } finally {
    closeSync(handle);
  }
}

/** Whether the file is whole, of this model and these settings, and holds no more than `mostTokens`. */
export async function isStateFile(file: string, mostTokens: number, fingerprint: Buffer): Promise<boolean> {
  const handle = openSync(file, 'r');
  try {
    const size = fstatSync(handle).size - trailerBytes;
    if (size <= 0) return false;
    const trailer = Buffer.alloc(trailerBytes);
    if (readSync(handle, trailer, 0, trailerBytes, size) !== trailerBytes) return false;
    if (!trailer.subarray(0, magic.length).equals(magic)) return false;
    if (!trailer.subarray(-fingerprintBytes).equals(fingerprint)) return false;
    let at = magic.length;
    if (trailer.readUInt32LE(at) !== version) return false;
    at += 4;
    if (trailer.readBigUInt64LE(at) !== BigInt(size)) return false;
    at += 8;
    const sum = trailer.readUInt32LE(at);
    at += 4;
    return trailer.readUInt32LE(at) <= mostTokens && sum === (await checksum(handle, size));
  } finally {
    closeSync(handle);
  }
}

/**
 * Read here and now, a piece at a time: this process has one thread for files and for decoding, and what waits for a
 * decode would wait once a piece.
 */
async function checksum(handle: number, size: number): Promise<number> {
  const piece = Buffer.allocUnsafe(Math.min(size, pieceBytes));
  let sum = 0;
  for (let at = 0; at < size; ) {
    const length = readSync(handle, piece, 0, Math.min(piece.length, size - at), at);
    if (length === 0) throw new Error('the file became shorter while it was read');
    sum = crc32(piece.subarray(0, length), sum);
    at += length;
    if (at < size) await nextCycle();
  }
  return sum;
}
