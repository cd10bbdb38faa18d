import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { seriousFindingsInBothThemes } from '../testkit/axe.ts';
import { phone, startBrowser } from '../testkit/browser.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { takePicture } from '../testkit/pictures.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const patient = { timeout: 30_000 };

/** Answers each request with its number and the question. */
function countingEngine() {
  let count = 0;
  return createScriptedEngine({
    script: ({ messages }) => `Answer ${++count} to: ${messages.at(-1)?.content}`,
  });
}

const press = async (article: Locator, name: string) => {
  await article.hover();
  await article.getByRole('button', { name, exact: true }).click();
};

async function edit(page: Page, question: Locator, text: string): Promise<void> {
  await press(question, 'Edit');
  const field = page.getByRole('textbox', { name: 'Edit message' });
  await field.fill(text);
  await field.press('ControlOrMeta+Enter');
}

/** Lets a page ask but not be told, until the returned function is called: what a tab on a bad line knows. */
async function keepFromNews(page: Page): Promise<() => Promise<void>> {
  let isDeaf = true;
  await page.routeWebSocket(/graphql/, (socket) => {
    if (isDeaf) void socket.close({ code: 1011 });
    else socket.connectToServer();
  });
  await page.route(/graphql/, async (route, request) =>
    isDeaf && request.headers().accept?.startsWith('text/event-stream') ? route.abort() : route.continue(),
  );
  return async () => {
    isDeaf = false;
    // What a browser says when its line is back.
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
  };
}

