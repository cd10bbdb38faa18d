import type { Locator, Page } from 'playwright-core';

/** What a person finds on the page, by role and name. */
export function chatPage(page: Page) {
  const conversations = page.getByRole('navigation', { name: 'Conversations' });
  return {
    composer: page.getByRole('textbox', { name: 'Message' }),
    sendButton: page.getByRole('button', { name: 'Send', exact: true }),
    stopButton: page.getByRole('button', { name: 'Stop', exact: true }),
    conversations,
    answers: page.getByRole('article', { name: /^Assistant/ }),
    questions: page.getByRole('article', { name: /^You/ }),

    async send(text: string): Promise<void> {
      const composer = page.getByRole('textbox', { name: 'Message' });
      await composer.fill(text);
      await composer.press('Enter');
    },

    /** The conversation's line in the sidebar. */
    conversation(title: string): Locator {
      return conversations.getByRole('link', { name: title });
    },

    async lastAnswerText(): Promise<string> {
      return (
        (await page
          .getByRole('article', { name: /^Assistant/ })
          .last()
          .textContent()) ?? ''
      );
    },
  };
}
