import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const recordShape = z.object({
  id: z.uuid(),
  name: z.string(),
  status: z.enum(['running', 'complete', 'cancelled', 'failed']),
  error: z.string().nullable(),
  receivedBytes: z.number(),
  totalBytes: z.number().nullable(),
  sha256: z.string().nullable(),
  etag: z.string().nullable(),
  startedAt: z.number(),
});

/** What is kept of a download: enough to show it after a restart, and to go on. */
export type DownloadRecord = z.infer<typeof recordShape>;

/** Records and what has arrived so far, as files of one folder: `<id>.json` and `<id>.part`. */
export interface DownloadRecords {
  /** Oldest first. What cannot be read, and parts that belong to none, are removed. */
  load(): Promise<DownloadRecord[]>;
  save(record: DownloadRecord): Promise<void>;
  /** With what has arrived. */
  remove(id: string): Promise<void>;
  partOf(id: string): string;
}

export function createDownloadRecords(folder: string): DownloadRecords {
  const fileOf = (id: string) => path.join(folder, `${id}.json`);
  const partOf = (id: string) => path.join(folder, `${id}.part`);

  async function read(file: string): Promise<DownloadRecord | null> {
    try {
      return recordShape.parse(JSON.parse(await readFile(path.join(folder, file), 'utf8')));
    } catch {
      return null;
    }
  }

  return {
    partOf,

    async load() {
      const files = await readdir(folder).catch(() => []);
      const records: DownloadRecord[] = [];
      for (const file of files) {
        const record = file.endsWith('.json') ? await read(file) : null;
        if (record !== null && file === `${record.id}.json`) records.push(record);
      }
      const known = new Set(records.flatMap(({ id }) => [`${id}.json`, `${id}.part`]));
      for (const file of files) {
        if (!known.has(file)) await rm(path.join(folder, file), { force: true, recursive: true });
      }
      return records.sort((a, b) => a.startedAt - b.startedAt);
    },

    async save(record) {
      await mkdir(folder, { recursive: true });
      const temporary = `${fileOf(record.id)}.new`;
      await writeFile(temporary, JSON.stringify(record));
      await rename(temporary, fileOf(record.id));
    },

    async remove(id) {
      await rm(partOf(id), { force: true });
      await rm(fileOf(id), { force: true });
    },
  };
}
