import type { Page } from 'playwright-core';

/** Writes down what the page has a screen reader say from now on; gives it as it stands. */
export async function listenTo(page: Page): Promise<() => Promise<string>> {
  const notes = await page.locator('.sr-only[aria-live=polite]').evaluateHandle((region) => {
    const heard: string[] = [];
    const listen = () => heard.push(region.textContent ?? '');
    new MutationObserver(listen).observe(region, { childList: true, subtree: true, characterData: true });
    return heard;
  });
  return () => notes.evaluate((heard) => heard.filter((text) => text !== '').join(' '));
}
