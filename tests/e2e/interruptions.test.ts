import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { startBrowser } from '../testkit/browser.ts';
import { createSession, followBySse, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { askFor } from '../testkit/graph.ts';
import { createInstallation } from '../testkit/installation.ts';
import { portalOnItsOwnPostgres } from '../testkit/own-postgres.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const patient = { timeout: 30_000 };

async function lastMessageId(url: string, sessionId: string): Promise<string> {
  const { session } = await askFor<{ session: { messages: { edges: { node: { id: string } }[] } } }>(
    url,
    'query ($id: ID!) { session(id: $id) { messages(last: 1) { edges { node { id } } } } }',
    { id: sessionId },
  );
  return session.messages.edges[0]?.node.id ?? '';
}

/** Text as it is compared: how Markdown lays it out is not what this is about. */
const letters = (text: string) => text.replaceAll(/[^\p{L}\p{N}]/gu, '');

describe('while an answer is being written', () => {
  it('the portal is killed and started again: the page goes on by itself, and ends with every word that is stored', async () => {
    const { url, start } = await createInstallation({ env: { MAX_TOKENS: '600' } });
    const first = await start();
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Will this survive?');
    await page.waitForURL(/\/c\//);
    await expect.poll(async () => (await chat.lastAnswerText()).length, patient).toBeGreaterThan(120);
    const before = await chat.lastAnswerText();
    first.kill('SIGKILL');
    await first.exited;
    await page.getByText('The connection is lost').waitFor();
    expect((await chat.lastAnswerText()).length).toBeGreaterThanOrEqual(before.length);

    await start();
    await page.getByText('The connection is lost').waitFor({ state: 'detached' });
    await chat.sendButton.waitFor({ timeout: 60_000 });
    const id = await lastMessageId(url, new URL(page.url()).pathname.split('/').at(-1) ?? '');
    const stored = await readMessage(url, id);
    expect(stored?.status).toBe('COMPLETE');
    await expect
      .poll(async () => letters(await chat.lastAnswerText()), patient)
      .toContain(letters(stored?.content ?? '-'));
    expect(await chat.answers.count()).toBe(1);
  });

  it('the engine dies: the text stays in sight and goes on', async () => {
    const engine = createScriptedEngine({ script: () => `It begins here. ${'And on it goes. '.repeat(40)}The end.` });
    const { url } = await startPortal({ engine });
    const page = await browser.open(url);
    const chat = chatPage(page);
    engine.hold();
    await chat.send('Go on, whatever happens.');
    engine.release(60);
    await expect.poll(() => chat.lastAnswerText()).toContain('It begins here. And on it goes.');
    const shown: string[] = [];
    await page.exposeFunction('seen', (text: string) => shown.push(text));
    await page.evaluate(() => {
      const log = document.querySelector('[role=log]') as HTMLElement;
      new MutationObserver(() =>
        (window as unknown as { seen(text: string): void }).seen(log.textContent ?? ''),
      ).observe(log, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    engine.crash();
    engine.release();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('The end.');
    await chat.sendButton.waitFor();
    expect((await chat.lastAnswerText()).match(/And on it goes/g)).toHaveLength(40);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((text) => !text.includes('It begins here. And on it goes.'))).toEqual([]);
  });
});

describe('after an update of the portal', () => {
  it('an open page that needs a part which is gone is loaded anew, with its draft', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.composer.fill('Half a thought');
    await page.route(/search-dialog/, (route) => route.fulfill({ status: 404 }), { times: 1 });
    const loadedAnew = page.waitForEvent('load');
    await page.keyboard.press('ControlOrMeta+K');
    await loadedAnew;
    await expect.poll(() => chat.composer.inputValue()).toBe('Half a thought');
    await page.keyboard.press('ControlOrMeta+K');
    await page.getByRole('combobox', { name: 'Search' }).waitFor();
  });
});

describe('a page that is opened while the database is away', () => {
  it('says so, and shows everything once it is back, without being touched', { timeout: 120_000 }, async () => {
    const { app, url, postgres } = await portalOnItsOwnPostgres();
    await postgres.start();
    await app.whenReady();
    const session = await createSession(url);
    const { reply } = await send(url, session, 'Was anything lost?');
    await readToEnd(followBySse(url, reply.id));

    await postgres.stop();
    const page = await browser.open(`${url}/c/${session}`);
    await page.getByText('The conversation could not be loaded').waitFor();
    await page.getByText('The connection is lost').waitFor();

    await postgres.start();
    const chat = chatPage(page);
    await expect.poll(() => chat.answers.count(), { timeout: 60_000 }).toBe(1);
    await page.getByText('The connection is lost').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Was anything lost?' }).waitFor();
    await chat.send('And now?');
    await expect.poll(() => chat.answers.count(), patient).toBe(2);
    await chat.sendButton.waitFor(patient);
    const { content } = (await readMessage(url, await lastMessageId(url, session))) ?? {};
    expect(letters(await chat.lastAnswerText())).toContain(letters(content ?? '-'));
  });
});
