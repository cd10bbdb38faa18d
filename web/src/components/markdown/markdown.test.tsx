import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Markdown } from './markdown.tsx';

const render = (text: string) => renderToStaticMarkup(<Markdown text={text} whole />);

/** Every element name and attribute of some markup. */
function partsOf(html: string): { elements: Set<string>; attributes: Set<string> } {
  const tags = [...html.matchAll(/<([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>/gi)];
  return {
    elements: new Set(tags.map(([, name]) => name ?? '')),
    attributes: new Set(
      tags.flatMap(([, , rest]) =>
        [...(rest ?? '').matchAll(/([a-z-]+)(?:="[^"]*")?/gi)].map(([, name]) => name ?? ''),
      ),
    ),
  };
}

describe('the Markdown of a model', () => {
  it('draws what people expect', () => {
    const html = render('# A\n\n**b** *c* `d` ~~e~~\n\n- [x] f\n\n| g |\n|--:|\n| h |\n\n```js\ni\n```\n\n> j\n\n3. k');
    expect([...partsOf(html).elements]).toEqual(
      expect.arrayContaining([
        'h2',
        'strong',
        'em',
        'code',
        'del',
        'input',
        'table',
        'th',
        'td',
        'pre',
        'blockquote',
        'ol',
      ]),
    );
    expect(html).toContain('start="3"');
  });

  it.each([
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</script>',
    'a <b onclick="alert(1)">b</b> c',
    '<iframe src="https://evil.example"></iframe>',
    '<svg><animate onbegin=alert(1)></svg>',
    '[x](javascript:alert(1))',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '<javascript:alert(1)>',
    '[x]: javascript:alert(1)\n\n[x]',
    '![x](https://evil.example/p.png "onerror=alert(1)")',
    '![x](javascript:alert(1))',
    '```html" onload="alert(1)\ncode\n```',
    '| <img src=x> |\n|--|\n| <script>alert(1)</script> |',
    '[a](https://x.example/"onmouseover="alert(1))',
    '&lt;img src=x onerror=alert(1)&gt;',
    '&#106;avascript:alert(1)',
    '[x](&#106;avascript:alert(1))',
  ])('makes no markup, loads nothing and runs nothing of %s', (text) => {
    const html = render(text);
    const { elements, attributes } = partsOf(html);
    for (const name of ['script', 'img', 'iframe', 'animate', 'b', 'object', 'embed', 'link', 'style']) {
      expect(elements).not.toContain(name);
    }
    for (const name of attributes) expect(name).not.toMatch(/^on|^src/);
    expect(html).not.toMatch(/href="(?!https:\/\/|http:\/\/|mailto:)/);
  });

  it('shows raw markup as the text that it is', () => {
    expect(render('a <b>c</b>')).toContain('a &lt;b&gt;c&lt;/b&gt;');
  });

  it('names the host of a picture instead of asking it', () => {
    const html = render('![a cat](https://pictures.example/cat.png)');
    expect(html).toContain('a cat (picture at pictures.example)');
    expect(html).toContain('rel="noopener noreferrer"');
  });

  it('resolves character references in text, and leaves them alone in code', () => {
    expect(render('5 &lt; 6 &amp;&amp; `&lt;`')).toContain('5 &lt; 6 &amp;&amp; <code');
    expect(render('`&lt;`')).toContain('&amp;lt;');
  });

  it('shows what is too deep as plain text, all of it', () => {
    const text = '> '.repeat(3_000);
    expect(render(text).replaceAll('&gt;', '>')).toContain(text);
  });
});
