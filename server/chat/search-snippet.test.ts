import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchEnd, matchStart, toSnippet } from './search-snippet.ts';

/** As Postgres highlights it: every match of the word between marks. */
const highlight = (content: string, word: string) => content.replaceAll(word, `${matchStart}${word}${matchEnd}`);

describe('a snippet', () => {
  it('is the whole of a short text, its matches marked', () => {
    expect(toSnippet('a fox and a fox', highlight('a fox and a fox', 'fox'), [])).toBe(
      'a <mark>fox</mark> and a <mark>fox</mark>',
    );
  });

  it('escapes everything else, a <mark> of the text too', () => {
    const content = `<mark>"it's"</mark> & fox`;
    expect(toSnippet(content, highlight(content, 'fox'), [])).toBe(
      '&lt;mark&gt;&quot;it&#39;s&quot;&lt;/mark&gt; &amp; <mark>fox</mark>',
    );
  });

  it('joins neighbouring pairs of characters into the word that they make', () => {
    expect(toSnippet('我在北京大学学习', '        ', ['北京', '京大', '大学'])).toBe('我在<mark>北京大学</mark>学习');
  });

  it('keeps its place past characters of two units', () => {
    expect(toSnippet('😀𠀀 fox', `   ${matchStart}fox${matchEnd}`, [])).toBe('😀𠀀 <mark>fox</mark>');
  });

  it('is cut from a long text where most matches stand, between words', () => {
    const content = `fox ${'word '.repeat(100)}fox a fox ${'word '.repeat(100)}`;
    const snippet = toSnippet(content, highlight(content, 'fox'), []);
    expect(snippet).toMatch(/^…word (word )+<mark>fox<\/mark> a <mark>fox<\/mark>( word)+…$/);
    expect(snippet.length).toBeLessThan(240);
  });

  it('of any text is a passage of it once tags and escapes are taken back', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '\n', '<', '&', '大', '学', '😀', '\u0001'),
      maxLength: 900,
    });
    fc.assert(
      fc.property(text, (content) => {
        const snippet = toSnippet(content, highlight([...content].map((c) => (c === 'a' ? c : ' ')).join(''), 'a'), [
          '大学',
        ]);
        const plain = snippet
          .replaceAll(/<\/?mark>/g, '')
          .replaceAll('&lt;', '<')
          .replaceAll('&amp;', '&')
          .replaceAll(/^…|…$/g, '');
        expect(content).toContain(plain);
        expect(plain.length).toBeLessThanOrEqual(200);
        expect(snippet.includes('<mark>')).toBe(/a|大学/.test(content));
      }),
    );
  });
});
