import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { malformedGgufFiles, tinyGguf } from '../../tests/testkit/malformed-gguf.ts';
import { type CatalogOptions, createCatalog } from './catalog.ts';
import { noiseNotice } from './noise-model.ts';

let root = '';
let dir = '';
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'catalog-'));
  dir = path.join(root, 'models');
  await mkdir(dir);
  onTestFinished(() => rm(root, { recursive: true, force: true }));
});

function openCatalog(
  config: Partial<CatalogOptions['config']> = {},
  memoryBytes: number | null = null,
  guideFile: string | null = null,
) {
  const logger = pino({ level: 'silent' });
  return createCatalog({
    config: { dir, preferred: null, embedding: null, sequences: 2, contextLength: null, ...config },
    dataDir: path.join(root, 'data'),
    guideFile,
    logger,
    memoryBytes,
  });
}

const put = (name: string, bytes = tinyGguf()) => writeFile(path.join(dir, name), bytes);

describe('createCatalog', () => {
  it('lists models by the names of their files, broken ones with the reason', async () => {
    await put('good.gguf');
    await put('bad.gguf', Buffer.from('not a model, whatever its name says'));
    await put('notes.txt');
    const models = await openCatalog().list();
    expect(models.map(({ name, problem }) => [name, problem])).toEqual([
      ['bad', 'It is not a GGUF file.'],
      ['good', null],
    ]);
    expect(models[1]).toMatchObject({ header: { name: 'Tiny' }, notice: null });
    expect(models[1]?.memoryEstimateBytes).toBeGreaterThan(128 * 2 * 64);
  });

  it('offers the model of noise, and says so, only while there is no other', async () => {
    await put('bad.gguf', Buffer.from('not a model'));
    const catalog = openCatalog();
    expect(await catalog.defaultModel()).toMatchObject({ name: 'built-in-noise', problem: null, notice: noiseNotice });
    await put('good.gguf');
    expect((await catalog.list()).map(({ name }) => name)).toEqual(['bad', 'good']);
    expect((await catalog.defaultModel())?.name).toBe('good');
  });

  it('says of a model that this machine can never hold how much it takes, and how much there is', async () => {
    await put('good.gguf');
    const [small] = await openCatalog({}, 100e6).list();
    expect(small?.problem).toBeNull();
    const [large] = await openCatalog({}, 50e6).list();
    expect(large?.problem).toBe('It takes at least 0.1 GB of memory; this machine has 0.1 GB for models.');
    expect(large?.header).not.toBeNull();
    expect((await openCatalog({}, null).list())[0]?.problem).toBeNull();
  });

  it('has the built-in guide among its models, says what it is, and takes it only when alone', async () => {
    const guide = path.join(root, 'pocket-guide.gguf');
    await writeFile(guide, tinyGguf());
    const catalog = openCatalog({}, null, guide);
    const alone = await catalog.defaultModel();
    expect(alone).toMatchObject({ name: 'pocket-guide', path: guide, problem: null });
    expect(alone?.notice).toMatch(
      /^Built-in guide, [\d.]+ million parameters: knows this portal and small talk; add a /,
    );
    await put('good.gguf');
    await utimes(path.join(dir, 'good.gguf'), 1, 1);
    expect((await catalog.list()).map(({ name }) => name)).toEqual(['good', 'pocket-guide']);
    expect(await catalog.defaultModel()).toMatchObject({ name: 'good', notice: null });
    expect((await openCatalog({ preferred: 'pocket-guide' }, null, guide).defaultModel())?.path).toBe(guide);
  });

  it('lists the built-in guide once where the models folder is its own', async () => {
    await put('pocket-guide.gguf');
    const guide = path.join(dir, 'pocket-guide.gguf');
    const listed = await openCatalog({}, null, guide).list();
    expect(listed.map(({ name, path }) => [name, path])).toEqual([['pocket-guide', guide]]);
    const elsewhere = path.join(root, 'pocket-guide.gguf');
    await writeFile(elsewhere, tinyGguf());
    expect((await openCatalog({}, null, elsewhere).list()).map(({ path }) => path)).toEqual([elsewhere]);
  });

  it('works without a models folder', async () => {
    expect((await openCatalog({ dir: path.join(root, 'none') }).list()).map(({ name }) => name)).toEqual([
      'built-in-noise',
    ]);
  });

  it('takes the newest usable model where none is configured', async () => {
    await put('a.gguf');
    await put('b.gguf');
    await put('c.gguf', Buffer.from('broken'));
    await utimes(path.join(dir, 'b.gguf'), 1, 1);
    expect((await openCatalog().defaultModel())?.name).toBe('a');
  });

  it('takes the model for embeddings only where no other can answer', async () => {
    await put('embedder.gguf');
    expect((await openCatalog({ embedding: 'embedder' }).defaultModel())?.name).toBe('embedder');
    await put('older.gguf');
    await utimes(path.join(dir, 'older.gguf'), 1, 1);
    expect((await openCatalog({ embedding: 'embedder' }).defaultModel())?.name).toBe('older');
  });

  it('has no default where the configured model is missing or broken, and says why', async () => {
    await put('other.gguf');
    await put('broken.gguf', Buffer.from('broken'));
    expect(await openCatalog({ preferred: 'other' }).defaultProblem()).toBeNull();
    const missing = openCatalog({ preferred: 'mine' });
    expect(await missing.defaultModel()).toBeNull();
    expect(await missing.defaultProblem()).toBe('MODEL names mine, which is not in the models folder.');
    expect(await openCatalog({ preferred: 'broken' }).defaultProblem()).toMatch(/^MODEL names broken: /);
  });

  it('sees a changed file, and does not open one that has not changed', async () => {
    await put('model.gguf');
    const file = path.join(dir, 'model.gguf');
    await utimes(file, 4, 4);
    const catalog = openCatalog();
    expect((await catalog.find('model'))?.problem).toBeNull();
    await put('model.gguf', Buffer.alloc(tinyGguf().length));
    await utimes(file, 4, 4);
    expect((await catalog.find('model'))?.problem).toBeNull();
    await utimes(file, 5, 5);
    expect((await catalog.find('model'))?.problem).toBe('It is not a GGUF file.');
  });

  it('lists a model in parts once, and says which part is missing', async () => {
    await put('big-00001-of-00002.gguf', tinyGguf({ 'split.count': { type: 'uint32', value: 2 } }));
    expect(await openCatalog().find('big-00001-of-00002')).toMatchObject({ problem: 'Part 2 of 2 is missing.' });
    await put('big-00002-of-00002.gguf', tinyGguf());
    expect((await openCatalog().list()).map(({ name, problem }) => [name, problem])).toEqual([
      ['big-00001-of-00002', null],
    ]);
  });

  it('follows links to files elsewhere, and refuses what is no file', async () => {
    await writeFile(path.join(root, 'elsewhere.bin'), tinyGguf());
    await symlink(path.join(root, 'elsewhere.bin'), path.join(dir, 'linked.gguf'));
    await symlink(path.join(root, 'nothing'), path.join(dir, 'dangling.gguf'));
    await mkdir(path.join(dir, 'folder.gguf'));
    execFileSync('mkfifo', [path.join(dir, 'pipe.gguf')]);
    expect((await openCatalog().list()).map(({ name, problem }) => [name, problem])).toEqual([
      ['folder', 'It is not a regular file.'],
      ['linked', null],
      ['pipe', 'It is not a regular file.'],
    ]);
  });

  it('lists a folder of malformed files, each with its reason', async () => {
    const files = malformedGgufFiles();
    for (const { name, bytes } of files) await put(`${name}.gguf`, bytes);
    const listed = (await openCatalog().list()).filter(({ name }) => name !== 'built-in-noise');
    expect(files.length).toBeGreaterThanOrEqual(28);
    expect(listed).toHaveLength(files.length);
    expect(listed.filter(({ problem }) => problem === null)).toEqual([]);
  });
});
