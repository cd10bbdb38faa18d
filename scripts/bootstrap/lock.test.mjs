import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { holdLock } from './lock.mjs';

const checkout = () => mkdtempSync(path.join(tmpdir(), 'checkout-'));

describe('holdLock', () => {
  it('lets one in at a time, in any order, and everyone in the end', async () => {
    const root = checkout();
    let inside = 0;
    let most = 0;
    const visits = Array.from({ length: 20 }, async () => {
      const release = await holdLock(root);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
      release();
    });
    await Promise.all(visits);
    expect(most).toBe(1);
  });

  it('passes on when its holder is killed', async () => {
    const root = checkout();
    const script = `import { holdLock } from ${JSON.stringify(new URL('./lock.mjs', import.meta.url).href)};
      await holdLock(${JSON.stringify(root)});
      process.stdout.write('held');`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await once(holder.stdout, 'data');
    let passedOn = false;
    const waiting = holdLock(root).then((release) => {
      passedOn = true;
      release();
    });
    const other = await holdLock(checkout());
    other();
    expect(passedOn).toBe(false);
    holder.kill('SIGKILL');
    await waiting;
  });
});
