import { baseForm, compared, contentOf, isArticle } from './content.ts';
import { isEnglishWord } from './english-words.ts';
import {
  askings,
  courtesies,
  goingOn,
  type Intent,
  ofWords,
  pastWords,
  pointingWords,
  presentWords,
  questionWords,
  requests,
  requestVerbs,
} from './lexicon.ts';
import { plain, takeLiterals } from './literals.ts';
import { premodified } from './noun-phrase.ts';
import { rephrased } from './rephrasing.ts';
import { isPlain, thanks, wordForWord } from './word-for-word.ts';

/** A question taken apart, so that two of them can be compared piece by piece. */
export interface Question {
  /** What kind of answer it wants; `tell` where it is no question. */
  intent: Intent;
  /** Of which time it asks; null where it does not say, as "explain the Silk Road". */
  past: boolean | null;
  /** What it is about, in order: words in their base form, numbers, and literal pieces (quotations, code, symbols) as they are. */
  content: readonly string[];
  /** How it begins, in two words as they were written: "how do", "write a". */
  opening: string;
  /** Whether it asks of the one that there is, of any one, or of something that cannot be counted; null where it does not say. */
  article: 'the' | 'any' | 'none' | null;
  /** "the" or "a" before a word of the content; of many none is said. */
  articles: ReadonlyMap<string, 'the' | 'any'>;
  /** With which verb it is turned into a question: "how are knives cut", "how do knives cut". */
  helper: 'be' | 'do' | 'have' | null;
  /** Words with a capital inside the sentence: as they were written, by what they are in lower case. */
  capitalised: ReadonlyMap<string, string>;
  /** Whether whoever wrote it writes capitals. */
  hasCapitals: boolean;
  /** Its words and signs, where one that is left out could count: then nothing but these is as good as the same wording. */
  exactly: readonly string[] | null;
  /** As what each word of the content was written, in lower case. */
  written: ReadonlyMap<string, string>;
}

