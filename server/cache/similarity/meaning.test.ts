import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meaningSimilarity, toMeaningVector } from './meaning.ts';
import { readQuestion } from './question.ts';

const same = toMeaningVector([0.6, 0.8]);
const near = (a: string, b: string) => meaningSimilarity(readQuestion(a), readQuestion(b), [same, same]);

describe('questions of one meaning by their vectors', () => {
  it.each([
    ['Why is the sky blue?', 'What makes the heavens look that colour by day?'],
    ['How long do elephants live?', 'At what age does an elephant usually die?'],
    ['Who led the expedition?', 'What was the name of the leader on this journey?'],
    ['What is hypertension?', 'What do doctors call blood pressure that is too high?'],
    ['What do red blood cells do?', 'What is the job of erythrocytes?'],
  ])('%s = %s', (a, b) => {
    expect(near(a, b)).toBeCloseTo(1, 5);
  });

  it.each([
    // What the guards of wording forbid.
    ['Does the price increase after tax?', 'Is the bill going to decrease once tax is paid?'],
    ['What is 15% of 200?', 'How much is a fifth of 300, roughly speaking?'],
    ['Why does my cat purr?', 'When does my cat purr in its sleep at night?'],
    ['Is a verbal contract binding?', 'Is it true that no spoken agreement has to be kept?'],
    // Which is one pattern with other words in it, and near for any model.
    ['How do I cook rice?', 'How do I cook pasta?'],
    ['Why does my cat purr?', 'Why does my dog growl?'],
    ['How much water should I drink a day?', 'How much water should I drink a day in summer?'],
    ['Does hot water freeze faster than cold water?', 'Does cold water freeze faster than hot water?'],
    // Which begins alike, about the same.
    ['How do I exit Vim?', 'How do I save a file in Vim?'],
    ['Write a complaint letter about a noisy neighbor', 'Write a letter about a broken washing machine'],
    ['How long does REM sleep last?', 'How can people get more sleep of the REM kind?'],
    ['Convert 100 Fahrenheit to Celsius', 'Convert 100 Celsius to Fahrenheit'],
  ])('%s ≠ %s, though the vectors are equal', (a, b) => {
    expect(near(a, b)).toBe(0);
  });

  it('are as near as the cosine says, and never less than not at all', () => {
    const [a, b] = [readQuestion('Why is the sky blue?'), readQuestion('What makes the heavens look that colour?')];
    const vectors = (x: number[], y: number[]) => [toMeaningVector(x), toMeaningVector(y)] as const;
    expect(meaningSimilarity(a, b, vectors([1, 0], [0.8, 0.6]))).toBeCloseTo(0.8, 2);
    expect(meaningSimilarity(a, b, vectors([1, 0], [0, 1]))).toBe(0);
    expect(meaningSimilarity(a, b, vectors([1, 0], [-1, 0]))).toBe(0);
    expect(meaningSimilarity(a, b, vectors([0, 0], [1, 0]))).toBe(0);
  });
});

it('rounding a vector to bytes moves no cosine by 0.01, in as many dimensions as models have', () => {
  const [a, b] = [readQuestion('Why is the sky blue?'), readQuestion('What makes the heavens look that colour?')];
  const vector = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 384, maxLength: 384 });
  fc.assert(
    fc.property(vector, vector, fc.float({ min: 0, max: 1, noNaN: true }), (one, noise, share) => {
      const other = one.map((value, index) => value * (1 - share) + (noise[index] ?? 0) * share);
      const length = Math.hypot(...one) * Math.hypot(...other);
      fc.pre(length > 1e-3);
      const exact = Math.max(0, one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0) / length);
      const rounded = meaningSimilarity(a, b, [toMeaningVector(one), toMeaningVector(other)]);
      expect(Math.abs(rounded - exact)).toBeLessThan(0.01);
    }),
    { numRuns: 200 },
  );
});
