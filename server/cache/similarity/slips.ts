import { isEnglishWord } from './english-words.ts';

/**
 * How alike a word and a slip of the pen of it are; 0 where they are two words. One of them must be no English word: "desert" and
 * "dessert" are one letter apart and have nothing to do with each other. Names have no such witness, so they must be equal.
 */
export function misspelling(a: string, b: string): number {
  if (Math.min(a.length, b.length) < 5 || !/^\p{Ll}+$/u.test(a + b)) return 0;
  if (!isOneSlip(a, b) || isEnglishWord(a) === isEnglishWord(b)) return 0;
  return Math.max(0.8, trigramDice(a, b));
}

/** One letter too many or too few, two that changed places, or one beside the right one on the keyboard; never the first. */
export function isOneSlip(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1 || short[0] !== long[0]) return false;
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
