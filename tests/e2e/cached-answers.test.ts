import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { seriousFindingsInBothThemes } from '../testkit/axe.ts';
import { startBrowser } from '../testkit/browser.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { listenTo } from '../testkit/hearing.ts';
import { takePicture } from '../testkit/pictures.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const patient = { timeout: 30_000 };

describe('a person who asks again', () => {
  it('gets the answer at once, is told that it was given before, and can ask the model anew', async () => {
    let count = 0;
    const engine = createScriptedEngine({ script: () => `Answer ${++count}: Paris.` });
    const { url } = await startPortal({ engine });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('What is the capital of France?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 1');
    await chat.answers.last().getByRole('button', { name: 'Regenerate' }).waitFor();
    await chat.send('Please tell me what the capital of France is');
    await expect.poll(() => chat.answers.count(), patient).toBe(2);
    const mark = chat.answers.last().getByRole('button', { name: /Given before/ });
    await mark.waitFor();
    expect(await chat.lastAnswerText()).toContain('Answer 1');
    expect(engine.requests).toHaveLength(1);

    expect(await mark.textContent()).toMatch(/^Given before, \d+ s earlier, \d\d% alike$/);
    await mark.click();
    const dialog = page.getByRole('dialog', { name: 'Given before' });
    await dialog.getByText('nearly the same').waitFor();
    await takePicture(page, 'cached-answer');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Show the first' }).click();
    await page.waitForURL(/[?&]m=/);
    await chat.answers.first().locator('.hit').waitFor();
    await mark.click();
    await dialog.getByRole('button', { name: 'Ask the model again' }).click();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('Answer 2');
    expect(
      await chat.answers
        .last()
        .getByRole('button', { name: /Given before/ })
        .count(),
    ).toBe(0);
    await chat.answers.last().getByText('2/2').waitFor();
  });

  it('and cannot see the page hears it, in this conversation and as the beginning of another', async () => {
    const engine = createScriptedEngine({ script: () => 'It is Paris. On the Seine' });
    const { url } = await startPortal({ engine, env: { CACHE_SCOPE: 'user' } });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('What is the capital of France?');
    await chat.answers.last().getByRole('button', { name: 'Regenerate' }).waitFor(patient);
    const given = 'It is Paris. On the Seine The answer is complete.';
    const again = await listenTo(page);
    await chat.send('What is the capital of France?');
    await expect.poll(again, patient).toBe(given);
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.waitForURL(`${url}/`);
    const anew = await listenTo(page);
    await chat.send('What is the capital of France?');
    await expect.poll(anew, patient).toBe(given);
    expect(engine.requests).toHaveLength(1);
  });
});
