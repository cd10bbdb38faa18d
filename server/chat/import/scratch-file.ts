import { mkdir, open, unlink } from 'node:fs/promises';
import path from 'node:path';

/** A file without a name: nobody else finds it, and its space is free again once it is closed or the process is gone. */
export interface ScratchFile {
  readonly fd: number;
  /** Bytes written. */
  size(): number;
  append(chunk: Buffer): Promise<void>;
  read(start: number, length: number): Promise<Buffer>;
  /** All of it from the beginning, in pieces that are never reused. */
  chunks(): AsyncGenerator<Buffer, void>;
  /** Empties it. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const chunkBytes = 256 * 1024;

export async function openScratchFile(dir: string): Promise<ScratchFile> {
  await mkdir(dir, { recursive: true });
  const name = path.join(dir, `.import-${crypto.randomUUID()}`);
  const handle = await open(name, 'wx+', 0o600);
  await unlink(name);
  let size = 0;

  async function read(start: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - start)));
    for (let filled = 0; filled < buffer.length; ) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, start + filled);
      if (bytesRead === 0) throw new Error('a scratch file is shorter than what was written to it');
      filled += bytesRead;
    }
    return buffer;
  }

  return {
    fd: handle.fd,
    size: () => size,
    read,
    async append(chunk) {
      for (let written = 0; written < chunk.length; ) {
        const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, size + written);
        written += bytesWritten;
      }
      size += chunk.length;
    },
    async *chunks() {
      for (let start = 0; start < size; start += chunkBytes) yield await read(start, chunkBytes);
    },
    async clear() {
      await handle.truncate(0);
      size = 0;
    },
    close: () => handle.close(),
  };
}
