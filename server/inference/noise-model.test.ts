import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGgufHeader } from './gguf-header.ts';
import { writeNoiseModel } from './noise-model.ts';
import { buildNoiseVocabulary } from './noise-vocabulary.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'noise-model-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function digest(name: string, options: Parameters<typeof writeNoiseModel>[1]): Promise<string> {
  const file = path.join(folder, name);
  await writeNoiseModel(file, options);
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

describe('writeNoiseModel', () => {
  const small = { width: 64, feedForward: 128, vocabulary: 600 };

  it('writes the same bytes for the same options, and others for another seed', async () => {
    const first = await digest('1.gguf', small);
    expect(await digest('2.gguf', small)).toBe(first);
    expect(await digest('3.gguf', { ...small, seed: 2 })).not.toBe(first);
  });

  it.each(['F32', 'F16', 'Q8_0'] as const)('writes a whole model in %s', async (quantization) => {
    const file = path.join(folder, `${quantization}.gguf`);
    await writeNoiseModel(file, { ...small, quantization });
    const { header, problem } = await readGgufHeader([file]);
    expect(problem).toBeNull();
    expect(header).toMatchObject({ architecture: 'llama', quantization, vocabularySize: 600, contextLength: 4096 });
  });

  it('has one matrix less where reading and writing share one', async () => {
    const count = async (tied: boolean) => {
      const file = path.join(folder, `tied-${tied}.gguf`);
      await writeNoiseModel(file, { ...small, tied });
      return (await readGgufHeader([file])).header?.parameterCount ?? 0;
    };
    expect((await count(false)) - (await count(true))).toBe(64 * 600);
  });

  it('refuses a shape that cannot be, and leaves nothing behind', async () => {
    const before = await readdir(folder);
    await expect(writeNoiseModel(path.join(folder, 'bad.gguf'), { width: 65 })).rejects.toThrow(RangeError);
    await expect(writeNoiseModel(path.join(folder, 'bad.gguf'), { heads: 3 })).rejects.toThrow(RangeError);
    expect(await readdir(folder)).toEqual(before);
  });
});

describe('buildNoiseVocabulary', () => {
  it.each([512, 4096, 151_936])('has %i tokens, each once, each merged from two earlier ones', (size) => {
    const { tokens, merges, kinds } = buildNoiseVocabulary(size);
    expect(tokens).toHaveLength(size);
    expect(kinds).toHaveLength(size);
    expect(new Set(tokens).size).toBe(size);
    const known = new Set(tokens.slice(0, 256));
    merges.forEach((merge, index) => {
      const [left = '', right = ''] = merge.split(' ');
      if (!known.has(left) || !known.has(right)) throw new Error(`${merge} merges what is not there`);
      known.add(left + right);
      if (tokens[256 + index] !== left + right) throw new Error(`${merge} does not give its token`);
    });
  });
});
