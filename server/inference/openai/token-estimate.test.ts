import { describe, expect, it } from 'vitest';
import { estimatePromptTokens, estimateTokens } from './token-estimate.ts';

describe('an estimate of tokens', () => {
  // Counted with the tokenizers of GPT-4 (cl100k_base) and Llama 3, the larger of both.
  it.each<[string, number]>([
    ['All human beings are born free and equal in dignity and rights.', 13],
    ['Alle Menschen sind frei und gleich an Würde und Rechten geboren.', 16],
    ['Tous les êtres humains naissent libres et égaux en dignité et en droits.', 22],
    ['Все люди рождаются свободными и равными в своем достоинстве и правах.', 35],
    ['Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.', 76],
    ['يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.', 35],
    ['人人生而自由,在尊严和权利上一律平等。', 22],
    ['すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。', 45],
    ['모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.', 41],
    ['सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।', 84],
    ['const total = items.reduce((sum, { price }) => sum + price * 1.19, 0);', 24],
    ['3.14159265358979, 2718281828, 2026-11-21T15:04:05Z', 28],
    ['🙂🎉👩‍👩‍👧', 18],
  ])('of %j is no less than the tokenizers count, and not three times as much', (text, counted) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(counted);
    expect(estimateTokens(text)).toBeLessThan(counted * 3);
  });

  it('is none of nothing, and grows with every message', () => {
    expect(estimateTokens('')).toBe(0);
    const message = { role: 'user' as const, content: 'Hello' };
    expect(estimatePromptTokens([message, message])).toBeGreaterThan(estimatePromptTokens([message]) + 5);
  });

  it('takes a moment for the longest text that is sent', () => {
    const started = performance.now();
    estimateTokens('Any words, 123 of them. '.repeat(12_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
