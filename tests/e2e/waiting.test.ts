import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { seriousFindingsInBothThemes } from '../testkit/axe.ts';
import { startBrowser } from '../testkit/browser.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { listenTo } from '../testkit/hearing.ts';
import { takePicture } from '../testkit/pictures.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const patient = { timeout: 30_000 };

describe('a person who waits', () => {
  it('sees their place in line come nearer, then their answer', async () => {
    const engine = createScriptedEngine({
      sequences: 1,
      script: ({ messages }) => `Heard: ${messages.at(-1)?.content}`.padEnd(100, '.'),
    });
    const { url } = await startPortal({ engine, env: { MODEL_SEQUENCES: '1' } });
    await readToEnd(followBySse(url, (await send(url, await createSession(url), 'measured')).reply.id));
    engine.hold();
    for (const question of ['first', 'second']) await send(url, await createSession(url), question);
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('And me?');
    await chat.answers
      .last()
      .getByText(/^2nd in line, (a few seconds|about \d+ (s|min))$/)
      .waitFor();
    await takePicture(page, 'waiting-queue');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    // Enough for the first answer, not for the second.
    engine.release(60);
    await chat.answers
      .last()
      .getByText(/^Next in line/)
      .waitFor();
    engine.release();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Heard: And me?');
  });

  it('sees how much of a long conversation is read', async () => {
    const engine = createScriptedEngine({ promptSlices: 4 });
    const { url } = await startPortal({ engine });
    engine.hold();
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send(`What about this? ${'long '.repeat(400)}`);
    const bar = page.getByRole('progressbar', { name: 'Reading the conversation' });
    engine.release(1);
    await expect.poll(() => bar.getAttribute('aria-valuenow'), patient).toBe('25');
    await takePicture(page, 'waiting-reading');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    engine.release(2);
    await expect.poll(() => bar.getAttribute('aria-valuenow'), patient).toBe('100');
    engine.release();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('You said: What about this?');
    expect(await bar.count()).toBe(0);
  });

  it('goes to another tab meanwhile, and is told there by a mark when the answer is done', async () => {
    const engine = createScriptedEngine({ script: () => 'Done at last.' });
    const { url } = await startPortal({ engine });
    engine.hold();
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('How long will it take?');
    await page.waitForURL(/\/c\//);
    await chat.stopButton.waitFor();
    const look = (state: 'hidden' | 'visible') =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await look('hidden');
    expect(await page.title()).not.toContain('✓');
    engine.release();
    await expect.poll(() => page.title(), patient).toMatch(/^✓ How long will it take\? · /);
    await look('visible');
    await expect.poll(() => page.title()).toMatch(/^How long will it take\? · /);
  });

  it('and cannot see the page hears that the answer begins, and how it ends', async () => {
    const engine = createScriptedEngine();
    const { url } = await startPortal({ engine });
    engine.hold();
    const page = await browser.open(url);
    const chat = chatPage(page);
    const spoken = page.locator('.sr-only[aria-live=polite]');
    await chat.send('Tell me everything');
    await expect.poll(() => spoken.textContent(), patient).toBe('The assistant answers.');
    await chat.stopButton.click();
    await expect.poll(() => spoken.textContent(), patient).toBe('The answer was stopped.');
    engine.release();
    await chat.answers.last().getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => spoken.textContent(), patient).toMatch(/The answer is complete\.$/);
  });

  it('and cannot see the page hears each sentence once, the last one too, and nothing of it when they come back', async () => {
    const answer = 'It is far. It is late as well: go home.\nAnd this line has no end';
    const engine = createScriptedEngine({ script: () => answer });
    const { url } = await startPortal({ engine });
    engine.hold();
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.composer.waitFor();
    const heard = await listenTo(page);
    await chat.send('Shall I go?');
    await expect.poll(heard, patient).toBe('The assistant answers.');
    engine.release();
    await expect.poll(heard, patient).toMatch(/The answer is complete\.$/);
    expect(await heard()).toBe(`The assistant answers. ${answer.replace('\n', ' ')} The answer is complete.`);

    await page.reload();
    await chat.answers.last().getByRole('button', { name: 'Regenerate' }).waitFor();
    expect(await page.locator('.sr-only[aria-live=polite]').textContent()).toBe('');

    const again = await listenTo(page);
    await chat.answers.last().getByRole('button', { name: 'Regenerate' }).click();
    await expect.poll(again, patient).toMatch(/And this line has no end The answer is complete\.$/);
  });
});
