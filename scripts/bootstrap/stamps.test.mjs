import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createStamps } from './stamps.mjs';

const step = { name: 'web', inputs: ['web', 'package-lock.json'], outputs: ['dist/index.html'] };
let root;
let stamps;

const write = (file, content) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), content);
};

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'checkout-'));
  stamps = createStamps(root);
  write('web/src/app.tsx', 'app');
  write('package-lock.json', '{}');
  const done = stamps.begin(step);
  write('dist/index.html', 'built');
  done();
});

describe('stamps', () => {
  it('a step is current while no content has changed, whatever the clock says', () => {
    expect(stamps.isCurrent(step)).toBe(true);
    utimesSync(path.join(root, 'web/src/app.tsx'), new Date(), new Date());
    write('web/src/app.test.tsx', 'a test');
    expect(stamps.isCurrent(step)).toBe(true);
  });

  it.each([
    ['a changed file', () => write('web/src/app.tsx', 'App')],
    ['a new file', () => write('web/src/new.ts', '')],
    ['a renamed file', () => renameSync(path.join(root, 'web/src/app.tsx'), path.join(root, 'web/src/main.tsx'))],
    ['a missing output', () => rmSync(path.join(root, 'dist/index.html'))],
    ['a run that did not end', () => stamps.begin(step)],
  ])('%s makes it stale', (_, change) => {
    change();
    expect(stamps.isCurrent(step)).toBe(false);
  });

  it('what changes while the step runs is not counted as done', () => {
    const done = stamps.begin(step);
    write('web/src/app.tsx', 'changed meanwhile');
    done();
    expect(stamps.isCurrent(step)).toBe(false);
  });
});
