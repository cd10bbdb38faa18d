import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { curatedModels } from './curated-models.ts';
import { curatedName, sourceOf } from './model-source.ts';

describe('the curated catalogue', () => {
  it.each(curatedModels)('$file is pinned, and its name is one that is told apart', (model) => {
    expect(model.revision).toMatch(/^[0-9a-f]{40}$/);
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    // What its address would be by hand is accepted too.
    expect(sourceOf(`hf:${model.repository}/${model.file}`, [])).toMatchObject({ file: model.file, sha256: null });
    expect(sourceOf(curatedName(model), curatedModels)).toMatchObject({
      sha256: model.sha256,
      revision: model.revision,
    });
  });

  it('names no file twice, in any case, and grows', () => {
    expect(new Set(curatedModels.map(({ file }) => file.toLowerCase())).size).toBe(curatedModels.length);
    const sizes = curatedModels.map(({ sizeBytes }) => sizeBytes);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  });

  it('is the table of models/README.md', () => {
    const readme = readFileSync(path.join(import.meta.dirname, '../../../models/README.md'), 'utf8');
    const rows = readme.match(/^\| `[^`]+`.*$/gm) ?? [];
    const told = rows.map((row) =>
      row
        .split('|')
        .map((cell) => cell.trim().replaceAll('`', ''))
        .slice(1, 4),
    );
    expect(told).toEqual(
      curatedModels.map((model) => [curatedName(model), `${(model.sizeBytes / 1e9).toFixed(1)} GB`, model.license]),
    );
  });
});
