import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { seriousFindingsInBothThemes } from '../testkit/axe.ts';
import { phone, startBrowser } from '../testkit/browser.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { answerTo, startInferenceServer } from '../testkit/inference-server.ts';
import { makeFolder } from '../testkit/llama.ts';
import { serve, silentAfter, startHost } from '../testkit/model-host.ts';
import { takePicture } from '../testkit/pictures.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const patient = { timeout: 30_000 };

async function someModel(): Promise<Buffer> {
  const { folder, remove } = await makeFolder();
  const file = path.join(folder, 'one.gguf');
  await writeNoiseModel(file);
  const bytes = await readFile(file);
  await remove();
  return bytes;
}

describe('a person who wants another model', () => {
  it('watches it arrive, cancels, gets it after all, and talks with it', async () => {
    const bytes = await someModel();
    const host = await startHost(serve({ bytes }, silentAfter(bytes.length >> 1)));
    const { url } = await startPortal({
      env: { HF_ENDPOINT: host.url, MODEL: 'test-model' },
      engine: createScriptedEngine(),
    });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await page.getByRole('button', { name: /^Model: test-model/ }).click();
    await takePicture(page, 'models-picker');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await page.getByRole('button', { name: 'Manage models' }).click();
    const dialog = page.getByRole('dialog', { name: 'Models' });
    await dialog.getByText(/qwen2\.5-1\.5b/).waitFor();
    await dialog.getByText('test-model', { exact: true }).waitFor();

    await dialog.getByText('in memory').waitFor();
    await dialog.getByRole('button', { name: 'Unload test-model' }).click();
    await dialog.getByText('in memory').waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Load test-model' }).click();
    await dialog.getByText('in memory').waitFor();

    const address = dialog.getByRole('textbox', { name: /Another GGUF file/ });
    await address.fill('not a model');
    await address.press('Enter');
    await dialog.getByText(/hf:/).first().waitFor();
    await expect.poll(() => address.getAttribute('aria-invalid')).toBe('true');
    await address.fill('hf:owner/repo/pulled.gguf');
    await address.press('Enter');
    const bar = dialog.getByRole('progressbar', { name: /hf:owner\/repo\/pulled.gguf/ });
    await expect.poll(() => bar.getAttribute('aria-valuenow'), patient).toMatch(/^(49|50)$/);
    await takePicture(page, 'models-dialog');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await page.reload();
    await page.getByRole('button', { name: 'Models', exact: true }).click();
    await expect.poll(() => bar.getAttribute('aria-valuenow'), patient).toMatch(/^(49|50)$/);
    await dialog.getByRole('button', { name: /^Cancel the download/ }).click();
    await bar.waitFor({ state: 'detached' });

    host.answer = serve({ bytes });
    await address.fill('hf:owner/repo/pulled.gguf');
    await address.press('Enter');
    await dialog.getByText('pulled', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Model: test-model/ }).click();
    await page.getByRole('button', { name: /^pulled/ }).click();
    await chat.send('Who are you?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain('You said: Who are you?');
    await page.getByRole('button', { name: /^Model: pulled/ }).click();
    await page.getByRole('button', { name: /^The default/ }).click();
    await chat.answers.last().getByRole('button', { name: 'How this answer was made' }).click();
    await page.getByRole('dialog', { name: 'How this answer was made' }).getByText('pulled', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Model: test-model/ }).waitFor();
  });

  it('is asked before much of a download is thrown away, and may keep it', async () => {
    const host = await startHost(serve({ bytes: Buffer.alloc(120_000_000, 'GGUF') }, silentAfter(60_000_000)));
    const { url } = await startPortal({ env: { HF_ENDPOINT: host.url }, engine: createScriptedEngine() });
    const page = await browser.open(url);
    await page.getByRole('button', { name: 'Models', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Models' });
    await dialog.getByRole('textbox', { name: /Another GGUF file/ }).fill('hf:owner/repo/large.gguf');
    await page.keyboard.press('Enter');
    const bar = dialog.getByRole('progressbar', { name: /large.gguf/ });
    await expect.poll(() => bar.getAttribute('aria-valuenow'), patient).toMatch(/^(49|50)$/);
    const cancel = dialog.getByRole('button', { name: /^Cancel the download/ });
    await cancel.click();
    const question = dialog.getByText(/^Throw away (59|60) MB\?$/);
    await question.waitFor();
    await takePicture(page, 'models-throw-away');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await bar.count()).toBe(1);
    await cancel.click();
    await dialog.getByRole('button', { name: 'Cancel download' }).click();
    await bar.waitFor({ state: 'detached' });
  });

  it('is told in words why a download failed, on a phone, on a machine without a model of its own', async () => {
    const host = await startHost((_request, response) => void response.writeHead(404).end());
    const { url } = await startPortal({ env: { HF_ENDPOINT: host.url }, withModel: false });
    const page = await browser.open(url, phone);
    await page.getByRole('button', { name: 'Get a model' }).click();
    const dialog = page.getByRole('dialog', { name: 'Models' });
    await dialog.getByRole('button', { name: /^Get qwen2\.5-0\.5b/ }).click();
    const problem = dialog.getByRole('alert');
    await problem.waitFor();
    await takePicture(page, 'models-phone');
    expect((await problem.textContent())?.length).toBeGreaterThan(20);
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await dialog.getByRole('button', { name: /^Try again qwen2\.5-0\.5b/ }).waitFor();
  });

  it('is told which models run on a server that reads what they write, and talks with one', async () => {
    const ollama = await startInferenceServer({ kind: 'ollama', models: ['llama3.2:1b'] });
    const vllm = await startInferenceServer({ kind: 'vllm', models: ['Qwen/Qwen2.5-7B'] });
    const servers = [
      { name: 'desk', baseUrl: ollama.url },
      { name: 'gpu', baseUrl: vllm.url },
    ];
    const { url } = await startPortal({ env: { OPENAI_SERVERS: JSON.stringify(servers) } });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await page.getByText('What you write stays here.').waitFor();
    await page.getByRole('button', { name: /^Model: test-model/ }).click();
    const choices = page.getByRole('dialog', { name: 'Choose a model' });
    await choices
      .getByRole('button', { name: /^desk\/llama3\.2:1b 1\.2B, Q8_0, 1\.3 GB, on a server \(ollama\)/ })
      .waitFor();
    await takePicture(page, 'models-of-servers');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await choices.getByRole('button', { name: /^gpu\/Qwen\/Qwen2\.5-7B on a server \(vllm\)/ }).click();
    await page.getByText('gpu/Qwen/Qwen2.5-7B runs on a server (vllm), which reads what you write.').waitFor();
    await page.getByRole('button', { name: 'Models', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Models' });
    await dialog.getByRole('region', { name: 'On servers' }).getByText('gpu/Qwen/Qwen2.5-7B').waitFor();
    expect(await dialog.getByRole('button', { name: /(Load|Unload) (gpu|desk)/ }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await chat.send('Who are you?');
    await expect.poll(() => chat.lastAnswerText(), patient).toContain(answerTo('Who are you?').slice(0, 40));
  });
});
