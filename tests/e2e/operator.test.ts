import { chmod } from 'node:fs/promises';
import { pino } from 'pino';
import type { Page } from 'playwright-core';
import { v7 as uuid } from 'uuid';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createEmbeddedPostgres } from '../../server/stores/embedded-postgres.ts';
import { seriousFindingsInBothThemes } from '../testkit/axe.ts';
import { phone, startBrowser } from '../testkit/browser.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { freePort } from '../testkit/free-port.ts';
import { askFor } from '../testkit/graph.ts';
import { makeFolder } from '../testkit/llama.ts';
import { takePicture } from '../testkit/pictures.ts';
import { startPortal } from '../testkit/portal.ts';
import { startRedis } from '../testkit/redis.ts';

const browser = startBrowser();
const patient = { timeout: 30_000 };
const singleUserId = '00000000-0000-0000-0000-000000000001';

/** What an operator finds on the page, by role and name. */
function operatorPage(page: Page) {
  const card = (title: string) => page.getByRole('region', { name: title, exact: true });
  const cache = card('Answer cache');
  return {
    card,
    cache,
    /** What stands beside a name in the legend of a chart. */
    figure: (title: string, name: string) =>
      card(title).getByRole('listitem').filter({ hasText: name }).locator('span').last(),
    part: (name: string) =>
      card('Health')
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading', { name }) }),
    cacheFact: async (name: string) => {
      const facts = await cache.locator('dl > div').allTextContents();
      return facts.find((fact) => fact.startsWith(name))?.slice(name.length);
    },
    fitsTheScreen: () =>
      page.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement;
        return scrollWidth <= window.innerWidth && scrollHeight <= window.innerHeight;
      }),
  };
}

/** Asks and waits for the end of the answer. */
async function ask(url: string, sessionId: string, question: string): Promise<void> {
  const { reply } = await send(url, sessionId, question);
  await readToEnd(followBySse(url, reply.id));
}

const cachedAnswers = async (url: string): Promise<number> =>
  (await askFor<{ cachedAnswers: number }>(url, '{ cachedAnswers }')).cachedAnswers;

