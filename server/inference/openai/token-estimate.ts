import type { PromptMessage } from '../engine.ts';

/** What a chat template puts around a message, and before the answer. */
const tokensPerMessage = 8;

/**
 * Tokens of a prompt whose tokenizer cannot be asked, rather too many: a prompt that is cut a little early loses an old turn, one that is
 * too long loses the answer.
 */
export function estimatePromptTokens(messages: readonly PromptMessage[]): number {
  return messages.reduce((sum, { content }) => sum + tokensPerMessage + estimateTokens(content), tokensPerMessage);
}

/** Tokens of one text, rather too many. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(runs)) tokens += tokensOfRun(run);
  return Math.ceil(tokens);
}

/** Letters of a word, digits, blanks, line ends, and every other character by itself. */
const runs = /[A-Za-z]+|[0-9]+|[ \t]+|[\r\n]+|[^A-Za-z0-9 \t\r\n]/gu;

/**
 * Measured with the tokenizers of GPT-4, GPT-4o, Llama 3 and Llama 2 on translated messages of Debian packages in 25 languages, prose,
 * code, numbers and base64 (docs/decisions/0018).
 */
function tokensOfRun(run: string): number {
  const unit = run.codePointAt(0) ?? 0;
  if (unit >= 0x80) return tokensOfCharacter(unit);
  // Digits may stand alone, and so may any sign.
  if (/[0-9]/.test(run)) return run.length;
  if (/[ \t]/.test(run)) return run.length > 1 ? 1 : 0.1;
  if (!/[A-Za-z]/.test(run)) return 1;
  const humps = run.match(/[a-z][A-Z]/g)?.length ?? 0;
  return 1 + Math.max(0, run.length - 4) * 0.3 + humps * 0.7;
}

function tokensOfCharacter(unit: number): number {
  // Latin letters with marks, Cyrillic; Greek, Hebrew, Arabic; India's scripts to Ethiopic, but for Thai and Lao; all others.
  if (unit < 0x250 || (unit >= 0x400 && unit < 0x530)) return 0.9;
  if (unit < 0x800) return 1.1;
  if (unit < 0x1400 && !(unit >= 0xe00 && unit < 0xf00)) return 2;
  return unit < 0x10000 ? 1.5 : 3;
}
