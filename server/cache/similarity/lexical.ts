import { isEnglishWord } from './english-words.ts';
import type { Question } from './question.ts';

/**
 * How alike two questions are, 0 to 1, without any weights of a model: the Dice measure over their content words and the
 * pairs of words that stand together, each weighed by its length, a misspelled word by the trigrams that it shares. 0 where one
 * of them says anything of which the other has no counterpart, in the same order.
 */
export function lexicalSimilarity(a: Question, b: Question): number {
  if (a.content.length !== b.content.length || a.content.length === 0) return 0;
  let [shared, whole] = [0, 0];
  let before = 1;
  for (const [index, word] of a.content.entries()) {
    const other = b.content[index] ?? '';
    const alike = word === other ? 1 : misspelling(word, other);
    if (alike === 0) return 0;
    // The word, and the pair that it makes with the one before it.
    const weight = 1 + Math.min(word.length, 10) / 10;
    shared += weight * (alike + alike * before);
    whole += weight * 2;
    before = alike;
  }
  return shared / whole;
}

/**
 * How alike a word and a slip of the pen of it are; 0 where they are two words. One of them must be no English word: "desert" and
 * "dessert" are one letter apart and have nothing to do with each other. Names have no such witness, so they must be equal.
 */
export function misspelling(a: string, b: string): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < 5 || long.length - short.length > 1 || !/^\p{Ll}+$/u.test(short + long)) return 0;
  if (isEnglishWord(a) === isEnglishWord(b) || !isOneSlip(short, long)) return 0;
  return Math.max(0.8, trigramDice(short, long));
}

/** One letter too many or too few, two that changed places, or one beside the right one on the keyboard; never the first. */
function isOneSlip(short: string, long: string): boolean {
  if (short[0] !== long[0]) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  if (short.slice(at + 2) === long.slice(at + 2) && short[at] === long[at + 1] && short[at + 1] === long[at])
    return true;
  return short.slice(at + 1) === long.slice(at + 1) && areVowelsOrNeighbours(short[at] ?? '', long[at] ?? '');
}

const keyboard = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

function areVowelsOrNeighbours(a: string, b: string): boolean {
  if (/[aeiou]/.test(a) && /[aeiou]/.test(b)) return true;
  return keyboard.some((row) => row.includes(a) && Math.abs(row.indexOf(a) - row.indexOf(b)) === 1 && row.includes(b));
}

function trigramDice(a: string, b: string): number {
  const [of, other] = [trigrams(a), trigrams(b)];
  const common = of.filter((gram) => other.includes(gram)).length;
  return (2 * common) / (of.length + other.length);
}

function trigrams(word: string): string[] {
  const padded = `  ${word} `;
  return Array.from({ length: padded.length - 2 }, (_, at) => padded.slice(at, at + 3));
}
