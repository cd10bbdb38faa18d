import { describe, expect, it } from 'vitest';
import { hostOf, safeHref } from './links.ts';

describe('links of a model', () => {
  it.each([
    ['https://example.com/a?b=c#d', 'https://example.com/a?b=c#d'],
    ['HTTP://EXAMPLE.com', 'http://example.com/'],
    ['mailto:somebody@example.com', 'mailto:somebody@example.com'],
  ])('may lead to %s', (href, expected) => {
    expect(safeHref(href)).toBe(expected);
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'vbscript:msgbox(1)',
    'data:text/html,<script>alert(1)</script>',
    'blob:https://example.com/1',
    'file:///etc/passwd',
    '//example.com',
    '/c/1',
    '#top',
    '',
    'ftp://example.com',
  ])('may not lead to %j', (href) => {
    expect(safeHref(href)).toBeNull();
  });

  it('name the host that would be asked', () => {
    expect(hostOf('https://tracker.example:8443/pixel.png?chat=secret')).toBe('tracker.example:8443');
    expect(hostOf('nonsense')).toBe('another place');
  });
});
