import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { malformedGgufFiles, tinyGguf } from '../../tests/testkit/malformed-gguf.ts';
import { readGgufHeader } from './gguf-header.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gguf-header-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Buffer) {
  const file = path.join(folder, 'model.gguf');
  await writeFile(file, bytes);
  return readGgufHeader([file]);
}

describe('readGgufHeader', () => {
  it('tells what a model is', async () => {
    const { header } = await read(
      tinyGguf({
        'general.file_type': { type: 'uint32', value: 15 },
        'tokenizer.chat_template': { type: 'string', value: '{{ messages }}' },
      }),
    );
    expect(header).toEqual({
      name: 'Tiny',
      architecture: 'llama',
      parameterCount: 256,
      parameters: '256',
      quantization: 'Q4_K_M',
      contextLength: 128,
      chatTemplate: '{{ messages }}',
      vocabularySize: 8,
      kvBytesPerToken: 2 * 16 * 2,
    });
  });

  it('takes the type of most weights where the file does not name one', async () => {
    expect((await read(tinyGguf())).header?.quantization).toBe('F32');
  });

  it.each(malformedGgufFiles())('refuses $name within 100 ms, in one line', async ({ bytes }) => {
    const tookMs: number[] = [];
    for (let time = 0; time < 3; time++) {
      const started = performance.now();
      await read(bytes);
      tookMs.push(performance.now() - started);
    }
    expect(Math.min(...tookMs)).toBeLessThan(100);
    const { header, problem } = await read(bytes);
    expect(header).toBeNull();
    expect(problem).toMatch(/^[^\n]{10,200}$/);
  });

  it('refuses a vocabulary that never ends, in a file that has the room for it', async () => {
    const file = path.join(folder, 'sparse.gguf');
    const start = Buffer.from('GGUF\x03\0\0\0', 'latin1');
    const counts = Buffer.alloc(16);
    counts.writeBigUInt64LE(1n, 8);
    const array = Buffer.alloc(8 + 1 + 4 + 4 + 8);
    array.writeBigUInt64LE(1n);
    array.write('k', 8);
    array.writeUInt32LE(9, 9);
    array.writeUInt32LE(8, 13);
    array.writeBigUInt64LE(2n ** 36n, 17);
    await writeFile(file, Buffer.concat([start, counts, array]));
    await truncate(file, 2 ** 40);
    const { problem } = await readGgufHeader([file]);
    expect(problem).toBe('Its header is longer than 24 MiB.');
  });

  it('says what it is where it is no file', async () => {
    expect((await readGgufHeader([folder])).problem).toBe('It is not a regular file.');
    expect((await readGgufHeader([path.join(folder, 'none')])).problem).toBe('It cannot be read (ENOENT).');
  });
});
