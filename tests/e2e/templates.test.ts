import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { seriousFindingsInBothThemes } from '../testkit/axe.ts';
import { phone, startBrowser } from '../testkit/browser.ts';
import { createSession } from '../testkit/chat.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { askFor } from '../testkit/graph.ts';
import { takePicture } from '../testkit/pictures.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const patient = { timeout: 30_000 };

/** Answers with what it was told to be. */
const obedientEngine = () =>
  createScriptedEngine({
    script: ({ messages }) => `As told: ${messages.find(({ role }) => role === 'system')?.content ?? 'nothing'}`,
  });

describe('a person who types /', () => {
  it('finds a template by keyboard alone, and begins a conversation in that role', async () => {
    const { url } = await startPortal({ engine: obedientEngine() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.composer.press('/');
    const list = page.getByRole('listbox', { name: 'Templates' });
    await list.getByRole('option').nth(14).waitFor();
    await takePicture(page, 'templates-picker');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await chat.composer.pressSequentially('debug');
    await expect.poll(() => list.getByRole('option').first().textContent(), patient).toContain('Debugging Expert');
    await chat.composer.press('ArrowDown');
    await chat.composer.press('ArrowUp');
    await chat.composer.press('Enter');
    await page.getByRole('button', { name: 'Without this role' }).waitFor();
    expect(await chat.composer.inputValue()).toBe('');
    await chat.send('It does not work.');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('You are an expert in finding bugs');

    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('button', { name: 'Instructions' }).click();
    const instructions = page.getByRole('textbox', { name: 'Instructions for the model' });
    await expect.poll(() => instructions.inputValue(), patient).toContain('You are an expert in finding bugs');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await instructions.fill('Be brief.');
    await page.getByRole('button', { name: 'Save' }).click();
    await chat.send('And now?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('As told: Be brief.');
  });

  it('writes a template with variables, fills them in, and sends the text as a message', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await page.getByRole('button', { name: 'Prompt templates' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Default Assistant').waitFor();
    await takePicture(page, 'templates-dialog');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'New template' }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Postcard');
    await dialog
      .getByRole('textbox', { name: 'Text' })
      .fill('A postcard to {{the_person}} from {{place}}, {{CURRENT_DATE}}.');
    await takePicture(page, 'templates-editor');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('region', { name: 'Yours' }).getByText('Postcard', { exact: true }).waitFor();
    await page.keyboard.press('Escape');

    await chat.composer.pressSequentially('/postc');
    await page.getByRole('option', { name: /Postcard/ }).waitFor();
    await chat.composer.press('Shift+Enter');
    await page.getByRole('textbox', { name: 'The person' }).fill('{{place}}');
    await page.getByRole('textbox', { name: 'Place' }).fill('Oslo');
    await takePicture(page, 'templates-fields');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('Enter');
    const today = new Date();
    const date = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((n) => String(n).padStart(2, '0'));
    await expect
      .poll(() => chat.composer.inputValue(), patient)
      .toBe(`A postcard to {{place}} from Oslo, ${date.join('-')}.`);

    await page.getByRole('button', { name: 'Prompt templates' }).click();
    await dialog.getByRole('button', { name: 'Delete Postcard' }).click();
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByText('None of your own yet').waitFor();
    const { promptTemplates } = await askFor<{ promptTemplates: { name: string }[] }>(
      url,
      '{ promptTemplates { name } }',
    );
    expect(promptTemplates.map(({ name }) => name)).not.toContain('Postcard');
  });

  it('means the / itself: Escape, or words that no template holds, leave it a message like any other', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine() });
    const page = await browser.open(url, phone);
    const chat = chatPage(page);
    const list = page.getByRole('listbox', { name: 'Templates' });
    await chat.composer.pressSequentially('/');
    await list.getByRole('option').first().waitFor();
    await takePicture(page, 'templates-phone');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await chat.composer.press('Escape');
    await list.waitFor({ state: 'detached' });
    await chat.composer.fill('');
    await chat.composer.pressSequentially('/etc/fstab');
    await list.waitFor({ state: 'detached' });
    await chat.sendButton.click();
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('You said: /etc/fstab');
  });
});

describe('a person who has written something in a dialog', () => {
  it('keeps it through a tap outside and a shortcut, and is asked before Escape throws it away', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine() });
    const page = await browser.open(`${url}/c/${await createSession(url)}`);
    const more = page.getByRole('button', { name: 'More', exact: true });
    const dialog = page.getByRole('dialog', { name: 'Instructions' });
    const question = page.getByRole('dialog', { name: 'Throw away what you wrote?' });
    const field = dialog.getByRole('textbox', { name: 'Instructions for the model' });
    const open = async () => {
      await more.click();
      await page.getByRole('button', { name: 'Instructions' }).click();
      await expect.poll(() => field.isEnabled(), patient).toBe(true);
    };
    await open();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => more.evaluate((button) => button === document.activeElement)).toBe(true);

    await open();
    await field.fill('Be brief.');
    await page.mouse.click(5, 5);
    await page.keyboard.press('ControlOrMeta+K');
    await page.keyboard.press('ControlOrMeta+Shift+O');
    await page.keyboard.press('Escape');
    await question.waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
    await takePicture(page, 'unsaved-question');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    expect(await field.inputValue()).toBe('Be brief.');
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);

    const leaving = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    expect((await leaving).type()).toBe('beforeunload');
    await (await leaving).dismiss();
    expect(await field.inputValue()).toBe('Be brief.');

    await dialog.getByRole('button', { name: 'Close' }).click();
    await question.waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await question.waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(page.url()).toContain('/c/');
    await open();
    expect(await field.inputValue()).toBe('');
  });

  it('is asked so for a template too, and comes back to the list', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine() });
    const page = await browser.open(url);
    await page.getByRole('button', { name: 'Prompt templates' }).click();
    await page.getByRole('button', { name: 'New template' }).click();
    const editor = page.getByRole('dialog', { name: 'New template' });
    const name = editor.getByRole('textbox', { name: 'Name' });
    await name.fill('Postcard');
    await page.mouse.click(5, 5);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Keep writing' }).click();
    expect(await name.inputValue()).toBe('Postcard');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Throw away' }).click();
    const list = page.getByRole('dialog', { name: 'Prompt templates' });
    await list.getByText('None of your own yet').waitFor();
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'detached' });
  });
});
