import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQuestion, similarity } from './similarity.ts';

const alike = (a: string, b: string) => similarity(readQuestion(a), readQuestion(b));

describe('questions that one answer serves', () => {
  it.each([
    ['What is photosynthesis?', 'Can you please tell me what photosynthesis is?'],
    ['What is photosynthesis?', 'Explain photosynthesis.'],
    ['What is photosynthesis?', 'whats photosynthsis'],
    ['How do I install Python on Windows?', 'how to install python on windows'],
    ['What is the capital of France?', "What's France's capital?"],
    ['What is the difference between TCP and UDP?', 'difference between UDP and TCP'],
    ['How do mitosis and meiosis differ?', 'What is the difference between mitosis and meiosis?'],
    ['When did World War II end?', 'In what year did World War II end?'],
    ['Why is the sky blue?', 'Could you explain why the sky is blue?'],
    ['Summarise the French Revolution', 'Please give me a summary of the French Revolution.'],
    ['What colour is a ripe banana?', 'What color is a ripe banana?'],
  ])('%s = %s', (a, b) => {
    expect(alike(a, b)).toBeGreaterThan(0.75);
  });
});

describe('questions that look alike and are not', () => {
  it.each([
    ['What is the capital of France?', 'What is the capital of Spain?'],
    ['Convert 5 miles to km', 'Convert 6 miles to km'],
    ['What is 12 * 7?', 'What is 12 + 7?'],
    ['Differentiate x² + 1', 'Differentiate x2 + 1'],
    ['Is coffee good for you?', 'Is coffee bad for you?'],
    ['Is it safe to eat raw eggs?', 'Is it not safe to eat raw eggs?'],
    ['flights from Paris to London', 'flights from London to Paris'],
    ['How do I bake a desert?', 'How do I bake a dessert?'],
    ['What is turkey?', 'Where is Turkey?'],
    ['Where is turkey eaten most?', 'Where is Turkey eaten most?'],
    ['Who was the first president?', 'Who is the first president?'],
    ['Can dogs eat chocolate?', 'Can cats eat chocolate?'],
    ['What does `a == b` do?', 'What does `a === b` do?'],
    ['Translate "good night"', 'Translate "good morning"'],
    ['What causes adaption?', 'What causes adoption?'],
    ['How many litres are in a gallon?', 'How many gallons are in a litre?'],
    ['When did it start raining in Rome?', 'Where did it start raining in Rome?'],
  ])('%s ≠ %s', (a, b) => {
    expect(alike(a, b)).toBe(0);
  });
});

it('any text can be read and compared, in either order, and is like itself', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      (a, b) => {
        expect(alike(a, b)).toBe(alike(b, a));
        expect([0, 1]).toContain(alike(a, a));
      },
    ),
  );
});
