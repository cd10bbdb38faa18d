import { readFileSync } from 'node:fs';
import path from 'node:path';
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
    // Keywords, and what they ask.
    ['What is a black hole?', 'black hole definition'],
    ['What was apartheid?', 'apartheid definition'],
    ['What is the capital of Iceland?', 'iceland capital'],
    ['Who invented the printing press?', 'inventor of the printing press'],
    ['How many bones does a shark have?', 'number of bones in a shark'],
    ['How tall is Mount Kenya?', "what's the height of Mount Kenya"],
    ['Where is the spleen located?', 'spleen location'],
    ['What does the gallbladder do?', 'function of the gallbladder'],
    ['What causes landslides?', 'causes of landslides'],
    ['What is the difference between lava and magma?', 'magma vs lava'],
    ['How does climate differ from weather?', 'What sets weather apart from climate?'],
    // One order of words for another.
    ['How long should I boil an egg?', 'Tell me how long I should boil an egg'],
    ["What is water's boiling point?", 'what is the boiling point of water'],
    ['Who built the pyramids of Giza?', 'who built the Giza pyramids?'],
    // Slips in what asks, and in a plural.
    ['Waht is a prime number?', 'What is a prime number?'],
    ['How do I make vegan panccakes for three?', 'How do I make vegan pancakes for three?'],
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
    ['What causes earthquakes?', 'What do earthquakes cause?'],
    ['What does a CPU do?', 'What does CPU stand for?'],
    ['What is the best way to learn Spanish?', 'What is the fastest way to learn Spanish?'],
    ['What is a swing state?', 'Which are the swing states?'],
    ['What is the Internet of Things?', 'What is the internet?'],
    ['What does the % operator do?', 'What does the & operator do?'],
    ['Tell me a riddle', 'What is a riddle?'],
    ['How much is a glass of milk?', 'How much is a milk glass?'],
    ['When do I use who and when whom?', 'When do I use who and when that?'],
    ['Write an introduction', 'Write an overview'],
    ['Which scientist died poor?', 'Which painter died poor?'],
    ['What is my IP address?', 'What is an IP address?'],
    ['I should exercise before bed', 'Should I exercise before breakfast?'],
    ['How long do hamsters live?', 'How long do hamsters sleep?'],
    ['What is the capital of France?', 'What was the capital of France?'],
  ])('%s ≠ %s', (a, b) => {
    expect(alike(a, b)).toBe(0);
  });
});

it('lines count with what stands before them', () => {
  expect(alike('Is my yaml valid?\na:\n  b: 1', 'Is my yaml valid?\na:\nb: 1')).toBe(0);
  expect(alike('Fix this\n  x = 1', 'fix this\n  x = 1')).toBe(1);
  expect(alike('Fix this\n  Foo = 1', 'Fix this\n  foo = 1')).toBe(0);
  expect(alike('Is a capital needed: I love my Mom', 'Is a capital needed: I love my mom')).toBe(0);
});

it('no two prompts that want other answers share one, however alike they are', () => {
  const wrong = readFileSync(path.join(import.meta.dirname, 'similarity/other-answers.txt'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(' | '))
    .filter((line) => {
      const [a = '', b = ''] = line.split(' | ');
      return alike(a, b) > 0 || alike(b, a) > 0;
    });
  expect(wrong).toEqual([]);
});

it.each([
  'so ',
  'me ',
  'hi ',
  'ok ',
  'what “',
  'how to us ',
  'thanks ',
  '« ',
  'of x in ',
  '! ',
  '(1 + ',
  'x - ',
  '\n',
  '. ',
  "'s of ",
  'the a ',
])('a long text of "%s" is read at once', (piece) => {
  const text = piece.repeat(8_000 / piece.length);
  const startedAt = performance.now();
  readQuestion(text);
  // Not a figure: what is quadratic takes seconds.
  expect(performance.now() - startedAt).toBeLessThan(1_000);
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
