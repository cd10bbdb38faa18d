import path from 'node:path';
import { crc32 } from 'node:zlib';
import { fromFdPromise } from 'yauzl';
import { refuseFile } from './read-conversations.ts';

/** A JSON file of an archive. */
export interface ZipEntry {
  /** The last part of its name, for people; it is never a path. */
  name: string;
  /** Its content. Throws `invalid_input` where it is damaged, or grows past what an archive may hold. */
  chunks(): AsyncGenerator<Buffer, void>;
}

const zipLimits = {
  /** Files of any kind: exports hold pictures too, which are not looked at. */
  entries: 50_000,
  /** Bytes of all JSON files together, as they come out of the archive. */
  bytes: 512 * 1024 * 1024,
  /** How many times larger than in the archive a file may be; JSON that repeats itself much is some 30. */
  ratio: 200,
  /** Below so many bytes a ratio says nothing. */
  ratioFrom: 1024 * 1024,
} as const;

/**
 * The JSON files of a zip archive, in its order. Sizes are those that come out, not those that the archive states. Throws
 * `invalid_input` where it is no archive or past `zipLimits`.
 */
export async function* zipEntries(fd: number): AsyncGenerator<ZipEntry, void> {
  const archive = await fromFdPromise(fd, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw damaged(error);
  });
  if (archive.entryCount > zipLimits.entries) throw refuseFile(`holds more than ${zipLimits.entries} files`);
  const entries = archive.eachEntry();
  let total = 0;
  for (;;) {
    const { value: entry, done } = await entries.next().catch((error: unknown) => {
      throw damaged(error);
    });
    if (done === true) return;
    const name = path.posix.basename(entry.fileName).slice(0, 255);
    if (!name.toLowerCase().endsWith('.json') || name.startsWith('._')) continue;
    yield {
      name,
      async *chunks() {
        let [size, checksum] = [0, 0];
        try {
          const stream = await archive.openReadStreamPromise(entry);
          for await (const chunk of stream as AsyncIterable<Buffer>) {
            size += chunk.length;
            total += chunk.length;
            if (total > zipLimits.bytes) throw refuseFile(`holds more than ${zipLimits.bytes} bytes of JSON`);
            if (size > zipLimits.ratioFrom && size > entry.compressedSize * zipLimits.ratio) {
              throw refuseFile(`is packed more than ${zipLimits.ratio} times`);
            }
            checksum = crc32(chunk, checksum);
            yield chunk;
          }
        } catch (error) {
          throw damaged(error);
        }
        if (checksum !== entry.crc32) throw damaged(new Error(`the checksum of ${name} is another`));
      },
    };
  }
}

function damaged(error: unknown): unknown {
  if (!(error instanceof Error) || error.name === 'PortalError') return error;
  return refuseFile(`is no zip archive that can be read: ${error.message}`);
}
