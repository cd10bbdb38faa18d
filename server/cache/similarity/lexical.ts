import { isDeepStrictEqual } from 'node:util';
import type { Question } from './question.ts';
import { misspelling } from './slips.ts';

/**
 * How alike two questions are, 0 to 1, without any weights of a model: the Dice measure over their content words and the
 * pairs of words that stand together, each weighed by its length, a misspelled word by the trigrams that it shares. 0 where one
 * of them says anything of which the other has no counterpart, in the same order.
 */
export function lexicalSimilarity(a: Question, b: Question): number {
  if (a.exactly !== null || b.exactly !== null) return sameExactly(a, b) ? 1 : 0;
  const [words, others] = [a.content, b.content];
  if (words.length !== others.length || words.length === 0) return 0;
  let [shared, whole] = [0, 0];
  let before = 1;
  for (const [index, word] of words.entries()) {
    const other = others[index] ?? '';
    const alike = likeness(a, word, b, other);
    if (alike === 0) return 0;
    // The word, and the pair that it makes with the one before it.
    const weight = 1 + Math.min(word.length, 10) / 10;
    shared += weight * (alike + alike * before);
    whole += weight * 2;
    before = alike;
  }
  return shared / whole;
}

function sameExactly(a: Question, b: Question): boolean {
  return a.exactly !== null && b.exactly !== null && isDeepStrictEqual(a.exactly, b.exactly);
}

/** Where little else is said, a word that English lacks is rather a name than a slip: "monet facts", "money facts". */
const leastLetters = { amongFew: 10, amongMore: 6 };

/**
 * How alike two words of two questions are. A slip in a plural is found in the words as they were written.
 */
export function likeness(a: Question, word: string, b: Question, other: string): number {
  if (word === other) return 1;
  const [one, another] = [a.written.get(word) ?? word, b.written.get(other) ?? other];
  const least = a.content.length < 3 ? leastLetters.amongFew : leastLetters.amongMore;
  if (Math.min(word.length, other.length) < least) return 0;
  if ((a.capitalised.has(one) || b.capitalised.has(another)) && Math.min(word.length, other.length) < 8) return 0;
  return Math.max(misspelling(word, other), misspelling(one, another));
}
