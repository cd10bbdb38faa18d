import { describe, expect, it } from 'vitest';
import { tokensThatSpell } from './answer-tokens.ts';

/** Ids 0 to 255 are bytes, those above are these. */
const pieces = ['Hel', 'lo', 'Hello', '<|', 'end', '|>'];
const vocabulary = {
  size: 256 + pieces.length,
  detokenize: (tokens: readonly number[]) =>
    Buffer.concat(tokens.map((id) => (id < 256 ? Buffer.from([id]) : Buffer.from(pieces[id - 256] ?? '')))).toString(),
};

describe('tokensThatSpell', () => {
  it('takes the tokens as they are, however they split the text', () => {
    expect(tokensThatSpell('Hello', [256, 257], vocabulary)).toEqual([256, 257]);
    expect(tokensThatSpell('Hello', [258], vocabulary)).toEqual([258]);
    expect(tokensThatSpell('', [], vocabulary)).toEqual([]);
  });

  it('keeps the bytes of a character that was never finished', () => {
    const emoji = [...Buffer.from('🙂')];
    expect(tokensThatSpell('Hello', [258, ...emoji.slice(0, 3)], vocabulary)).toEqual([258, ...emoji.slice(0, 3)]);
    expect(tokensThatSpell('Hello🙂', [258, ...emoji], vocabulary)).toEqual([258, ...emoji]);
  });

  it('leaves out U+0000, which the text never had, and keeps its token', () => {
    expect(tokensThatSpell('Hello', [256, 0, 257], vocabulary)).toEqual([256, 0, 257]);
  });

  it('leaves out the tokens of a stop text that was cut off', () => {
    expect(tokensThatSpell('Hello', [258, 259, 260, 261], vocabulary)).toEqual([258]);
  });

  it('refuses tokens of another text, and ids that are none', () => {
    expect(tokensThatSpell('Hallo', [258], vocabulary)).toBeNull();
    expect(tokensThatSpell('Hello you', [258], vocabulary)).toBeNull();
    expect(tokensThatSpell('Hello', [256], vocabulary)).toBeNull();
    for (const id of [-1, 1.5, Number.NaN, vocabulary.size]) {
      expect(tokensThatSpell('Hello', [258, id], vocabulary)).toBeNull();
    }
  });
});
