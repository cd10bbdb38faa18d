import { describe, expect, it } from 'vitest';
import { createStopTexts } from './stop-texts.ts';

function run(stops: string[], pieces: string[]) {
  const watch = createStopTexts(stops);
  let text = '';
  for (const piece of pieces) {
    const shown = watch.push(piece);
    text += shown.text;
    if (shown.stopped) return { text, stopped: true };
  }
  return { text: text + watch.rest(), stopped: false };
}

describe('createStopTexts', () => {
  it('ends before a stop text, also where it arrives in pieces', () => {
    expect(run(['<|end|>'], ['Hello <', '|en', 'd|> and more'])).toEqual({ text: 'Hello ', stopped: true });
  });

  it('holds back only what may become a stop text', () => {
    const watch = createStopTexts(['<|end|>', 'User:']);
    expect(watch.push('a <|').text).toBe('a ');
    expect(watch.push('x').text).toBe('<|x');
    expect(watch.push('Use').text).toBe('');
    expect(watch.rest()).toBe('Use');
  });

  it('passes everything where nothing ends an answer', () => {
    expect(run([], ['a', '<|end|>'])).toEqual({ text: 'a<|end|>', stopped: false });
  });
});
