import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { dependsOnWhatCameBefore } from './similarity/question.ts';

/** All that decides an answer. Two prompts are the same where every part is the same, byte for byte. */
export interface PromptParts {
  userId: string;
  /** The session where answers stay in their session; null where they serve all sessions of the user. */
  sessionId: string | null;
  /** Names the very file: another one of the same name is another model. */
  modelDigest: string;
  /** The chat template that renders the prompt. */
  template: string;
  sampling: Readonly<Record<string, number | null>>;
  systemPrompt: string;
  /** Retrieval context as it was stored; null where there is none. */
  context: string | null;
  prompt: string;
  /** The message that stands before the prompt; null at the beginning of a conversation. */
  preceding: string | null;
}

export interface PromptKey {
  /** Of all parts: equal digests mean equal prompts. 64 hex digits. */
  digest: string;
  /** The digest's first 16 digits, which is what stands in keys. */
  hash: string;
  /** Of all parts but the prompt: only prompts that share it may be compared by similarity. 64 hex digits. */
  setting: string;
  /** Whether the prompt is answered by what stands before it: only then is that a part of it. */
  dependent: boolean;
  /** False where the prompt says nothing alone, or more than a question does: only the very same one shares its answer. */
  comparable: boolean;
}

/** UTF-16 units: beyond, two prompts are alike as texts are, not as questions are. */
const longestCompared = 1_000;

/**
 * What makes two prompts the same (SHA-256, each part length-prefixed, so that no two lists of parts are spelled alike). A
 * prompt that means nothing alone is hashed together with the message before it.
 */
export function promptKey(parts: PromptParts): PromptKey {
  const prompt = normalisePrompt(parts.prompt);
  const dependent = prompt.length <= longestCompared && isDependent(prompt);
  const sampling = Object.entries(parts.sampling)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  const setting = sha256([
    parts.userId,
    parts.sessionId ?? '',
    parts.modelDigest,
    parts.template,
    sampling.join(';'),
    parts.systemPrompt,
    parts.context === null ? 'none' : `some ${parts.context}`,
  ]);
  const preceding = dependent ? `after ${parts.preceding === null ? '' : normalisePrompt(parts.preceding)}` : 'alone';
  const digest = sha256([setting, preceding, prompt]);
  const comparable = !dependent && prompt.length <= longestCompared;
  return { digest, hash: digest.slice(0, 16), setting, dependent, comparable };
}

/** What is asked again is not taken apart again. */
const dependence = new LRUCache<string, boolean>({ max: 1_000 });

function isDependent(prompt: string): boolean {
  const known = dependence.get(prompt);
  if (known !== undefined) return known;
  const dependent = dependsOnWhatCameBefore(prompt);
  dependence.set(prompt, dependent);
  return dependent;
}

/** NFC, line ends, and the blanks around it: no more, since x² is not x2 and indentation matters. */
export function normalisePrompt(prompt: string): string {
  return prompt.normalize('NFC').replace(/\r\n?/g, '\n').trim();
}

function sha256(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}
