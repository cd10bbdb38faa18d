import { isEnglishWord } from './english-words.ts';
import { likeness } from './lexical.ts';
import { type Intent, negations, ofCode, opposites, otherWithCapital } from './lexicon.ts';
import { belongs } from './noun-phrase.ts';
import type { Question } from './question.ts';

/** Why two prompts that look alike must not share an answer. */
export type Difference =
  | 'another kind of question'
  | 'another time'
  | 'one of a kind, or any'
  | 'another number, symbol, quotation or piece of code'
  | 'another name'
  | 'a negation'
  | 'an opposite';

/** What no measure of likeness may overrule; null where nothing stands against one answer for both. */
export function differenceBetween(a: Question, b: Question): Difference | null {
  if (!asksTheSame(a, b)) return 'another kind of question';
  if (!ofOneTime(a, b)) return 'another time';
  if (!sameArticle(a, b)) return 'one of a kind, or any';
  if (!sameWords(a, b, isLiteral)) return 'another number, symbol, quotation or piece of code';
  if (lacksName(a, b) || lacksName(b, a) || capitalsDisagree(a, b) || capitalsDisagree(b, a)) return 'another name';
  if (!sameWords(a, b, (word) => negations.has(word))) return 'a negation';
  if (opposites.some(([one, other]) => parts(a, b, one, other) || parts(b, a, one, other))) return 'an opposite';
  return null;
}

const named: ReadonlySet<Intent> = new Set<Intent>(['what', 'who', 'tell']);

/** "France capital" asks what it is; a single word may want anything. */
function asksTheSame(a: Question, b: Question): boolean {
  const isAmount = a.intent === 'how much' && b.intent === 'how much';
  if (a.helper !== b.helper && (isAmount || (a.helper !== null && b.helper !== null))) return false;
  if (a.intent === b.intent) return true;
  if (a.content.length < 2 || b.content.length < 2) return false;
  return (a.intent === 'topic' && named.has(b.intent)) || (b.intent === 'topic' && named.has(a.intent));
}

/** "Explain the Silk Road" may ask of what was; keywords ask of what is. */
function ofOneTime(a: Question, b: Question): boolean {
  if (a.past === b.past) return true;
  if (a.past === null) return b.past === false || a.intent !== 'topic';
  if (b.past === null) return a.past === false || b.intent !== 'topic';
  return false;
}

/** "The Rock", "a rock"; "the Force", "force". */
function articlesDiffer(a: Question, b: Question): boolean {
  return [...a.articles].some(([word, article]) => {
    const other = b.articles.get(word);
    if (other !== undefined) return other !== article;
    const isNamed = a.capitalised.has(word) || b.capitalised.has(word) || ofNow.test(word);
    return article === 'the' && isNamed && isEnglishWord(word) && b.content.includes(word);
  });
}

/** With "the" they are those of this moment. */
const ofNow = /^(time|date|score|weather|temperature)$/;

/** "What is the time", "what is time"; "what is Python", "what is a python". Of more words, who writes fast leaves articles out. */
function sameArticle(a: Question, b: Question): boolean {
  if (articlesDiffer(a, b) || articlesDiffer(b, a)) return false;
  if (a.article === b.article) return true;
  // "Define time" does not ask what the time is.
  if (a.article === null || b.article === null) return a.content.length > 1 || (a.article ?? b.article) !== 'the';
  return a.content.length > 1 && b.content.length > 1 && (a.article === 'none' || b.article === 'none');
}

function isLiteral(word: string): boolean {
  return word !== belongs && !/^[\p{L}\p{M}'’-]+$/u.test(word);
}

/** A word that English does not have may be a name, or a slip of the pen of a word that the other question has. */
function lacksName(a: Question, b: Question): boolean {
  return a.content.some(
    (word) =>
      word.length > 2 &&
      !isLiteral(word) &&
      !isEnglish(word) &&
      !isEnglish(a.written.get(word) ?? word) &&
      !b.content.some((other) => likeness(a, word, b, other) > 0),
  );
}

/** "Well-known" is, of words that English has. */
function isEnglish(word: string): boolean {
  return word.split('-').every(isEnglishWord);
}

/** The words of one kind must be equal, in the same order. */
function sameWords(a: Question, b: Question, isOfKind: (word: string) => boolean): boolean {
  const [of, other] = [a.content.filter(isOfKind), b.content.filter(isOfKind)];
  return of.length === other.length && of.every((word, index) => word === other[index]);
}

/** "turkey" and "Turkey", "pin" and "PIN", "Mb" and "MB"; and "Aliens", which are more than one "Alien" only where they are no title. */
function capitalsDisagree(a: Question, b: Question): boolean {
  return a.content.some((word) => {
    const [one, other] = [a.written.get(word) ?? word, b.written.get(word)];
    const capitals = a.capitalised.get(one);
    if (other === undefined || capitals === undefined) return false;
    const others = b.capitalised.get(other);
    if (others === undefined && isEnglishWord(one) && mayBeName(a, b)) return true;
    if (others === undefined && b.hasCapitals && isOfCode(a) && !ofCode.has(one)) return true;
    if (others === undefined && one.length < 3 && one !== 'i') return true;
    if (one !== other || (otherWithCapital.has(one) && others === undefined)) return true;
    const isAbbreviation = /\p{Lu}.*\p{Lu}/u.test(capitals) && capitals.length > 1;
    return others === undefined ? isAbbreviation && isEnglishWord(one) : capitals !== others && one.length < 4;
  });
}

function isOfCode({ content }: Question): boolean {
  return content.some((word) => ofCode.has(word.toLowerCase()));
}

/** "What is Steam", "what is steam": of few words, by somebody who writes capitals, or by whom is not known. */
function mayBeName({ content, intent }: Question, other: Question): boolean {
  return other.hasCapitals ? content.length < 3 : content.length === 1 && intent !== 'who';
}

function parts(a: Question, b: Question, one: string, other: string): boolean {
  return a.content.includes(one) && !b.content.includes(one) && b.content.includes(other) && !a.content.includes(other);
}
