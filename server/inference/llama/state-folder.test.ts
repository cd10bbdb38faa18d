import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStateFolder, removeStates, type StateFolderOptions, sharedKey } from './state-folder.ts';

const fingerprint = createHash('sha256').update('a model').digest();

async function createFolder(changes: Partial<StateFolderOptions> = {}) {
  const dir = path.join(await mkdtemp(path.join(tmpdir(), 'states-')), 'states');
  onTestFinished(() => rm(path.dirname(dir), { recursive: true, force: true }));
  const open = (more: Partial<StateFolderOptions> = {}) =>
    openStateFolder({ dir, maxBytes: 10_000, fingerprint, mostTokens: 100, ...changes, ...more });
  const folder = open();
  const save = (key: string, bytes = 1000, tokens = 10) =>
    folder.save(key, tokens, (file) => writeFile(file, Buffer.alloc(bytes, key)));
  const load = async (key: string, from = folder) => {
    let text: string | null = null;
    const found = await from.load(key, async (file) => {
      text = (await readFile(file)).subarray(0, key.length).toString();
    });
    expect(found).toBe(text !== null);
    return text;
  };
  const names = () => readdir(dir);
  /** Makes the file of the key the one that was used longest ago. */
  const age = async (index: number) => {
    const [name = ''] = (await names()).slice(index);
    await utimes(path.join(dir, name), 1, 1);
  };
  return { dir, open, folder, save, load, names, age };
}

describe('openStateFolder', () => {
  it('gives back what was saved, also after a restart', async () => {
    const { save, load, open } = await createFolder();
    await save('one');
    await save('two');
    expect(await load('one')).toBe('one');
    expect(await load('one', open())).toBe('one');
    expect(await load('two', open())).toBe('two');
    expect(await load('three')).toBeNull();
  });

  it('is for its owner alone, and its names tell nothing', async () => {
    const { dir, save, names } = await createFolder();
    await save('my secret conversation');
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    const [name = ''] = await names();
    expect((await stat(path.join(dir, name))).mode & 0o777).toBe(0o600);
    expect(name).toMatch(/^[0-9a-f]{32}-[0-9a-f]{16}\.state$/);
  });

  it('stays within its budget: the least recently used goes first, the shared one never', async () => {
    const { save, load, names, age } = await createFolder({ maxBytes: 3500 });
    await save(sharedKey, 2000);
    for (const key of ['a', 'b', 'c']) await save(key);
    expect(await names()).toHaveLength(4);
    for (let index = 0; index < 4; index++) await age(index);
    expect(await load('a')).toBe('a');
    await save('d', 1800);
    expect(await load('a')).toBe('a');
    expect(await load('b')).toBeNull();
    expect(await load('c')).toBeNull();
    expect(await load('d')).toBe('d');
    expect(await load(sharedKey)).toBe(sharedKey);
    await save('a', 5000);
    expect(await load('a')).toBeNull();
    expect(await load('d')).toBe('d');
  });

  it('keeps nothing but the shared one where the budget is 0', async () => {
    const { save, load } = await createFolder({ maxBytes: 0 });
    await save('a');
    await save(sharedKey);
    expect(await load('a')).toBeNull();
    expect(await load(sharedKey)).toBe(sharedKey);
  });

  it.each([
    ['cut short', (file: string) => truncate(file, 700)],
    ['cut to nothing', (file: string) => truncate(file, 0)],
    ['longer', (file: string) => writeFile(file, 'more', { flag: 'a' })],
    [
      'changed in one bit',
      async (file: string) => {
        const bytes = await readFile(file);
        bytes[500] = (bytes[500] ?? 0) ^ 1;
        await writeFile(file, bytes);
      },
    ],
    ['something else', (file: string) => writeFile(file, 'GGUF'.repeat(500))],
  ])('ignores and removes a file that is %s', async (_, damage) => {
    const { dir, save, load, names } = await createFolder();
    await save('a');
    const [name = ''] = await names();
    await damage(path.join(dir, name));
    expect(await load('a')).toBeNull();
    expect(await names()).toEqual([]);
  });

  it('ignores and removes states of other settings, also under a name of ours, and of more tokens than fit', async () => {
    const { dir, save, load, open, names } = await createFolder();
    await save('a', 1000, 50);
    expect(await load('a', open({ fingerprint: createHash('sha256').update('another').digest() }))).toBeNull();
    const sameName = Buffer.from(fingerprint);
    sameName.writeUInt8(1 ^ (sameName[31] ?? 0), 31);
    expect(await load('a', open({ fingerprint: sameName }))).toBeNull();
    expect(await names()).toEqual([]);
    await save('a', 1000, 50);
    expect(await load('a', open({ mostTokens: 49 }))).toBeNull();
    expect(await readdir(dir)).toEqual([]);
  });

  it('leaves nothing behind where writing or reading fails, and throws', async () => {
    const { folder, save, names } = await createFolder();
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const failing = folder.save('a', 1, async (file) => {
      await writeFile(file, 'half');
      throw full;
    });
    await expect(failing).rejects.toBe(full);
    expect(await names()).toEqual([]);
    await save('a');
    await expect(folder.load('a', () => Promise.reject(full))).rejects.toBe(full);
    expect(await names()).toEqual([]);
  });

  it('removes at its start what a process that died was writing, and what it died of reading', async () => {
    const { dir, save, folder, open, load, names } = await createFolder();
    await save('kept');
    await save('deadly');
    await writeFile(path.join(dir, 'x.state.1.1.part'), 'half');
    // Reading that never ends stands for a process that died of it.
    void folder.load('deadly', () => new Promise(() => {}));
    await expect.poll(async () => (await names()).some((name) => name.endsWith('.reading'))).toBe(true);
    const next = open();
    expect(await names()).toHaveLength(1);
    expect(await load('deadly', next)).toBeNull();
    expect(await load('kept', next)).toBe('kept');
  });

  it('removes all states of a key, of every model', async () => {
    const { dir, save, open, load } = await createFolder();
    await save('conversation a');
    await save('conversation b');
    const other = open({ fingerprint: createHash('sha256').update('another').digest() });
    await other.save('conversation a', 1, (file) => writeFile(file, 'x'));
    removeStates(dir, 'conversation a');
    expect(await load('conversation a')).toBeNull();
    expect(await load('conversation a', other)).toBeNull();
    expect(await load('conversation b')).toBe('conversation b');
    removeStates(path.join(dir, 'none'), 'conversation a');
  });
});
