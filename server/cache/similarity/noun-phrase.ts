import { isEnglishWord } from './english-words.ts';
import { qualities } from './lexicon.ts';

/** Nouns of what holds something: a glass of milk is no milk glass. */
const containers =
  /^(cup|glass|bottle|box|can|pot|pack|packet|bag|piece|bowl|plate|slice|jar|sheet|head|pair|bit|lot|kind|type|sort|part|set|out|because|instead|full|one|some|most|all|none|many|each|any|rid|think|hear|made|consist|consists|barrel|carton|tank|bucket|case|crate|keg|basket|tin|mug|vase|tube|drop|pile|stack|group|way|state|city)s?$/;
const ends =
  /^(in|on|at|for|with|without|from|to|by|and|or|than|when|while|if|because|before|after|during|between|into|about|against|over|under|is|are|was|were|do|does|did|can|could|should|must|will|would|as|of|per|vs|not|no)$/;
const articles = /^(a|an|the)$/;

/** Between what belongs and what it belongs to, where the two side by side could mean something else: "credit history" is not the history of credit. */
export const belongs = '\uE002';

/**
 * "The capital of France" and "France's capital" become "France capital", as one may say as well. The first `fixed` words stay where they are.
 */
export function premodified(text: string, fixed: number): string {
  const words = text.split(' ').flatMap((word, at, all) => {
    const owner = word.match(/^(.+)(?:['’]s|(?<=s)['’])$/u)?.[1];
    return owner === undefined || owner === 'let' || at === all.length - 1
      ? [word]
      : [owner, ...mark([owner], all.slice(at + 1))];
  });
  for (let at = words.length - 2; at > 0; at--) {
    if (words[at] !== 'of') continue;
    let first = at;
    while (first > fixed && !ends.test(words[first - 1] ?? '') && !articles.test(words[first - 1] ?? '')) first--;
    if (first === at || containers.test(words[at - 1] ?? '')) continue;
    let past = at + 1;
    while (past < words.length && !ends.test(words[past] ?? '')) past++;
    if (past === at + 1) continue;
    const owner = words.slice(at + 1, past).filter((word) => !articles.test(word));
    const owned = words.slice(first, at);
    words.splice(first, past - first, ...owner, ...mark(owner, owned), ...owned);
  }
  return words.join(' ');
}

function mark(owner: readonly string[], owned: readonly string[]): string[] {
  const isName = !isEnglishWord(owner.at(-1) ?? '');
  return isName || owned.some((word) => qualities.has(word)) ? [] : [belongs];
}
