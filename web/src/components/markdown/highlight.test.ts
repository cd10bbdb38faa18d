import { describe, expect, it } from 'vitest';
import { highlight } from './highlight.ts';

describe('highlighting', () => {
  it('colours code without changing a character of it', () => {
    const code = 'const a = "<b>&amp;"; // done\n';
    const segments = highlight(code, 'ts');
    expect(segments?.map(({ text }) => text).join('')).toBe(code);
    expect(segments).toContainEqual({ text: 'const', scope: 'keyword' });
    expect(segments).toContainEqual({ text: '// done', scope: 'comment' });
  });

  it('follows languages inside each other', () => {
    const code = '<script>const a = 1;</script>';
    const segments = highlight(code, 'html');
    expect(segments?.map(({ text }) => text).join('')).toBe(code);
    expect(segments).toContainEqual({ text: '1', scope: 'number' });
  });

  it('leaves unknown languages and very long code alone', () => {
    expect(highlight('a', 'klingon')).toBeNull();
    expect(highlight('a'.repeat(50_000), 'js')).toBeNull();
  });
});
