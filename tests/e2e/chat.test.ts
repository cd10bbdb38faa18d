import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { phone, startBrowser } from '../testkit/browser.ts';
import { createSession, followBySse, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();
const answer = `## A lighthouse\n\nIt **shines**: 你好, déjà vu 🙂.\n\n\`\`\`js\nconst light = 'on';\n\`\`\`\n\n${'It goes round and round. '.repeat(60)}\n\nThe end.`;
const slowly = () => createScriptedEngine({ tokenDelayMs: 4, script: () => answer });

async function storedAnswer(url: string): Promise<{ id: string; content: string; status: string }> {
  const { sessions } = await askFor<{
    sessions: {
      edges: { node: { messages: { edges: { node: { id: string; content: string; status: string } }[] } } }[];
    };
  }>(url, '{ sessions(first: 1) { edges { node { messages(last: 1) { edges { node { id content status } } } } } } }');
  const last = sessions.edges[0]?.node.messages.edges[0]?.node;
  if (!last) throw new Error('nothing is stored');
  return last;
}

describe('a person at the page', () => {
  it('asks something and watches the answer arrive, which is then stored', async () => {
    const { url } = await startPortal({ engine: slowly() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('What is a lighthouse?');
    await page.waitForURL(/\/c\/[0-9a-f-]{36}$/);
    expect(await chat.composer.inputValue()).toBe('');
    await chat.stopButton.waitFor();
    await expect.poll(() => chat.lastAnswerText()).toContain('It goes round');
    await expect.poll(() => chat.lastAnswerText(), { timeout: 30_000 }).toContain('The end.');
    await expect.poll(async () => (await storedAnswer(url)).status).toBe('COMPLETE');
    expect((await storedAnswer(url)).content).toBe(answer);
    await chat.conversation('What is a lighthouse?').waitFor();
    expect(await chat.answers.last().getByRole('heading', { name: 'A lighthouse' }).count()).toBe(1);
    expect(await chat.answers.last().locator('strong', { hasText: 'shines' }).count()).toBe(1);
  });

  it('reloads in the middle of an answer and misses nothing, and finds it all there later', async () => {
    const { url } = await startPortal({ engine: slowly() });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Tell me.');
    for (let reload = 0; reload < 3; reload++) {
      await expect.poll(() => chat.lastAnswerText()).toContain('A lighthouse');
      await page.reload();
    }
    await expect.poll(() => chat.lastAnswerText(), { timeout: 30_000 }).toContain('The end.');
    const shown = await chat.lastAnswerText();
    expect(shown.match(/round and round/g)).toHaveLength(60);
    await page.reload();
    await expect.poll(() => chat.lastAnswerText()).toContain('The end.');
    expect((await chat.lastAnswerText()).match(/round and round/g)).toHaveLength(60);
  });

  it('closes the page, and the answer is written all the same', async () => {
    const { url } = await startPortal({ engine: slowly() });
    const page = await browser.open(url);
    await chatPage(page).send('Go on without me.');
    await chatPage(page).stopButton.waitFor();
    await page.close();
    await expect.poll(async () => (await storedAnswer(url)).status, { timeout: 30_000 }).toBe('COMPLETE');
  });

  it('stops an answer; the text so far stays and says so', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine({ tokenDelayMs: 20, script: () => answer }) });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Stop soon.');
    await expect.poll(() => chat.lastAnswerText()).toContain('lighthouse');
    await chat.stopButton.click();
    await chat.sendButton.waitFor();
    const stored = await storedAnswer(url);
    expect(stored.status).toBe('STOPPED');
    expect(answer.startsWith(stored.content)).toBe(true);
    await page
      .getByText(/stopped/i)
      .first()
      .waitFor();
  });

  it('rates, pins and copies an answer', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine({ script: () => 'A short answer.' }) });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Quick one.');
    await expect.poll(() => chat.lastAnswerText()).toContain('A short answer.');
    const last = chat.answers.last();
    await last.hover();
    await last.getByRole('button', { name: 'Good answer' }).click();
    await last.getByRole('button', { name: 'Pin', exact: true }).click();
    await last.getByRole('button', { name: 'Unpin' }).waitFor();
    const { id } = await storedAnswer(url);
    const read = () =>
      askFor<{ message: { rating: string; pinned: boolean } }>(
        url,
        'query ($id: ID!) { message(id: $id) { rating pinned } }',
        { id },
      );
    await expect.poll(read).toEqual({ message: { rating: 'UP', pinned: true } });
  });

  it('renames and deletes a conversation, after being asked', async () => {
    const { url } = await startPortal();
    const id = await createSession(url, { title: 'Old name' });
    const page = await browser.open(`${url}/c/${id}`);
    const chat = chatPage(page);
    await chat.conversation('Old name').hover();
    await chat.conversations.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Title' }).fill('New name');
    await page.keyboard.press('Enter');
    await chat.conversation('New name').hover();
    await chat.conversations.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Delete' }).click();
    await chat.conversation('New name').waitFor({ state: 'detached' });
    await expect.poll(() => askFor(url, '{ sessions { totalCount } }')).toEqual({ sessions: { totalCount: 0 } });
  });

  it('in a second tab sees what the first one does', async () => {
    const { url } = await startPortal({ engine: slowly() });
    const [first, second] = [await browser.open(url), await browser.open(url)];
    const [here, there] = [chatPage(first), chatPage(second)];
    await here.send('Seen from both?');
    await there.conversation('Seen from both?').click();
    await expect.poll(() => there.lastAnswerText(), { timeout: 30_000 }).toContain('The end.');
    // The last word is seen a moment before the end is.
    await there.sendButton.waitFor();
    await there.send('And back?');
    await here.questions.filter({ hasText: 'And back?' }).waitFor();
    await there.stopButton.click();
    await here.sendButton.waitFor();
    await askFor(url, 'mutation ($id: ID!) { deleteSession(id: $id) }', {
      id: new URL(first.url()).pathname.split('/').at(-1),
    });
    await here.conversation('Seen from both?').waitFor({ state: 'detached' });
    await there.conversation('Seen from both?').waitFor({ state: 'detached' });
  });

  it('finds a message far up in the conversation and is taken to it', async () => {
    const { url } = await startPortal({
      engine: createScriptedEngine({ script: ({ messages }) => `About: ${messages.at(-1)?.content}` }),
    });
    const sessionId = await createSession(url);
    for (const subject of ['narwhals', ...Array.from({ length: 40 }, (_, index) => `subject ${index}`)]) {
      await readToEnd(followBySse(url, (await send(url, sessionId, subject)).reply.id));
    }
    const page = await browser.open(`${url}/c/${sessionId}`);
    await page.getByText('About: subject 39').waitFor();
    expect(await page.getByText('About: narwhals').count()).toBe(0);
    await page.keyboard.press('ControlOrMeta+K');
    await page.getByRole('dialog').getByRole('combobox', { name: 'Search' }).fill('narwhal');
    await page.getByRole('option').filter({ hasText: 'narwhals' }).first().click();
    await page.getByText('About: narwhals').waitFor();
    await page.waitForURL(/[?&]m=/);
  });

  it('keeps the draft when sending fails, and is told why', async () => {
    const { url } = await startPortal({ env: { MODEL: 'missing' } });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Is anybody there?');
    await expect.poll(() => chat.composer.inputValue()).toBe('Is anybody there?');
    await page.getByText(/model/i).first().waitFor();
  });

  it('is told why an example could not be asked', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine() });
    const page = await browser.open(url);
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('SendMessage')) await route.abort();
      else await route.fallback();
    });
    await page.getByRole('list', { name: 'Examples' }).getByRole('button').first().click();
    await page.getByRole('status').filter({ hasText: 'cannot be reached' }).waitFor();
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor();
  });

  it('leaves while a message is on its way that never arrives: it is there when they come back, and is sent once', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine({ script: () => answer }) });
    const [here, there] = [await createSession(url, { title: 'Alpha' }), await createSession(url, { title: 'Beta' })];
    const page = await browser.open(`${url}/c/${here}`);
    const chat = chatPage(page);
    let isLost = true;
    const held: (() => void)[] = [];
    await page.route('**/graphql', async (route) => {
      if (!isLost || !route.request().postData()?.includes('SendMessage')) return route.fallback();
      await new Promise<void>((resolve) => held.push(resolve));
      await route.abort();
    });
    await chat.send('Do not lose me');
    await expect.poll(() => held.length).toBe(1);
    await chat.conversation('Beta').click();
    await page.waitForURL(`${url}/c/${there}`);
    expect(await chat.composer.inputValue()).toBe('');
    for (const release of held) release();
    await chat.conversation('Alpha').click();
    await expect.poll(() => chat.composer.inputValue()).toBe('Do not lose me');

    await chat.sendButton.click();
    await expect.poll(() => held.length).toBe(2);
    await page.reload();
    await expect.poll(() => chat.composer.inputValue()).toBe('Do not lose me');
    isLost = false;
    await chat.sendButton.click();
    await expect.poll(() => chat.lastAnswerText()).toContain('The end.');
    expect(await chat.composer.inputValue()).toBe('');
    await page.reload();
    await expect.poll(() => chat.questions.count()).toBe(1);
    expect(await chat.composer.inputValue()).toBe('');
  });

  it('keeps the conversation in sight where what is new in it could not be asked for', async () => {
    const engine = createScriptedEngine({ script: () => answer });
    const { url } = await startPortal({ engine });
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Still there?');
    await expect.poll(() => chat.lastAnswerText()).toContain('The end.');
    await chat.sendButton.waitFor();
    let isLost = true;
    await page.route('**/graphql', async (route) => {
      if (isLost && route.request().postData()?.includes('query ThreadPage')) await route.abort();
      else await route.fallback();
    });
    engine.hold();
    await chat.composer.fill('Half a thought');
    await chat.answers.last().hover();
    await chat.answers.last().getByRole('button', { name: 'Regenerate' }).click();
    const missing = page.getByText('What is new here could not be loaded.');
    await missing.waitFor();
    expect(await chat.composer.inputValue()).toBe('Half a thought');
    await expect.poll(() => chat.questions.count()).toBe(1);
    isLost = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await missing.waitFor({ state: 'detached' });
    engine.release();
    await chat.answers.last().getByText('2/2').waitFor();
  });

  it('clears the filter of the sidebar by Escape, and the answer goes on', async () => {
    const engine = createScriptedEngine({ script: () => answer });
    const { url } = await startPortal({ engine });
    engine.hold();
    const page = await browser.open(url);
    const chat = chatPage(page);
    await chat.send('Go on');
    await chat.stopButton.waitFor();
    const filter = page.getByRole('searchbox', { name: 'Filter conversations' });
    await filter.fill('moon');
    await filter.press('Escape');
    engine.release();
    await expect.poll(() => chat.lastAnswerText()).toContain('The end.');
    await expect.poll(async () => (await storedAnswer(url)).status).toBe('COMPLETE');
  });

  it('reads on without a WebSocket, by server-sent events', async () => {
    const { url } = await startPortal({ engine: slowly() });
    const page = await browser.open('about:blank');
    await page.routeWebSocket(/graphql/, (socket) => socket.close({ code: 1011 }));
    await page.goto(url);
    const chat = chatPage(page);
    await chat.send('Without sockets?');
    await expect.poll(() => chat.lastAnswerText(), { timeout: 45_000 }).toContain('The end.');
    expect((await chat.lastAnswerText()).match(/round and round/g)).toHaveLength(60);
  });

  it('uses it on a phone', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine({ script: () => 'On a phone.' }) });
    const page = await browser.open(url, phone);
    const chat = chatPage(page);
    await chat.composer.fill('Small screen?');
    await chat.sendButton.click();
    await expect.poll(() => chat.lastAnswerText()).toContain('On a phone.');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    const { content } = (await readMessage(url, (await storedAnswer(url)).id)) ?? { content: '' };
    expect(content).toBe('On a phone.');
  });
});
