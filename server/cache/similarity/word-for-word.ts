import { isEnglishWord } from './english-words.ts';
import { functionWords, negated, ofTitles, oneClause, questionWords } from './lexicon.ts';

/** "..., thanks": after a comma, since "how do I say thanks" is about it. */
export const thanks =
  /[,.!?;\n]\s{0,3}(thanks|thank you|thx|cheers)( so much| very much| a lot| in advance)?[\s.!]{0,9}$/i;
/** "Tell me, ..." and "..., please" are no clauses of their own. */
const aside = /^(tell me|hi|hello|hey|please|ok|okay|so|well)[,:!]\s|,\s?(please|pls)[?.!\s]*$/gi;

/** Whether it is one clause of English without a negation: only there we know which words can be left out. */
export function isPlain(prompt: string, worded: string): boolean {
  const clause = prompt.replace(thanks, '').replace(aside, ' ').replace(marks, '_');
  if (!oneClause.test(clause.trim()) || negated.test(clause)) return false;
  const words = worded.split(' ').filter((word) => /^[\p{L}'’-]{2,}$/u.test(word));
  const english = words.filter((word) => functionWords.has(word) || isEnglishWord(word));
  return (
    english.length * 2 >= words.length && (!ofTitles.test(worded) || questionWords.has(worded.split(' ', 1)[0] ?? ''))
  );
}

/** Quotations, code and numbers have signs of their own. */
const marks = /`[^`\n]*`|"[^"\n]*"|“[^”\n]*”|\S*\d\S*(?=\s|$)|[\p{L}\p{N}]+\.\p{L}{1,5}(?!\p{L})/gu;

/** Every word and sign as it is, but for the case of the first letter, the sign at the end, and what is said to be polite before a translation. */
export function wordForWord(prompt: string): string[] {
  return (
    prompt
      .replace(/^\p{Lu}(?!\p{Lu})/u, (first) => first.toLowerCase())
      .replace(/^(please |(can|could|would|will) you (please )?(?=translate (\S*["“«'`]|this|the)))/, '')
      .replace(/(?<=[\p{L}"'”»])[?.!]?\s*$/u, '')
      // Lines have their breaks and what stands before them.
      .split(prompt.includes('\n') ? /(?!)/ : /\s+/)
  );
}
