import { describe, expect, it } from 'vitest';
import { parseSearchQuery } from './search-query.ts';

describe('a search query', () => {
  it('is all of its words and phrases; those that are excluded are not marked', () => {
    const query = parseSearchQuery('red "grey fox" OR wolf -bear -"polar bear"');
    expect(query?.sql.values).toEqual(['red', 'grey fox', 'wolf', 'bear', 'polar bear']);
    expect(query?.words?.values).toEqual(['red', 'grey fox', 'wolf']);
  });

  it('takes scripts without spaces apart into pairs, beside the words', () => {
    const query = parseSearchQuery('iPhone手机 北京大学 -上海 京');
    expect(query?.grams).toEqual(['手机', '北京', '京大', '大学', '京']);
    expect(query?.words?.values).toEqual(['iPhone ']);
    expect(parseSearchQuery('北京')?.words).toBeNull();
  });

  it('is none where nothing is wanted', () => {
    for (const text of ['', '  ', '-fox', '"', '!!! ---', 'or', '-a or -b']) expect(parseSearchQuery(text)).toBeNull();
  });

  it('is refused when it is too long, however many words it has', () => {
    expect(() => parseSearchQuery('x'.repeat(1001))).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(parseSearchQuery('ab '.repeat(333))).not.toBeNull();
  });
});
