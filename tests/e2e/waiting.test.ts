import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { seriousFindingsInBothThemes } from '../testkit/axe.ts';
import { startBrowser } from '../testkit/browser.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { chatPage } from '../testkit/chat-page.ts';
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
});
