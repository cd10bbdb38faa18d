import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { seriousFindingsInBothThemes } from '../testkit/axe.ts';
import { phone, startBrowser } from '../testkit/browser.ts';
import { createSession } from '../testkit/chat.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { askFor } from '../testkit/graph.ts';
import { takePicture } from '../testkit/pictures.ts';
import { mustImport } from '../testkit/portability.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const patient = { timeout: 30_000 };

const messages = 10_000;
/** In the page at once, whatever the conversation's length. */
const mostArticles = 60;

/** Counts the queries for messages that the page sends from now on. */
function countThreadQueries(page: Page): () => number {
  let count = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/graphql') && request.postData()?.includes('ThreadPage')) count++;
  });
  return () => count;
}

const articles = (page: Page): Promise<number> => page.getByRole('article').count();

describe('a conversation of 10,000 messages', () => {
  it('opens with one query, keeps few messages in the page, and is read upwards without a gap', {
    timeout: 240_000,
  }, async () => {
    const { url } = await startPortal({ engine: createScriptedEngine({ script: () => 'And one more.' }) });
    const conversation = Array.from({ length: messages }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: `Message number ${index}. ${'Some more words of it. '.repeat(index % 7)}`,
    }));
    const { items } = await mustImport(url, { messages: conversation });
    const id = items[0]?.session_id ?? '';
    const page = await browser.open('about:blank');
    const queries = countThreadQueries(page);
    await page.goto(`${url}/c/${id}`);
    await page.getByText(`Message number ${messages - 1}.`).waitFor();
    expect(queries()).toBe(1);
    expect(await articles(page)).toBeLessThanOrEqual(mostArticles);

    const pane = page.getByRole('log');
    let oldest = messages;
    while (oldest > messages - 300) {
      await pane.evaluate((element) => element.scrollBy(0, -2_000));
      const before = oldest;
      await expect.poll(async () => (oldest = Math.min(...(await numbersShown(page)))), patient).toBeLessThan(before);
      const shown = await numbersShown(page);
      expect(shown).toEqual(shown.map((_, index) => (shown[0] ?? 0) + index));
      expect(shown.length).toBeLessThanOrEqual(mostArticles);
    }
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await page.getByText(`Message number ${messages - 1}.`).waitFor();

    const chat = chatPage(page);
    await chat.send('One more?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('And one more.');
    expect(await articles(page)).toBeLessThanOrEqual(mostArticles);

    const first = await firstMessageId(url, id);
    const opened = await browser.open('about:blank', phone);
    const queriesThere = countThreadQueries(opened);
    await opened.goto(`${url}/c/${id}?m=${first}`);
    await opened.getByRole('log').getByText('Message number 0.').waitFor();
    expect(queriesThere()).toBeLessThanOrEqual(2);
    expect(await articles(opened)).toBeLessThanOrEqual(mostArticles);
  });
});

/** The numbers of the messages that are in the page, in its order. */
async function numbersShown(page: Page): Promise<number[]> {
  const texts = await page.getByRole('article').allTextContents();
  return texts.map((text) => Number(/Message number (\d+)/.exec(text)?.[1] ?? Number.NaN));
}

async function firstMessageId(url: string, id: string): Promise<string> {
  const { session } = await askFor<{ session: { messages: { edges: { node: { id: string } }[] } } }>(
    url,
    'query ($id: ID!) { session(id: $id) { messages(first: 1) { edges { node { id } } } } }',
    { id },
  );
  return session.messages.edges[0]?.node.id ?? '';
}

describe('a person with much of everything', () => {
  it('pastes a long text, which is shown by its beginning until they ask for all of it', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine({ script: () => 'Read.' }) });
    const page = await browser.open(url);
    const chat = chatPage(page);
    const pasted = Array.from({ length: 80 }, (_, index) => `Line ${index} of what was pasted`).join('\n');
    await chat.composer.fill(pasted);
    await chat.sendButton.click();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Read.');
    const question = chat.questions.last();
    const height = async () => (await question.boundingBox())?.height ?? 0;
    const more = question.getByRole('button', { name: 'Show all of it' });
    await more.waitFor();
    const before = await height();
    expect(before).toBeLessThan(650);
    await takePicture(page, 'long-question');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await more.click();
    await expect.poll(height).toBeGreaterThan(80 * 20);
    await question.getByRole('button', { name: 'Show less' }).click();
    await expect.poll(height).toBe(before);

    await chat.send('Short');
    await expect.poll(() => chat.answers.count(), patient).toBe(2);
    expect(await chat.questions.last().getByRole('button', { name: 'Show all of it' }).count()).toBe(0);
  });

  it('finds a favourite at the top of the list, however many conversations are newer', async () => {
    const { url } = await startPortal();
    const old = await createSession(url, { title: 'The old favourite' });
    for (let index = 0; index < 60; index++) await createSession(url, { title: `Newer ${index}` });
    await askFor(url, 'mutation ($id: ID!) { updateSession(id: $id, input: { favorite: true }) { id } }', { id: old });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.conversations.getByRole('heading', { name: 'Favourites' }).waitFor();
    await chat.conversation('The old favourite').click();
    await page.waitForURL(`**/c/${old}`);
    expect(await chat.conversation('The old favourite').count()).toBe(1);
  });

  it('on a phone, sees more of a title, and has what made room for it in the menu', async () => {
    const { url } = await startPortal();
    const id = await createSession(url, { title: 'A title that is as long as the question it was made from' });
    const page = await browser.open(`${url}/c/${id}`, phone);
    const title = page.getByRole('heading', { level: 1 });
    expect((await title.boundingBox())?.width).toBeGreaterThan(180);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Pinned messages' }).click();
    await page.getByRole('dialog', { name: 'Pinned messages' }).waitFor();
  });

  it('archives a conversation, which another tab sees, finds it again, and takes it out', async () => {
    const { url } = await startPortal();
    const id = await createSession(url, { title: 'Done with this' });
    await createSession(url, { title: 'Still in use' });
    const page = await browser.open(`${url}/c/${id}`);
    const other = chatPage(await browser.open(url));
    const chat = chatPage(page);
    await other.conversation('Done with this').waitFor();
    await page.getByText('Nothing has been said here yet.').waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Archive', exact: true }).last().click();
    await chat.conversation('Done with this').waitFor({ state: 'detached' });
    await other.conversation('Done with this').waitFor({ state: 'detached' });
    expect(await chat.conversation('Still in use').count()).toBe(1);

    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await chat.conversation('Done with this').waitFor();
    expect(await chat.conversation('Still in use').count()).toBe(0);
    await takePicture(page, 'archive');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Take out of the archive' }).click();
    await page.getByText('Nothing is archived.').waitFor();
    await page.getByRole('button', { name: 'Back to all conversations' }).click();
    await chat.conversation('Done with this').waitFor();
    await other.conversation('Done with this').waitFor();
  });
});
