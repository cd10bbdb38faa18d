import { describe, expect, it } from 'vitest';
import { snippetParts } from './snippet.ts';

describe('a search snippet', () => {
  it('is plain text with its matches apart', () => {
    expect(snippetParts('the <mark>cache</mark> of a <mark>CPU</mark>')).toEqual([
      { text: 'the ', isMatch: false },
      { text: 'cache', isMatch: true },
      { text: ' of a ', isMatch: false },
      { text: 'CPU', isMatch: true },
    ]);
  });

  it('shows what was escaped as it was written, once', () => {
    expect(snippetParts('&lt;mark&gt; &amp;lt; &quot;a&quot; &#39;b&#39;')).toEqual([
      { text: '<mark> &lt; "a" \'b\'', isMatch: false },
    ]);
  });

  it('is empty for nothing', () => {
    expect(snippetParts('')).toEqual([]);
  });
});
