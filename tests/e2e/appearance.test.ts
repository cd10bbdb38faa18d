import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { seriousFindings } from '../testkit/axe.ts';
import { phone, startBrowser } from '../testkit/browser.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const root = path.join(import.meta.dirname, '../..');
const pictures = path.join(root, 'test-results/screens');

const code = `Here is a server in a few lines:

\`\`\`ts
import { createServer } from 'node:http';

createServer((request, response) => {
  response.end(\`Hello, \${request.url}\`);
}).listen(8000);
\`\`\`

It listens on port **8000** and answers every request with its path.

| Method | Meaning |
| --- | --- |
| \`listen\` | opens the port |
| \`end\` | sends the answer |

1. Save it as \`server.ts\`.
2. Run \`npx tsx server.ts\`.
3. Open <http://localhost:8000/you>.`;

const looks = {
  'desktop-light': { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  'desktop-dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  'phone-light': { ...phone, colorScheme: 'light' },
  'phone-dark': { ...phone, colorScheme: 'dark' },
} as const;

describe.each(Object.entries(looks))('the page on %s', (look, options) => {
  it('can be used by everyone, empty, while text streams, and with a conversation in it', async () => {
    await mkdir(pictures, { recursive: true });
    const engine = createScriptedEngine({ script: () => code });
    const { url } = await startPortal({ engine });
    for (const title of ['Ideas for the garden', 'Postgres indexes', 'A letter to the landlord'])
      await createSession(url, { title });
    const page = await browser.open(url, options);
    const chat = chatPage(page);
    await chat.composer.waitFor();
    await page.screenshot({ path: path.join(pictures, `${look}-new.png`) });
    expect(await seriousFindings(page)).toEqual([]);

    engine.hold();
    await chat.composer.fill('How do I write a small web server?');
    await chat.sendButton.click();
    engine.release(90);
    await expect.poll(() => chat.lastAnswerText()).toContain('createServer');
    await page.screenshot({ path: path.join(pictures, `${look}-streaming.png`) });
    expect(await seriousFindings(page)).toEqual([]);

    engine.release();
    await chat.sendButton.waitFor();
    await expect.poll(() => chat.lastAnswerText()).toContain('localhost:8000/you');
    await page.locator('[role=log] pre .hljs-keyword, [role=log] pre span').first().waitFor();
    await page.screenshot({ path: path.join(pictures, `${look}-chat.png`) });
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);

    await chat.answers.last().getByRole('button', { name: 'How this answer was made' }).click();
    await page.getByRole('dialog', { name: 'How this answer was made' }).getByText('Messages read').waitFor();
    await page.screenshot({ path: path.join(pictures, `${look}-receipt.png`) });
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await chat.questions.last().hover();
    await chat.questions.last().getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Edit message' }).waitFor();
    await page.screenshot({ path: path.join(pictures, `${look}-edit.png`) });
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('shows what failed, what is searched and what is asked before deleting, for everyone', async () => {
    const { url } = await startPortal({
      env: { REPLY_TIMEOUT: '1' },
      engine: createScriptedEngine({ tokenDelayMs: 100, script: () => code }),
    });
    const sessionId = await createSession(url, { title: 'A slow one' });
    await readToEnd(followBySse(url, (await send(url, sessionId, 'How do I write a small web server?')).reply.id));
    const page = await browser.open(`${url}/c/${sessionId}`, options);
    await page.getByText(/longer than 1 second/).waitFor();
    await page.screenshot({ path: path.join(pictures, `${look}-failed.png`) });
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('ControlOrMeta+K');
    await page.getByRole('combobox', { name: 'Search' }).fill('server');
    await page.getByRole('option').first().waitFor();
    await page.screenshot({ path: path.join(pictures, `${look}-search.png`) });
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.goto(`${url}/c/00000000-0000-7000-8000-000000000000`);
    await page.getByText('This conversation is not here').first().waitFor();
    await page.screenshot({ path: path.join(pictures, `${look}-not-found.png`) });
    expect(await seriousFindings(page)).toEqual([]);
  });
});

/** Compressed, with everything that the first page asks for, and the page itself. */
const firstLoadBytes = 200_000;

it('loads with no more than 200 kB', async () => {
  const { url } = await startPortal();
  const page = await browser.open(url);
  await chatPage(page).composer.waitFor();
  const files = await page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((entry) => {
      const { name, encodedBodySize } = entry as PerformanceResourceTiming;
      return { name, bytes: encodedBodySize };
    }),
  );
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  console.log(`first load ${Math.round(bytes / 1000)} kB in ${files.length} files`);
  expect(files.filter(({ name }) => name.endsWith('.js')).length).toBeGreaterThan(1);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(firstLoadBytes);
});
