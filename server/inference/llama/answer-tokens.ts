import { createTextDecoder, type Detokenize } from './text-decoder.ts';

export interface Vocabulary {
  /** Ids run from 0 to below this. */
  size: number;
  detokenize: Detokenize;
}

/**
 * Those of the tokens that an answer was drawn as which spell its text: all but those of a stop text, which was cut off.
 * Null where they do not spell it, as those of another model do not: then the text has to do.
 */
export function tokensThatSpell(
  content: string,
  tokenIds: readonly number[],
  { size, detokenize }: Vocabulary,
): readonly number[] | null {
  // llama.cpp ends the process over an id that it does not know.
  if (!tokenIds.every((id) => Number.isInteger(id) && id >= 0 && id < size)) return null;
  if (detokenize(tokenIds, []) === content) return tokenIds;
  const decoder = createTextDecoder(detokenize);
  let at = 0;
  for (const [index, id] of tokenIds.entries()) {
    const text = decoder.push(id);
    if (!content.startsWith(text, at)) return at === content.length ? tokenIds.slice(0, index) : null;
    at += text.length;
  }
  return at === content.length ? tokenIds : null;
}
