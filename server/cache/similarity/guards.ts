import { isEnglishWord } from './english-words.ts';
import { misspelling } from './lexical.ts';
import { negations, opposites, otherWithCapital } from './lexicon.ts';
import type { Question } from './question.ts';

/** Why two prompts that look alike must not share an answer. */
export type Difference =
  | 'another kind of question'
  | 'another time'
  | 'another number, symbol, quotation or piece of code'
  | 'another name'
  | 'a negation'
  | 'an opposite';

/** What no measure of likeness may overrule; null where nothing stands against one answer for both. */
export function differenceBetween(a: Question, b: Question): Difference | null {
  if (a.intent !== b.intent) return 'another kind of question';
  if (a.past !== b.past) return 'another time';
  if (!sameWords(a, b, isLiteral)) return 'another number, symbol, quotation or piece of code';
  if (lacksName(a, b) || lacksName(b, a) || capitalsDisagree(a, b) || capitalsDisagree(b, a)) return 'another name';
  if (!sameWords(a, b, (word) => negations.has(word))) return 'a negation';
  if (opposites.some(([one, other]) => parts(a, b, one, other) || parts(b, a, one, other))) return 'an opposite';
  return null;
}

function isLiteral(word: string): boolean {
  return !/^[\p{L}\p{M}'’-]+$/u.test(word);
}

/** A word that English does not have may be a name, or a slip of the pen of a word that the other question has. */
function lacksName(a: Question, b: Question): boolean {
  return a.content.some(
    (word) =>
      word.length > 2 &&
      !isLiteral(word) &&
      !isEnglishWord(word) &&
      !b.content.some((other) => word === other || misspelling(word, other) > 0),
  );
}

/** The words of one kind must be equal, in the same order. */
function sameWords(a: Question, b: Question, isOfKind: (word: string) => boolean): boolean {
  const [of, other] = [a.content.filter(isOfKind), b.content.filter(isOfKind)];
  return of.length === other.length && of.every((word, index) => word === other[index]);
}

/** "turkey" and "Turkey"; and "Aliens", which are more than one "Alien" only where they are no title. */
function capitalsDisagree(a: Question, b: Question): boolean {
  return a.content.some((word) => {
    const [one, other] = [a.written.get(word) ?? word, b.written.get(word)];
    if (other === undefined || !a.capitalised.has(one)) return false;
    return one !== other || (otherWithCapital.has(one) && !b.capitalised.has(other));
  });
}

function parts(a: Question, b: Question, one: string, other: string): boolean {
  return a.content.includes(one) && !b.content.includes(one) && b.content.includes(other) && !a.content.includes(other);
}
