import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
);

/** Nothing but the portal is asked for anything. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const desktop = { viewport: { width: 1280, height: 800 } } as const;
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;

/** One Chromium for the tests of a file; call it at the top of the file. */
export function startBrowser(): { open: (url: string, options?: BrowserContextOptions) => Promise<Page> } {
  let browser: Browser | null = null;

  beforeAll(async () => {
    if (executable === undefined) throw new Error('Chromium is missing: npm test installs it, or says how.');
    browser = await chromium.launch({ executablePath: executable, args: quiet });
  });
  afterAll(() => browser?.close());

  return {
    /** A page in a browser profile of its own, closed when the test ends. */
    async open(url, options = desktop) {
      if (browser === null) throw new Error('The browser has not started.');
      const context: BrowserContext = await browser.newContext(options);
      onTestFinished(() => context.close());
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
  };
}
