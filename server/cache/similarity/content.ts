import { isEnglishWord } from './english-words.ts';
import { fillers, functionWords, mentionable, numberWords, ownPlurals, synonyms } from './lexicon.ts';

/** The words that say what a text is about, in their base form. */
export function contentOf(
  text: string,
  literals: ReadonlyMap<string, string>,
  written: Map<string, string>,
  isLeftOut = isHelper,
): string[] {
  const words = text.split(' ').filter((word) => word !== '');
  const told = words.filter((_, at) => !isLeftOut(words, at));
  // "That vs which" is about these very words.
  return (told.length === 0 ? words : told).map((word) => {
    const literal = literals.get(word);
    if (literal !== undefined) return literal;
    const base = baseForm(word);
    written.set(base, word);
    return base;
  });
}

const articles = /^(a|an|the)$/;
const subjects = /^(to|i|we|you|they|it|he|she|one|should|can|could|must|may|might|will|would|a|an|the|not)$/;
const afterDoing = /^(with|for|in|on|about|to|if|when|at|after|before|and|or)$/;
const participle =
  /^(\p{L}{3,}ed|shot|hit|cut|hurt|cast|beat|sold|bought|made|built|found|lost|sent|paid|told|held|led|set|put|read|taught|caught|fought|won|done|gone|born|torn|worn|sung|known|shown|grown|thrown|drawn|flown|written|taken|given|broken|spoken|eaten|driven|frozen|chosen|stolen|bitten|beaten|forgotten|hidden|fallen|proven|forbidden)$/u;
const spans = /^(day|night|week|month|year|hour|minute|second|person)$/;

/** Of what is compared every other word counts: "made of", "made from". */
export function isArticle(words: readonly string[], at: number): boolean {
  return articles.test(words[at] ?? '');
}

/** Whether the word at this place only helps the others to be said. */
function isHelper(words: readonly string[], at: number): boolean {
  const word = words[at] ?? '';
  const [before, next] = [words[at - 1], words[at + 1]];
  // "Which players were traded", "which players traded".
  if (/^(is|are|was|were|been)$/.test(word)) return !participle.test(next ?? '');
  // "What does it do": the last one, and the one after its subject, is what is done.
  if (/^(do|does|did)$/.test(word))
    return !(next === undefined || subjects.test(before ?? '') || afterDoing.test(next));
  if (word === 'there') return /^(is|are|was|were)$/.test(before ?? '');
  if (word === 'per') return spans.test(next ?? '');
  if (fillers.has(word))
    return before !== undefined && (next !== undefined || word === 'exactly') && !articles.test(before);
  if (!functionWords.has(word)) return false;
  // "The who command".
  if (!articles.test(word) && articles.test(before ?? '')) return false;
  return !(mentionable.has(word) && (next === undefined || /^(and|or|vs|versus|do|does|mean|means)$/.test(next)));
}

/** What is compared with what, whichever came first. */
export function compared(text: string, told: (words: string) => string[]): string[] {
  const [, subject = '', tail = ''] = text.match(/^(.*?)((?: in \S+(?: \S+)?)?)$/) ?? [];
  const sides = subject
    .replace(/ from (each other|one another)\b/, '')
    .replace(/\b(differ|different)( from| to| than)?\b/, ' and ')
    .split(/(?:^| )(?:and|or|vs|versus|with)(?: |$)/)
    .map((side) => told(side))
    .filter((side) => side.length > 0);
  if (sides.length === 2) sides.sort((one, other) => (one.join(' ') < other.join(' ') ? -1 : 1));
  return [...sides.flat(), ...(tail === '' ? [] : told(tail.trim()))];
}

/** The base of a word as far as English lets us say it safely: its singular, its usual spelling, one word for several. */
export function baseForm(word: string): string {
  const known = numberWords.get(word) ?? synonyms.get(word);
  if (known !== undefined) return known;
  if (!/^\p{Ll}{4,}$/u.test(word)) return word;
  const spelled = word.replace(/is(e|es|ed|ing|ation)$/, 'iz$1');
  const american = spelled !== word && isEnglishWord(spelled) ? spelled : word;
  const single = singular(american);
  return synonyms.get(single) ?? single;
}

function singular(word: string): string {
  if (/(ss|us|is|ics|news)$/.test(word) || !word.endsWith('s') || ownPlurals.has(word)) return word;
  const withY = `${word.slice(0, -3)}y`;
  if (word.endsWith('ies') && isEnglishWord(withY)) return withY;
  const shorter = word.replace(/(?<=(ch|sh|x|ss|zz))es$|s$/, '');
  // A name may end in s; only what English has without it loses it.
  return isEnglishWord(shorter) ? shorter : word;
}
