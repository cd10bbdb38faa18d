import { expect, it } from 'vitest';
import { startBrowser } from '../testkit/browser.ts';
import { operations } from '../testkit/openapi.ts';
import { startPortal } from '../testkit/portal.ts';

const browser = startBrowser();

it('the page of the REST API shows every route and tries one, with nothing from elsewhere and nothing refused', async () => {
  const { url } = await startPortal();
  const page = await browser.open('about:blank');
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    const address = request.url();
    if (!address.startsWith(url) && !/^(data|blob|about):/.test(address)) elsewhere.push(address);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${url}/docs`);
  await page.locator('.opblock').first().waitFor();
  expect(await page.locator('.opblock').count()).toBe(operations.length);

  const create = page.locator('.opblock', { hasText: 'Begins a conversation' });
  await create.locator('.opblock-summary').click();
  await create.getByRole('button', { name: 'Execute' }).click();
  const answer = create.locator('.live-responses-table');
  await answer.waitFor();
  expect(await answer.textContent()).toContain('session_id');
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
});
