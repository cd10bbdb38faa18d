import { isEnglishWord } from './english-words.ts';
import {
  askings,
  courtesies,
  functionWords,
  goingOn,
  type Intent,
  numberWords,
  pastWords,
  pointingWords,
  requestVerbs,
  synonyms,
} from './lexicon.ts';

/** A question taken apart, so that two of them can be compared piece by piece. */
export interface Question {
  /** What kind of answer it wants; `tell` where it is no question. */
  intent: Intent;
  /** Whether it asks about the past. */
  past: boolean;
  /** What it is about, in order: words in their base form, numbers, and literal pieces (quotations, code, symbols) as they are. */
  content: readonly string[];
  /** Words with a capital inside the sentence, in lower case. */
  capitalised: ReadonlySet<string>;
  /** As what each word of the content was written, in lower case. */
  written: ReadonlyMap<string, string>;
}

/** Quotations and code: compared as they are. */
const quotations = [
  /```[\s\S]*?```/g,
  /`[^`\n]+`/g,
  /"[^"\n]+"|“[^”\n]+”|«[^»\n]+»|(?<![\p{L}\p{N}])'[^'\n]+'(?![\p{L}\p{N}])/gu,
];
/** What no plain word has inside: a piece of text with one of these is compared as it is. */
const symbols =
  /[\p{L}\p{N}][_\\/@#<>{}[\]()=|:;&][\p{L}\p{N}]|\p{Ll}\p{Lu}|[<>{}[\]=|\\#@~^_+*/]|\p{Sm}|\p{Sc}|\p{No}|\p{So}/u;
const numberPattern = /(?<![\p{L}\p{N}])[-−]?\d+(?:[.,:]\d+)*(?:\s?%|°\p{L}?)?/gu;
const hole = (index: number) => `\uE000${index}\uE001`;

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
];

/** Reads a normalised prompt. Pure; linear in its length. */
export function readQuestion(prompt: string): Question {
  const capitalised = capitalsInside(prompt);
  const written = new Map<string, string>();
  const { text, literals } = takeLiterals(prompt);
  let rest = contractions.reduce((line, [pattern, whole]) => line.replace(pattern, whole), text.toLowerCase());
  rest = plain(rest);
  for (let before = ''; before !== rest; ) {
    before = rest;
    for (const courtesy of courtesies) rest = plain(rest.replace(courtesy, ' '));
  }
  const past = rest.split(' ').some((word) => pastWords.has(word));
  const [asking, kind] = askings.find(([pattern]) => pattern.test(rest)) ?? [null, 'tell' as const];
  if (asking !== null) rest = plain(rest.replace(asking, ' '));
  if (kind === 'what') rest = rest.replace(/\b(mean|means|stand for|stands for)$/, '');
  if (kind === 'difference') rest = rest.replace(/\b(differ|different)\b( from (each other|one another))?/, '');
  const words = possessives(rest)
    .split(/[\s]+/)
    .filter((word) => word !== '')
    .map((word) => literals.get(word) ?? word)
    .filter((word) => !functionWords.has(word) && !pastWords.has(word))
    .map((word) => {
      const base = baseForm(word);
      written.set(base, word);
      return base;
    });
  const [head, ...others] = words;
  const content = kind === 'tell' && head !== undefined ? [requestVerbs.get(head) ?? head, ...others] : words;
  return { intent: kind, past, content: kind === 'difference' ? compared(content) : content, capitalised, written };
}

/** Whether a prompt says too little alone: "continue", "why?", "and the second one?", "what does it mean?". */
export function dependsOnWhatCameBefore(prompt: string): boolean {
  const { text, literals } = takeLiterals(prompt);
  const lower = plain(text.toLowerCase());
  if (goingOn.test(lower)) return true;
  const words = lower.split(' ').filter((word) => word !== '');
  if (words.some((word) => pointingWords.has(word))) return true;
  // `that` points where no clause follows it: "explain that", but "the idea that light bends".
  if (/\bthat$/.test(lower)) return true;
  return literals.size === 0 && readQuestion(prompt).content.length === 0;
}

/** The base of a word as far as English lets us say it safely: its singular, its usual spelling, one word for several. */
function baseForm(word: string): string {
  const known = numberWords.get(word) ?? synonyms.get(word);
  if (known !== undefined) return known;
  if (!/^\p{Ll}{4,}$/u.test(word)) return word;
  const spelled = word.replace(/is(e|es|ed|ing|ation)$/, 'iz$1');
  const american = spelled !== word && isEnglishWord(spelled) ? spelled : word;
  const single = singular(american);
  return synonyms.get(single) ?? single;
}

function singular(word: string): string {
  if (/(ss|us|is|ics|news)$/.test(word) || !word.endsWith('s')) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  const shorter = word.replace(/(?<=(ch|sh|x|ss|zz))es$|s$/, '');
  // A name may end in s; only what English has without it loses it.
  return isEnglishWord(shorter) ? shorter : word;
}

/** `france's capital` reads as `capital of france`, which reads as `capital france`. */
function possessives(text: string): string {
  return text.replace(/(\S+)['’]s (\S+)/g, '$2 $1');
}

/** What is compared with what: in one order, whichever came first. */
function compared(content: readonly string[]): readonly string[] {
  const joined = content.join(' ').split(/ (?:and|or|vs|versus|from|to|with|between|than) /);
  return joined.sort().flatMap((side) => side.split(' '));
}

function takeLiterals(prompt: string): { text: string; literals: ReadonlyMap<string, string> } {
  const literals = new Map<string, string>();
  const take = (piece: string) => {
    const trimmed = piece.replace(/[?!.,;:]+$/, '');
    const key = hole(literals.size);
    literals.set(key, trimmed);
    return ` ${key} `;
  };
  let text = quotations.reduce((line, pattern) => line.replace(pattern, take), prompt);
  text = text.replace(/\S+/g, (piece) => (symbols.test(piece) && !piece.includes('\uE000') ? take(piece) : piece));
  text = text.replace(numberPattern, (number, at: number) =>
    insideHole(text, at) ? number : take(number.replace(/(?<=\d),(?=\d{3})/g, '')),
  );
  return { text, literals };
}

function insideHole(text: string, at: number): boolean {
  return text[at - 1] === '\uE000';
}

/** Words and holes, one blank between them. */
function plain(text: string): string {
  return text
    .replace(/[^\p{L}\p{M}\p{N}\uE000\uE001'’-]+/gu, ' ')
    .replace(/(?<![\p{L}\p{N}])['’-]+|['’-]+(?![\p{L}\p{N}])/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
}

/** Words with a capital inside a sentence, in lower case; capitals say something only where not every word has one. */
function capitalsInside(prompt: string): ReadonlySet<string> {
  const words = prompt.match(/[\p{L}'’]+/gu) ?? [];
  if (words.filter((word) => /^\p{Lu}/u.test(word)).length > words.length * 0.6) return new Set();
  const inside = prompt.match(/(?<=[\p{L}\p{N},;)] )\p{Lu}[\p{L}'’]*/gu) ?? [];
  return new Set(inside.map((word) => word.toLowerCase()));
}
