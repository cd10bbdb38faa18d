import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachment } from './content-disposition.ts';

/** Any UTF-16 unit, half a character too. */
const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

describe('the name of a download', () => {
  it('is told in ASCII and in UTF-8', () => {
    expect(attachment('Trees.json')).toBe(`attachment; filename="Trees.json"; filename*=UTF-8''Trees.json`);
    expect(attachment("Äpfel & 'Birnen' (2).md")).toBe(
      `attachment; filename="A_pfel _ _Birnen_ _2_.md"; filename*=UTF-8''%C3%84pfel%20%26%20%27Birnen%27%20%282%29.md`,
    );
  });

  it('is no path, no device and no dot file, and does not run backwards', () => {
    for (const [title, name] of [
      ['../../etc/passwd', '_.._etc_passwd'],
      ['C:\\Windows\\system32', 'C__Windows_system32'],
      ['con', 'Conversation con'],
      ['...', 'Conversation'],
      ['', 'Conversation'],
      ['photo\u202Egnp', 'photognp'],
      ['a\r\nSet-Cookie: x=1', 'aSet-Cookie_ x=1'],
    ]) {
      expect(decodeURIComponent(attachment(`${title}.json`).split("''")[1] ?? '')).toBe(`${name}.json`);
    }
  });

  it('whatever the title: a header of printable ASCII with one quoted name, of a length that file systems take', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyUnit, maxLength: 400 }), (title) => {
        const header = attachment(`${title}.json`);
        expect(header).toMatch(
          /^attachment; filename="[A-Za-z0-9 ._-]+"; filename\*=UTF-8''(?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})+$/,
        );
        const name = decodeURIComponent(header.split("''")[1] ?? '');
        expect(Buffer.byteLength(name)).toBeLessThan(255);
        expect(name).not.toMatch(/[/\\]/);
      }),
      { numRuns: 300 },
    );
  });
});
