import { randomBytes } from 'node:crypto';
import { LlamaText, type Token, type Tokenizer } from 'node-llama-cpp';
import type { PromptMessage } from '../engine.ts';
import { tokensThatSpell, type Vocabulary } from './answer-tokens.ts';

export interface MarkedAnswer {
  mark: string;
  tokens: readonly Token[];
}

/** The messages, with a mark in the place of each answer whose tokens are known. */
export function putMarks(
  messages: readonly PromptMessage[],
  vocabulary: Vocabulary,
): { messages: PromptMessage[]; answers: MarkedAnswer[] } {
  const answers: MarkedAnswer[] = [];
  const marked = messages.map((message) => {
    const { role, content, tokenIds } = message;
    if (role !== 'assistant' || tokenIds === undefined || tokenIds.length === 0) return message;
    const tokens = tokensThatSpell(content, tokenIds, vocabulary);
    if (tokens === null) return message;
    // Letters, which no template trims, that no message can guess.
    const mark = `Answer${randomBytes(16).toString('hex')}End`;
    answers.push({ mark, tokens: tokens as readonly Token[] });
    return { ...message, content: mark };
  });
  return { messages: marked, answers };
}

/**
 * The text's tokens, with each answer's own in the place of its mark. Null where the marks are not all there, once each
 * and in order: then the template did something to them that we do not know.
 */
export function readMarks(text: LlamaText, answers: readonly MarkedAnswer[], tokenizer: Tokenizer): Token[] | null {
  const left = [...answers];
  const tokens: Token[] = [];
  let pending: LlamaText['values'][number][] = [];
  const flush = () => {
    const within = tokens.length > 0 ? 'trimLeadingSpace' : undefined;
    for (const token of LlamaText(pending).tokenize(tokenizer, within)) tokens.push(token);
    pending = [];
  };
  for (const value of text.values) {
    let rest = value;
    for (;;) {
      const [next] = left;
      const at = next === undefined || typeof rest !== 'string' ? -1 : rest.indexOf(next.mark);
      if (next === undefined || typeof rest !== 'string' || at < 0) break;
      pending.push(rest.slice(0, at));
      flush();
      for (const token of next.tokens) tokens.push(token);
      rest = rest.slice(at + next.mark.length);
      left.shift();
    }
    pending.push(rest);
  }
  flush();
  return left.length === 0 ? tokens : null;
}
