import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { zipOf } from '../testkit/portability.ts';
import { startPortal } from '../testkit/portal.ts';

const run = promisify(execFile);

/** The lines of the first block of shell under a heading. */
function linesUnder(heading: string, file = 'README.md'): string[] {
  const text = readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8');
  const section = text.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section.split('```sh\n')[1]?.split('```')[0]?.trim().split('\n') ?? [];
}

const conversation = (id: string) => ({
  id,
  title: id,
  mapping: { n: { id: 'n', parent: null, message: { author: { role: 'user' }, content: { parts: [id] } } } },
});

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

it('what the docs tell of taking conversations out and in works, line by line as it stands there', async () => {
  const { url } = await startPortal();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'portability-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'conversations.json'), JSON.stringify([conversation('one'), conversation('two')]));
  writeFileSync(path.join(folder, 'chatgpt.zip'), await zipOf({ 'conversations.json': [conversation('three')] }));
  const ask = async (line: string | undefined) =>
    (await run('bash', ['-c', line?.replaceAll('http://127.0.0.1:8000', url) ?? 'exit 1'], { cwd: folder })).stdout;
  const [imported, tried] = linesUnder('In', 'docs/portability.md');
  expect(JSON.parse(await ask(imported))).toMatchObject({ imported: 2, failed: 0 });
  expect(JSON.parse(await ask(tried))).toMatchObject({ imported: 1, failed: 0 });
  const before = readdirSync(folder);
  await ask(linesUnder('Out', 'docs/portability.md')[0]);
  const [saved = ''] = readdirSync(folder).filter((name) => !before.includes(name));
  expect(saved).toMatch(/\.json$/);
  expect(JSON.parse(readFileSync(path.join(folder, saved), 'utf8')).sessions).toHaveLength(2);
});
