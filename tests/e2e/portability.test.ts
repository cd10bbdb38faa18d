import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { seriousFindingsInBothThemes } from '../testkit/axe.ts';
import { phone, startBrowser } from '../testkit/browser.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { askFor } from '../testkit/graph.ts';
import { takePicture } from '../testkit/pictures.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const patient = { timeout: 30_000 };

/** Two conversations as ChatGPT exports them: one whole, one of nothing. */
const chatGpt = [
  {
    title: 'About lighthouses',
    create_time: 1_700_000_000.5,
    update_time: 1_700_000_100.5,
    conversation_id: '6f9b2f0e-1111-4222-8333-444455556666',
    current_node: 'b',
    mapping: {
      root: { id: 'root', parent: null, children: ['a'], message: null },
      a: { id: 'a', parent: 'root', children: ['b'], message: said('user', 'Who built the first lighthouse?') },
      b: { id: 'b', parent: 'a', children: [], message: said('assistant', 'Pharos, by Sostratus of Cnidus.') },
    },
  },
  { title: 'Nothing in it', create_time: 1_700_000_000, conversation_id: 'empty', mapping: { a: 7 } },
];

function said(role: string, text: string) {
  return {
    author: { role },
    create_time: 1_700_000_000,
    content: { content_type: 'text', parts: [text] },
    metadata: {},
  };
}

const fileOf = (name: string, value: unknown) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(JSON.stringify(value)),
});

async function countSessions(url: string): Promise<number> {
  return (await askFor<{ sessions: { totalCount: number } }>(url, '{ sessions { totalCount } }')).sessions.totalCount;
}

describe('a person who moves in', () => {
  it('is told what would become of each conversation, brings them in, and a second time nothing is doubled', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await page.getByRole('button', { name: 'Import and export' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import and export' });
    await dialog.getByText('Choose a file, or drop it here').waitFor();
    await takePicture(page, 'portability');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);

    const choose = dialog.locator('input[type=file]');
    await choose.setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{"a":') });
    await dialog.getByRole('alert').waitFor();
    await choose.setInputFiles(fileOf('conversations.json', chatGpt));
    await dialog.getByText('1 conversation can be imported, 1 cannot be. Nothing is stored yet.').waitFor();
    const report = dialog.getByRole('region', { name: 'Report' });
    await takePicture(page, 'portability-report');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    const failed = report.getByRole('listitem').first();
    expect(await failed.getByRole('img', { name: 'Cannot be imported' }).count()).toBe(1);
    expect(((await failed.textContent()) ?? '').replace('Nothing in it', '').trim().length).toBeGreaterThan(10);
    expect(await countSessions(url)).toBe(0);

    await dialog.getByRole('button', { name: 'Import 1 conversation' }).click();
    await dialog.getByText('1 conversation was imported').waitFor();
    await report.getByRole('link', { name: 'About lighthouses' }).click();
    await chat.conversation('About lighthouses').waitFor();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Pharos, by Sostratus of Cnidus.');
    await chat.send('And the second?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('You said: And the second?');

    await drop(page, fileOf('conversations.json', chatGpt));
    await dialog.getByText(/^0 conversations can be imported, 1 is skipped/).waitFor();
    expect(await dialog.getByRole('button', { name: /^Import \d/ }).count()).toBe(0);
    expect(await countSessions(url)).toBe(1);
  });

  it('takes a conversation along, and everything, and has it back on another portal', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine({ script: () => 'It *turns*.' }) });
    const page = await browser.open(url, phone);
    const chat = chatPage(page);
    await chat.composer.fill('What does a lighthouse do?');
    await chat.sendButton.click();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('It turns.');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await takePicture(page, 'portability-menu-phone');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    const [markdown] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export as Markdown' }).click(),
    ]);
    expect(markdown.suggestedFilename()).toBe('What does a lighthouse do_.md');
    expect(await readFile(await markdown.path(), 'utf8')).toContain('It *turns*.');

    await page.getByRole('button', { name: 'Show the sidebar' }).click();
    await page.getByRole('button', { name: 'Import and export' }).click();
    const [everything] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /^Export as JSON/ }).click(),
    ]);
    const exported = JSON.parse(await readFile(await everything.path(), 'utf8'));
    expect(exported.sessions).toHaveLength(1);

    const other = await startPortal({ engine: createScriptedEngine() });
    const there = await browser.open(other.url, phone);
    await drop(there, fileOf('everything.json', exported));
    await there.getByRole('button', { name: 'Import 1 conversation' }).click();
    await there.getByRole('link', { name: 'What does a lighthouse do?' }).click();
    await expect.poll(() => chatPage(there).lastAnswerText(), patient).toContain('It turns.');
    expect(await there.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });
});

type Page = Awaited<ReturnType<typeof browser.open>>;

/** Drops a file anywhere on the page. */
async function drop(page: Page, { name, mimeType, buffer }: ReturnType<typeof fileOf>): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([text = '', fileName = '', type = '']) => {
      const data = new DataTransfer();
      data.items.add(new File([text], fileName, { type }));
      return data;
    },
    [buffer.toString(), name, mimeType],
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}
