import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startPortal } from '../testkit/portal.ts';

const run = promisify(execFile);

/** The lines of the first block of shell under a heading. */
function linesUnder(heading: string): string[] {
  const readme = readFileSync(path.join(import.meta.dirname, '../../README.md'), 'utf8');
  const section = readme.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section.split('```sh\n')[1]?.split('```')[0]?.trim().split('\n') ?? [];
}

it('what the README tells programs to ask is answered, line by line as it stands there', async () => {
  const { url } = await startPortal();
  const [streamed, completed, searched] = await linesUnder('For programs').reduce<Promise<string[]>>(
    async (before, line) => {
      const outputs = await before;
      const { stdout } = await run('bash', ['-c', line.replaceAll('http://localhost:8000', url)]);
      return [...outputs, stdout];
    },
    Promise.resolve([]),
  );
  expect(streamed).toContain('event: conversation_created');
  expect(streamed?.trim().split('\n\n').at(-1)).toContain('event: done');
  expect(JSON.parse(completed ?? '')).toMatchObject({
    object: 'chat.completion',
    choices: [{ finish_reason: 'stop' }],
  });
  expect(JSON.parse(searched ?? '').total_results).toBeGreaterThan(0);
});
