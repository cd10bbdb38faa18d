/** Turns the tokens of one answer into text, piece by piece. */
export interface TextDecoder {
  /** The text that has become certain with this token: whole characters only, without U+0000. */
  push(token: number): string;
}

export type Detokenize = (tokens: readonly number[], before: readonly number[]) => string;

const replacement = '\uFFFD';
/** Some tokenizers decide about a leading space by what stands before. */
const contextTokens = 4;
/** A character has four bytes at most; tokens that end inside one for longer than this are not text. */
const longestWait = 16;

/**
 * llama.cpp hands out strings, where the bytes of an unfinished character show as one U+FFFD at the end. So that is held
 * until the next token tells whether it is unfinished or broken.
 */
export function createTextDecoder(detokenize: Detokenize): TextDecoder {
  let before: number[] = [];
  let pending: number[] = [];
  let given = 0;

  return {
    push(token) {
      pending.push(token);
      const text = detokenize(pending, before);
      const waits = text.endsWith(replacement) && pending.length < longestWait;
      const certain = waits ? text.slice(0, -1) : text;
      const piece = certain.slice(given);
      given = certain.length;
      if (!waits) {
        before = [...before, ...pending].slice(-contextTokens);
        pending = [];
        given = 0;
      }
      return piece.replaceAll('\0', '');
    },
  };
}
