import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextDecoder } from './text-decoder.ts';

/** A tokenizer whose tokens are bytes, with llama.cpp's habit of handing out strings. */
const detokenize = (tokens: readonly number[]) => Buffer.from(tokens).toString('utf8');

function decode(bytes: Iterable<number>): string[] {
  const decoder = createTextDecoder(detokenize);
  return Array.from(bytes, (byte) => decoder.push(byte));
}

describe('createTextDecoder', () => {
  it('gives characters once they are whole', () => {
    expect(decode(Buffer.from('é😀!'))).toEqual(['', 'é', '', '', '', '😀', '!']);
  });

  it('gives back any text, in whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const pieces = decode(Buffer.from(text));
        expect(pieces.join('')).toBe(text.replaceAll('\0', ''));
        for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
      }),
    );
  });

  it('shows broken bytes as replacement characters, and goes on', () => {
    expect(decode([0x61, 0xf0, 0x9f, 0x62, 0x80, 0x63]).join('')).toBe('a\uFFFDb\uFFFDc');
  });

  it('never gives U+0000', () => {
    expect(decode([0x61, 0, 0x62]).join('')).toBe('ab');
  });
});