const contractions: readonly (readonly [RegExp, string])[] = [
  [/\b(what|who|where|when|why|how|which|that|it|he|she|there|here)['’]s\b/g, '$1 is'],
  [/\bcan['’]t\b|\bcannot\b/g, 'can not'],
  [/\bwon['’]t\b/g, 'will not'],
  [/n['’]t\b/g, ' not'],
  [/['’]re\b/g, ' are'],
  [/['’]m\b/g, ' am'],
  [/['’]ll\b/g, ' will'],
  [/['’]ve\b/g, ' have'],
  [/['’]d\b/g, ' would'],
  [/\b(wanna)\b/g, 'want to'],
  [/\bwhats\b/g, 'what is'],
  [/\bdont\b/g, 'do not'],
  // "Tell me a riddle" wants one; "tell me a bit about riddles" does not.
  [/\b(tell|give|write) (me|us) (?=(a|an|another|some)\b(?! (bit|little))|\uE000)/g, 'write '],
];

const longestAbbreviation = 5;
/** So many courtesies stand one behind the other at most. */
const mostCourtesies = 8;

/** Reads a normalised prompt. Pure; linear in its length. */
export function readQuestion(prompt: string): Question {
  const capitalised = capitalsInside(prompt);
  const whole = takeLiterals(prompt);
  if (ofWords.test(plain(whole.text.toLowerCase()))) return ofWordsAlone(prompt, capitalised);
  const { text, literals } = thanks.test(prompt) ? takeLiterals(prompt.replace(thanks, '')) : whole;
  const bare = withoutCourtesies(plain(spelledOut(text)));
  const past = timeOf(bare.split(' '));
  const phrased = rephrased(versus(bare, capitalised));
  const { kind, asked, rest, isAbbreviation } = takeAsking(phrased);
  const written = new Map<string, string>();
  return {
    intent: kind === 'tell' && past === null && !isRequest(rest) ? 'topic' : kind,
    past,
    content: contentFor(kind, asked, rest, (words, isLeftOut) => contentOf(words, literals, written, isLeftOut)),
    opening: bare.split(' ', 2).join(' '),
    article: articleOf(kind, asked, rest),
    articles: articlesIn(bare),
    helper: kind === 'difference' || isAbbreviation ? null : helperOf(phrased),
    capitalised,
    hasCapitals: /\p{Lu}/u.test(prompt),
    exactly: isPlain(prompt, plain(spelledOut(text))) ? null : wordForWord(prompt),
    written,
  };
}

/** In lower case, without contractions. */
function spelledOut(text: string): string {
  // "APIs" is more than one API.
  const singular = text.replace(/\b(\p{Lu}{2,})s\b/gu, '$1');
  return contractions.reduce((line, [pattern, whole]) => line.replace(pattern, whole), singular.toLowerCase());
}

/** Takes from a question how it asks. */
function takeAsking(text: string) {
  const [asking, kind] = askings.find(([pattern]) => pattern.test(text)) ?? [null, 'tell' as const];
  const asked = asking === null ? '' : (text.match(asking)?.[0] ?? '').trim();
  const rest = plain(text.slice(asked.length));
  const [, meant] = (/\bwhat (do|does)$/.test(asked) && rest.match(/^(.+) (?:mean|means|stand for|stands for)$/)) || [];
  // What an abbreviation means is what it is; a red rose means more.
  const isShort = (word: string) => !isEnglishWord(word) && word.length <= longestAbbreviation;
  const isAbbreviation = meant?.split(' ').every(isShort) ?? false;
  return { kind, asked, rest: isAbbreviation && meant !== undefined ? meant : rest, isAbbreviation };
}

/** What it is about; `told`: the words of a part of it. */
function contentFor(
  kind: Intent,
  asked: string,
  rest: string,
  told: (words: string, isLeftOut?: typeof isArticle) => string[],
): string[] {
  if (kind === 'difference') return compared(rest, (side) => told(side, isArticle));
  // What is asked of us stands first ("name advantages of X"), and so does "many".
  const content = told(premodified(rest, isRequest(rest) || /^(many|much) /.test(rest) ? 1 : 0));
  const [head, ...others] = content;
  const [, subject] = asked.match(/ (i|you|one)$/) ?? [];
  // "How do you work" is no "how to work".
  if (kind === 'how to' && content.length < 2 && subject !== undefined) return [subject, ...content];
  if (kind === 'tell' && head !== undefined && wantsOne.test(rest)) return [requestVerbs.get(head) ?? head, ...others];
  return content;
}

/** A question about words themselves: nothing else may stand for them. */
function ofWordsAlone(prompt: string, capitalised: ReadonlyMap<string, string>): Question {
  const exactly = wordForWord(prompt);
  return {
    intent: 'of words',
    past: null,
    content: exactly,
    opening: exactly.slice(0, 2).join(' '),
    article: null,
    articles: new Map(),
    helper: null,
    capitalised,
    hasCapitals: true,
    exactly,
    written: new Map(exactly.map((word) => [word, word])),
  };
}

/** "Magma vs lava" asks for the difference; "India vs Australia" for a match. */
function versus(text: string, capitalised: ReadonlyMap<string, string>): string {
  const [, one, other] = text.match(/^(.+) (?:vs|versus) (.+?)(?: differences?| compared)?$/) ?? [];
  if (one === undefined || other === undefined || questionWords.has(one.split(' ', 1)[0] ?? '')) return text;
  const isPlain = (word: string) => {
    const capitals = capitalised.get(word);
    return capitals === undefined ? isEnglishWord(word) : capitals === capitals.toUpperCase();
  };
  return `${one} ${other}`.split(' ').every(isPlain) ? `difference between ${one} and ${other}` : text;
}

const helpers = { be: /^(is|are|was|were)$/, do: /^(do|does|did)$/, have: /^(has|have|had)$/ } as const;

function helperOf(text: string): Question['helper'] {
  const first = text.split(' ', /^how (much|many|\S+ (is|are|was|were)\b)/.test(text) ? 3 : 2);
  const found = Object.entries(helpers).find(([, words]) => first.some((word) => words.test(word)));
  return (found?.[0] ?? null) as Question['helper'];
}

/** A request, not a noun: "draft a letter" and no "draft beer". */
const wantsOne =
  /^((compose|create|generate|draft) (a|an|the|some|my|another) (\S+ ){0,2}(letter|poem|essay|email|mail|story|song|speech|article|report|summary|text|note|message|post|paragraph|review|joke|tale|limerick|haiku|cv|resume|recap)\b|(enumerate|name) (some|all|two|three|four|five|six|seven|eight|nine|ten|\uE000)|summari[sz]e )/;

function withoutCourtesies(text: string): string {
  let rest = text;
  for (let round = 0; round < mostCourtesies; round++) {
    const before = rest;
    for (const courtesy of courtesies) rest = rest.replace(courtesy, ' ').trim();
    if (rest === before) break;
  }
  return rest.replace(/ +/g, ' ');
}

const ofThings: ReadonlySet<Intent> = new Set<Intent>(['what', 'who', 'which']);

function articleOf(kind: Intent, asked: string, rest: string): Question['article'] {
  if (!ofThings.has(kind)) return null;
  if (/^the\b|^an? \S+['’]s\b/.test(rest)) return 'the';
  if (/^(a|an)\b/.test(rest)) return 'any';
  if (!/\b(is|are)$/.test(asked)) return null;
  return /\bare$/.test(asked) ? 'any' : 'none';
}

function articlesIn(text: string): ReadonlyMap<string, 'the' | 'any'> {
  const found = new Map<string, 'the' | 'any'>();
  for (const [, article = '', word = ''] of text.matchAll(/(?<!\S)(the|an?) (\S+)/g)) {
    const base = baseForm(word);
    if (base === word || !word.endsWith('s')) found.set(base, article === 'the' ? 'the' : 'any');
  }
  for (const word of text.split(' ')) {
    const base = baseForm(word);
    if (base !== word && word.endsWith('s') && !found.has(base)) found.set(base, 'any');
  }
  return found;
}

function timeOf(words: readonly string[]): boolean | null {
  if (words.some((word) => pastWords.has(word))) return true;
  return words.some((word) => presentWords.has(word)) ? false : null;
}

function isRequest(text: string): boolean {
  return requests.has(text.split(' ', 1)[0] ?? '');
}

/** A longer text says something. */
const longestAlone = 300;

/** Whether a prompt says too little alone: "continue", "why?", "and the second one?", "what does it mean?". */
export function dependsOnWhatCameBefore(prompt: string): boolean {
  const { text, literals } = takeLiterals(prompt);
  const lower = plain(text.toLowerCase());
  if (goingOn.test(lower)) return true;
  const words = lower.split(' ').filter((word) => word !== '');
  if (words.some((word) => pointingWords.has(word))) return true;
  // `that` points where no clause follows it: "explain that", but "the idea that light bends".
  if (/\bthat$/.test(lower)) return true;
  return literals.size === 0 && lower.length < longestAlone && readQuestion(prompt).content.length === 0;
}

/** Words with a capital inside a sentence; capitals say something only where not every word has one. */
function capitalsInside(prompt: string): ReadonlyMap<string, string> {
  const words = (prompt.match(/[\p{L}'’]+/gu) ?? []).slice(1).filter((word) => !/^\p{Lu}{2}/u.test(word));
  const titled = words.filter((word) => /^\p{Lu}/u.test(word)).length;
  if (!/\p{Ll}/u.test(prompt) || (titled > 2 && titled > words.length * 0.6)) return new Map();
  const inside = prompt.match(/(?<=[\p{L}\p{N},;)] )\p{Lu}[\p{L}'’]*|(?<!\p{L})\p{L}*\p{Lu}{2,}\p{L}*/gu) ?? [];
  return new Map(inside.map((word) => [word.toLowerCase(), word]));
}
