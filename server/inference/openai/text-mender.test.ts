import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTextMender } from './text-mender.ts';

it('gives whole characters without U+0000, wherever a server cuts its text, and loses nothing else', () => {
  const pieces = fc.array(
    fc.string({ unit: fc.constantFrom('a', 'é', '你', '\uD83D', '\uDE42', '🙂', '\0'), maxLength: 5 }),
  );
  fc.assert(
    fc.property(pieces, (texts) => {
      const mender = createTextMender();
      const mended = [...texts.map((text) => mender.push(text)), mender.rest()];
      for (const text of mended) expect(text.isWellFormed()).toBe(true);
      expect(mended.join('')).toBe(texts.join('').toWellFormed().replaceAll('\0', ''));
    }),
  );
});
