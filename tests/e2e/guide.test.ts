import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBrowser } from '../testkit/browser.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { takePicture } from '../testkit/pictures.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const screenshot = path.join(import.meta.dirname, '../../docs/screenshot.png');
const patient = { timeout: 30_000 };

describe('a newcomer, on a machine without a model', () => {
  it('talks with the built-in guide, which says what it is, knows the portal and leads to a bigger model', async () => {
    const { url } = await startPortal({
      withGuide: true,
      env: { TEMPERATURE: '0', MODEL_THREADS: '1', MODEL_GPU: 'false' },
    });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await page.getByText(/^Built-in guide, [\d.]+ million parameters: knows this portal and small talk/).waitFor();
    await page.getByRole('button', { name: 'What can you do?' }).click();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('add a bigger model.');
    await chat.stopButton.waitFor({ state: 'detached' });
    await chat.send('How do I pin a message?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('at the top of the conversation, lists them.');
    await chat.stopButton.waitFor({ state: 'detached' });
    await chat.answers.last().getByRole('button', { name: 'Pin' }).click();
    await chat.send('Who was Napoleon?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('press Models in the sidebar.');
    await chat.stopButton.waitFor({ state: 'detached' });
    await takePicture(page, 'guide');
    // The picture in the README is this run's own.
    if (process.env.UPDATE_SCREENSHOT === '1') await page.screenshot({ path: screenshot, animations: 'disabled' });
    await page.getByRole('button', { name: 'Get a model' }).click();
    await page
      .getByRole('dialog', { name: 'Models' })
      .getByText(/^Built-in guide/)
      .waitFor();
  });
});
