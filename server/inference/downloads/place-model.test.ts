import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { placeModel, prepareFolder } from './place-model.ts';

async function folder(parent = tmpdir()): Promise<string> {
  const created = await mkdtemp(path.join(parent, 'place-model-'));
  onTestFinished(() => rm(created, { recursive: true, force: true }));
  return created;
}

async function device(place: string): Promise<number> {
  return (await stat(place).catch(() => stat(tmpdir()))).dev;
}

/** A file system in memory that Linux has beside the disk. */
const shared = '/dev/shm';
const elsewhere = (await device(shared)) !== (await device(tmpdir()));

describe.each([
  ['on one file system', tmpdir(), true],
  ['across file systems', shared, elsewhere],
])('a whole file %s', (_name, parent, possible) => {
  it.runIf(possible)('gets its name, in a folder that may be new, and leaves nothing behind', async () => {
    const [data, models] = [await folder(), path.join(await folder(parent), 'models')];
    await writeFile(path.join(data, 'x.part'), 'model');
    await prepareFolder(models);
    await placeModel(path.join(data, 'x.part'), path.join(models, 'a.gguf'));
    expect(await readFile(path.join(models, 'a.gguf'), 'utf8')).toBe('model');
    expect([await readdir(data), await readdir(models)]).toEqual([[], ['a.gguf']]);
  });

  it.runIf(possible)('never replaces another, and stays where it was', async () => {
    const [data, models] = [await folder(), await folder(parent)];
    await writeFile(path.join(data, 'x.part'), 'model');
    await writeFile(path.join(models, 'a.gguf'), 'mine');
    const placed = placeModel(path.join(data, 'x.part'), path.join(models, 'a.gguf'));
    await expect(placed).rejects.toThrow('There is a file a.gguf in the models folder already.');
    expect(await readFile(path.join(models, 'a.gguf'), 'utf8')).toBe('mine');
    expect([await readdir(data), await readdir(models)]).toEqual([['x.part'], ['a.gguf']]);
  });

  it.runIf(possible)('of ten that want one name, one gets it', async () => {
    const [data, models] = [await folder(), await folder(parent)];
    await mkdir(models, { recursive: true });
    const placed = await Promise.allSettled(
      Array.from({ length: 10 }, async (_, index) => {
        const part = path.join(data, `${index}.part`);
        await writeFile(part, `model ${index}`);
        await placeModel(part, path.join(models, 'a.gguf'));
        return `model ${index}`;
      }),
    );
    const winners = placed.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(winners).toEqual([await readFile(path.join(models, 'a.gguf'), 'utf8')]);
    expect(await readdir(data)).toHaveLength(9);
  });
});