describe('who runs the portal', () => {
  it('comes from the sidebar, sees figures move as people ask, and looks at them as tables', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine({ tokenDelayMs: 5 }) });
    const page = await browser.open(url);
    await chatPage(page).composer.waitFor();
    const loaded = () =>
      page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .map(({ name }) => name)
          .join('\n'),
      );
    expect(await loaded()).not.toContain('operator-panels');
    await page.getByRole('link', { name: 'Operator’s page' }).click();
    await page.waitForURL('**/operator');
    await expect.poll(loaded).toContain('operator-panels');

    const operator = operatorPage(page);
    await expect.poll(() => operator.figure('Requests', 'asked for').textContent(), patient).toBe('0');
    await expect.poll(() => operator.figure('Time to the first token', 'mean').textContent()).toBe('–');
    const sessionId = await createSession(url, { title: 'Capitals' });
    await ask(url, sessionId, 'What is the capital of France?');
    await expect.poll(() => cachedAnswers(url)).toBe(1);
    await ask(url, sessionId, 'What is the capital of France?');
    await expect.poll(() => operator.figure('Requests', 'asked for').textContent(), patient).toBe('2');
    await operator.card('Requests').getByText('2 since counting began, 0 of them failed').waitFor();
    await expect.poll(() => operator.figure('Answers from the cache', 'hits').textContent()).toBe('50%');
    await expect.poll(() => operator.figure('How replies end', 'from the cache').textContent()).toBe('1');
    await expect.poll(() => operator.figure('Time to the first token', 'mean').textContent()).toMatch(/ms|s$/);
    await operator
      .card('Requests')
      .getByRole('img', { name: /^Requests: asked for 2, failed 0;/ })
      .waitFor();
    await takePicture(page, 'operator-charts');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);

    await page.getByRole('button', { name: 'Tables', exact: true }).click();
    const minute = operator.card('Requests').getByRole('row').nth(1);
    await expect.poll(() => minute.getByRole('cell').first().textContent()).toBe('2');
    await takePicture(page, 'operator-tables');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
  });

  it('flushes a conversation’s answers, then all, knowing how many go', async () => {
    const { url } = await startPortal();
    const page = await browser.open(`${url}/operator`);
    const operator = operatorPage(page);
    for (const title of ['Capitals', 'Plays']) {
      const sessionId = await createSession(url, { title });
      await ask(url, sessionId, `What is asked in ${title}?`);
      await ask(url, sessionId, `And what else in ${title}?`);
    }
    await expect.poll(() => operator.cacheFact('Answers kept'), patient).toBe('4');

    await operator.cache.getByRole('button', { name: 'Flush…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Flush the answer cache' });
    await dialog.getByText('4 cached answers go for good').waitFor();
    await dialog.getByRole('button', { name: 'A conversation’s' }).click();
    await dialog.getByRole('combobox', { name: 'The conversation' }).selectOption('Capitals');
    await dialog.getByText('2 cached answers go for good').waitFor();
    await takePicture(page, 'operator-flush');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Flush 2 answers' }).click();
    await page.getByText('2 answers are gone from the cache.').waitFor();
    await expect.poll(() => operator.cacheFact('Answers kept'), patient).toBe('2');

    await operator.cache.getByRole('button', { name: 'Flush…' }).click();
    await dialog.getByRole('button', { name: 'A user’s' }).click();
    await dialog.getByText('2 cached answers go for good').waitFor();
    await dialog.getByRole('textbox', { name: 'The user’s id' }).fill('nobody');
    await dialog.getByText('This is no id').waitFor();
    expect(await dialog.getByRole('button', { name: /^Flush/ }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Everything' }).click();
    await dialog.getByRole('button', { name: 'Flush 2 answers' }).click();
    await expect.poll(() => operator.cacheFact('Answers kept'), patient).toBe('0');
    expect(await cachedAnswers(url)).toBe(0);
  });

  it('is told that Redis is gone and that it is back, while the figures go on', async () => {
    const redis = await startRedis();
    const { url } = await startPortal({ env: { REDIS_URL: redis.url } });
    const page = await browser.open(`${url}/operator`);
    const operator = operatorPage(page);
    await operator.part('Redis').getByText('works', { exact: true }).waitFor();
    await expect.poll(() => operator.cacheFact('Kept in'), patient).toBe('Redis');
    await redis.kill();
    await operator.part('Redis').getByText('is away', { exact: true }).waitFor();
    await page.getByRole('status').filter({ hasText: 'Redis is away.' }).waitFor();
    await operator.part('Redis').getByText('Chat goes on').waitFor();
    await expect.poll(() => operator.cacheFact('Kept in'), patient).toBe('this process, until Redis is back');
    await ask(url, await createSession(url), 'Is anybody there?');
    await expect.poll(() => operator.figure('Requests', 'asked for').textContent(), patient).toBe('1');
    await takePicture(page, 'operator-without-redis');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await redis.restart();
    await operator.part('Redis').getByText('works', { exact: true }).waitFor();
    await expect.poll(() => operator.cacheFact('Kept in'), patient).toBe('Redis');
  });

  it('is told that Postgres is gone, when no figure can be read any more, and that it is back', async () => {
    const { folder, remove } = await makeFolder();
    // The account that Postgres runs as must get to its data.
    await chmod(folder, 0o755);
    const logger = pino({ level: 'silent' });
    const postgres = createEmbeddedPostgres({ dataDir: folder, logger, port: await freePort() });
    onTestFinished(async () => {
      await postgres.stop();
      await remove();
    });
    const forever = new AbortController().signal;
    const { url } = await startPortal({ databaseUrl: await postgres.start(forever) });
    const page = await browser.open(`${url}/operator`);
    const operator = operatorPage(page);
    await operator.part('Postgres').getByText('works', { exact: true }).waitFor();
    await expect.poll(() => operator.figure('Requests', 'asked for').textContent(), patient).toBe('0');
    await postgres.stop();
    await operator.part('Postgres').getByText('is away', { exact: true }).waitFor();
    await operator.part('Postgres').getByText('It cannot be reached; the portal tries again.').waitFor();
    await operator.part('Postgres').getByText('Nothing can be read or written').waitFor();
    // Models are files: they are known without it.
    const model = operator
      .card('Health')
      .getByRole('listitem')
      .filter({ hasText: /^test-model/ });
    await model.waitFor();
    await expect.poll(() => operator.figure('Requests', 'asked for').textContent(), patient).toBe('–');
    await takePicture(page, 'operator-without-postgres');
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    // Also who comes only now is told, though nobody can say who that is.
    const late = operatorPage(await browser.open(`${url}/operator`));
    await late.part('Postgres').getByText('is away', { exact: true }).waitFor();
    await postgres.start(forever);
    await late.part('Postgres').getByText('works', { exact: true }).waitFor();
    await expect.poll(() => late.figure('Requests', 'asked for').textContent(), patient).toBe('0');
    await operator.part('Postgres').getByText('works', { exact: true }).waitFor();
    await model.waitFor();
    await expect.poll(() => operator.figure('Requests', 'asked for').textContent(), patient).toBe('0');
  });

  it('sees what was used day by day on a phone, and by which model', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    for (const [days, modelName, answers] of [
      [0, 'qwen2.5-1.5b', 5],
      [1, 'qwen2.5-1.5b', 3],
      [4, 'a-model-with-a-name-that-is-longer-than-any-phone-is-wide-q4_k_m', 2],
      [20, 'test-model', 1],
    ] as const) {
      const createdAt = new Date(Date.now() - days * 86_400_000);
      const record = { userId: singleUserId, modelName, promptTokens: 300, reusedTokens: 100, completionTokens: 200 };
      await db.usageEvent.createMany({
        data: Array.from({ length: answers }, () => ({ id: uuid(), ...record, generationMs: 20_000, createdAt })),
      });
    }
    const page = await browser.open(`${url}/operator`, phone);
    const operator = operatorPage(page);
    const use = operator.card('Use by day and model');
    await use.getByRole('img', { name: /^Answers a day, .* at most 5$/ }).waitFor();
    await use.getByRole('row').filter({ hasText: 'test-model' }).waitFor();
    await use.scrollIntoViewIfNeeded();
    await takePicture(page, 'operator-use-phone');
    await use.getByRole('button', { name: '7 days' }).click();
    await use.getByRole('row').filter({ hasText: 'test-model' }).waitFor({ state: 'detached' });
    await use.getByRole('button', { name: 'Tokens written' }).click();
    await use.getByRole('img', { name: /^Tokens written a day, .* at most 1,000$/ }).waitFor();
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    expect(await operator.fitsTheScreen()).toBe(true);
    await page.getByRole('button', { name: 'Tables', exact: true }).click();
    await use.getByRole('row', { name: /^\d{4}-\d\d-\d\d qwen2\.5-1\.5b 5/ }).waitFor();
    expect(await operator.fitsTheScreen()).toBe(true);
  });

  it('is the only one who does', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    await db.user.update({ where: { id: singleUserId }, data: { role: 'user' } });
    const page = await browser.open(`${url}/operator`);
    await page.getByText('This page is for administrators').waitFor();
    expect(await page.getByRole('link', { name: 'Operator’s page' }).count()).toBe(0);
    expect(await seriousFindingsInBothThemes(page)).toEqual([]);
    await expect(askFor(url, '{ telemetry { totalRequests } }')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(askFor(url, 'mutation { flushCache }')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(askFor(url, `{ cachedAnswers(sessionId: "${uuid()}") }`)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
