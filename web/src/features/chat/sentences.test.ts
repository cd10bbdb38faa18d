import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSentenceReader } from './sentences.ts';

describe('announcing an answer', () => {
  it('speaks sentences once they are complete', () => {
    const reader = createSentenceReader();
    expect(reader.read('Hello the', false)).toEqual([]);
    expect(reader.read('Hello there. How', false)).toEqual(['Hello there.']);
    expect(reader.read('Hello there. How are you?', false)).toEqual([]);
    expect(reader.read('Hello there. How are you?', true)).toEqual(['How are you?']);
  });

  it('speaks no markup', () => {
    expect(createSentenceReader().read('## Title\n\n- **one**\n- `two`\n', true)).toEqual(['Title', 'one', 'two']);
  });

  it('does not stop at numbers', () => {
    expect(createSentenceReader().read('Pi is 3.14159 or so', false)).toEqual([]);
  });

  it('speaks every word once, wherever the text was cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('word', 'end.', 'why?', '3.14', 'line\n'), { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (words, step) => {
          const text = words.join(' ');
          const reader = createSentenceReader();
          const spoken: string[] = [];
          for (let cut = 0; cut < text.length; cut += step) spoken.push(...reader.read(text.slice(0, cut), false));
          spoken.push(...reader.read(text, true));
          expect(spoken.join(' ').split(/\s+/).filter(Boolean)).toEqual(text.split(/\s+/).filter(Boolean));
        },
      ),
    );
  });
});