describe('a person who wants it otherwise', () => {
  it('has an answer made again, and switches between the two, which another tab sees', async () => {
    const { url } = await startPortal({ engine: countingEngine() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Why?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1 to: Why?');
    const other = chatPage(await browser.open(page.url()));
    await expect.poll(() => other.lastAnswerText(), patient).toContain('Answer 1');

    await press(chat.answers.last(), 'Regenerate');
    for (const tab of [chat, other]) {
      await expect.poll(() => tab.lastAnswerText(), patient).toContain('Answer 2 to: Why?');
      await tab.answers.last().getByText('2/2').waitFor();
      expect(await tab.answers.count()).toBe(1);
    }
    await press(chat.answers.last(), 'Previous version');
    for (const tab of [chat, other]) {
      await expect.poll(() => tab.lastAnswerText(), patient).toContain('Answer 1 to: Why?');
      await tab.answers.last().getByText('1/2').waitFor();
    }
    await page.reload();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1 to: Why?');
    await press(chat.answers.last(), 'Next version');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 2 to: Why?');
  });

  it('asks in other words, and finds what it was before with all that followed', async () => {
    const { url } = await startPortal({ engine: countingEngine() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('First?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1');
    await chat.sendButton.waitFor();
    await chat.send('And then?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 2 to: And then?');

    await edit(page, chat.questions.first(), 'First, in other words?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 3 to: First, in other words?');
    expect(await chat.questions.count()).toBe(1);
    await chat.questions.first().getByText('2/2').waitFor();

    await press(chat.questions.first(), 'Previous version');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 2 to: And then?');
    expect(await chat.questions.count()).toBe(2);
  });

  it('asks in a tab that had no news, and overwrites nothing: both tabs see a branch of its own', async () => {
    const { url } = await startPortal({ engine: countingEngine() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Begin.');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1');

    const stalePage = await browser.open('about:blank');
    const stale = chatPage(stalePage);
    const hearNews = await keepFromNews(stalePage);
    await stalePage.goto(page.url());
    await expect.poll(() => stale.lastAnswerText(), patient).toContain('Answer 1');
    await chat.sendButton.waitFor();
    await chat.send('Seen by one tab alone');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 2');
    await chat.sendButton.waitFor();
    expect(await stale.questions.count()).toBe(1);

    await stale.send('Asked without having seen that');
    await stale.questions.last().getByText('2/2').waitFor();
    await hearNews();
    for (const tab of [chat, stale]) {
      await expect.poll(() => tab.lastAnswerText(), patient).toContain('Answer 3 to: Asked without having seen that');
      await tab.questions.last().getByText('2/2').waitFor();
      expect(await tab.questions.count()).toBe(2);
    }
    await press(chat.questions.last(), 'Previous version');
    for (const tab of [chat, stale]) {
      await expect.poll(() => tab.lastAnswerText(), patient).toContain('Answer 2 to: Seen by one tab alone');
    }
  });

  it('is refused in a tab that had no news while an answer is written, is shown what that is, and keeps the text', async () => {
    const engine = countingEngine();
    const { url } = await startPortal({ engine });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Begin.');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1');
    await chat.sendButton.waitFor();
    const stalePage = await browser.open('about:blank');
    const stale = chatPage(stalePage);
    await keepFromNews(stalePage);
    await stalePage.goto(page.url());
    await expect.poll(() => stale.lastAnswerText(), patient).toContain('Answer 1');

    engine.hold();
    await chat.send('Still being answered');
    await chat.stopButton.waitFor();
    await stale.send('Too early');
    await stalePage
      .getByRole('alert')
      .getByText(/^Not sent\. An answer is still being written/)
      .waitFor();
    await stale.questions.filter({ hasText: 'Still being answered' }).waitFor();
    expect(await stale.composer.inputValue()).toBe('Too early');
    engine.release();
  });

  it('finds what stands on a branch that is not shown, and is taken there', async () => {
    const { url } = await startPortal({ engine: countingEngine() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('About narwhals?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1');
    await press(chat.answers.last(), 'Pin');
    await chat.answers.last().getByRole('button', { name: 'Unpin' }).waitFor();
    await edit(page, chat.questions.first(), 'About whales?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 2 to: About whales?');
    await chat.sendButton.waitFor();

    await page.keyboard.press('ControlOrMeta+K');
    await page.getByRole('combobox', { name: 'Search' }).fill('narwhals');
    await page.getByRole('option').first().click();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1 to: About narwhals?');
    await chat.questions.first().getByText('1/2').waitFor();

    await press(chat.questions.first(), 'Next version');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 2');
    await page.getByRole('button', { name: 'Pinned messages' }).click();
    await page
      .getByRole('dialog')
      .getByRole('link', { name: /Answer 1/ })
      .click();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1 to: About narwhals?');
  });

  it('begins to edit and thinks better of it; Escape keeps what was written, Cancel throws it away', async () => {
    const { url } = await startPortal({ engine: countingEngine() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Fine as it is?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1');
    await press(chat.questions.first(), 'Edit');
    await page.getByRole('textbox', { name: 'Edit message' }).fill('Something else');
    await page.keyboard.press('Escape');
    await chat.questions.getByText('Fine as it is?').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Edit');
    const field = page.getByRole('textbox', { name: 'Edit message' });
    await press(chat.questions.first(), 'Edit');
    expect(await field.inputValue()).toBe('Something else');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await press(chat.questions.first(), 'Edit');
    expect(await field.inputValue()).toBe('Fine as it is?');
  });

  it('stops an answer and has it go on from where it was', async () => {
    const engine = createScriptedEngine({ script: () => `Here it begins. ${'More and more. '.repeat(30)}The end.` });
    const { url } = await startPortal({ engine });
    const page = await browser.open(url);
    const chat = chatPage(page);
    engine.hold();
    await chat.send('Go on?');
    engine.release(20);
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Here it begins.');
    await chat.stopButton.click();
    await chat.answers.last().getByText('Stopped').waitFor();
    await press(chat.answers.last(), 'Resume');
    await chat.stopButton.waitFor();
    engine.release();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('The end.');
    await chat.sendButton.waitFor();
    expect((await chat.lastAnswerText()).match(/Here it begins/g)).toHaveLength(1);
    expect(await chat.answers.count()).toBe(1);
  });

  it('reads how an answer was made, on a phone too', async () => {
    const { url } = await startPortal({ engine: countingEngine() });
    const page = await browser.open(url, phone);
    const chat = chatPage(page);
    await chat.composer.fill('How?');
    await chat.sendButton.click();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1');
    await chat.answers.last().getByRole('button', { name: 'Regenerate' }).click();
    await chat.answers.last().getByText('2/2').waitFor();
    await chat.answers.last().getByRole('button', { name: 'How this answer was made' }).click();
    const receipt = page.getByRole('dialog', { name: 'How this answer was made' });
    await receipt.getByText('test-model').waitFor();
    await receipt.getByText('The model was done').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await page.keyboard.press('Escape');
    await receipt.waitFor({ state: 'detached' });
  });

  it('sees where the memory of the model begins', async () => {
    const { url } = await startPortal({
      engine: createScriptedEngine({
        contextLength: 512,
        script: ({ messages }) => `Heard: ${messages.at(-1)?.content.slice(0, 9)}`,
      }),
      env: { MAX_TOKENS: '64' },
    });
    const page = await browser.open(url);
    const chat = chatPage(page);
    for (const name of ['Message A', 'Message B', 'Message C']) {
      await chat.send(`${name} ${'long '.repeat(160)}`);
      await expect.poll(() => chat.lastAnswerText(), patient).toContain(`Heard: ${name}`);
      await chat.sendButton.waitFor();
    }
    await page.getByText('The model no longer sees what is above').waitFor();
    await takePicture(page, 'memory-line');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
  });
});
