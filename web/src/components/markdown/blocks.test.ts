import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBlockReader } from './blocks.ts';
import { parseBlocks } from './parse.ts';

const lines = [
  'plain words',
  'more *words* and `code`',
  '',
  '',
  '# heading',
  '#hashtag',
  '- item',
  '  - nested',
  '  continued',
  '* star',
  '***bold***',
  '***',
  '---',
  '===',
  '1. one',
  '2. two',
  '1.5 is a number',
  '> quote',
  '> - in quote',
  '```js',
  '```',
  '    indented',
  '| a | b |',
  '|---|---|',
  '| 1 | 2 |',
  '<div>',
  '</div>',
  '- [ ] task',
  '\ttab',
  'https://example.com',
];

const document = fc.array(fc.constantFrom(...lines), { maxLength: 16 }).map((picked) => picked.join('\n'));

/** Type and text of each block, neighbouring blank space aside: a text that still grows may hold more of it. */
const shapeOf = (blocks: readonly { token: { type: string; raw: string } }[]) =>
  blocks
    .filter(({ token }) => token.type !== 'space')
    .map(({ token }) => `${token.type}:${token.raw.replace(/\n+$/, '')}`);

describe('reading a text that grows', () => {
  it('ends with the blocks of the whole text, wherever it was cut', () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 1, max: 9 }), (text, step) => {
        const reader = createBlockReader();
        for (let end = 0; end < text.length; end += step) reader.read(text.slice(0, end), false);
        const expected = shapeOf(parseBlocks(text).map((token) => ({ token })));
        expect(shapeOf(reader.read(text, false))).toEqual(expected);
        expect(shapeOf(reader.read(text, true))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps closed blocks as the same objects', () => {
    const reader = createBlockReader();
    const [first] = reader.read('# A\n\npara\n', false);
    const blocks = reader.read('# A\n\npara\n\nmore', false);
    expect(blocks[0]).toBe(reader.read('# A\n\npara\n\nmore words', false)[0]);
    expect(first?.token.raw).toBe(blocks[0]?.token.raw);
  });

  it('reads anew what was cut', () => {
    const reader = createBlockReader();
    reader.read('# A\n\npara\n\nmore\n\n', false);
    expect(shapeOf(reader.read('# B\n', false))).toEqual(['heading:# B']);
  });

  it('resolves references that are defined late, once the text is whole', () => {
    const reader = createBlockReader();
    const text = 'See [it][1].\n\nMore.\n\n[1]: https://example.com\n';
    reader.read(text, false);
    expect(JSON.stringify(reader.read(text, true))).toContain('"href":"https://example.com"');
  });
});

describe('parsing what is hostile', () => {
  it.each([
    ['6 kB of quotes', '> '.repeat(3_000)],
    ['39 kB of emphasis', '*a_ '.repeat(10_000)],
    ['lists in lists', '- '.repeat(3_000)],
    ['brackets', '['.repeat(20_000)],
    ['underscores', `_a${'x'.repeat(30)}`.repeat(1_700)],
    ['addresses', `a@b${'x'.repeat(30)}`.repeat(1_700)],
    ['stairs', Array.from({ length: 200 }, (_, level) => `${' '.repeat(2 * level)}- a`).join('\n')],
  ])('never takes long: %s', (_name, text) => {
    const start = process.cpuUsage();
    const raw = parseBlocks(text)
      .map((token) => token.raw)
      .join('');
    // Of this process: whatever else the machine does is no fault of the parser.
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(500);
    expect(raw.length).toBeGreaterThan(0);
  });

  it('leaves money and shells alone', () => {
    expect(parseBlocks('It costs $5 and $10.')[0]).toMatchObject({
      type: 'paragraph',
      tokens: [{ type: 'text', text: 'It costs $5 and $10.' }],
    });
  });
});
