import type { ModelSize } from './memory-estimate.ts';

/**
 * What runs a model. Implementations: `llama/` (llama.cpp in a child process), `openai/` (servers that speak OpenAI's protocol),
 * `composite-engine.ts` (both beside each other), `scripted-engine.ts` (tests that are not about the model). Rules know this file only.
 */
export interface Engine {
  /** Begins to start in the background and returns at once; a failed start is tried again with backoff. */
  start(): void;
  /** Ends every generation, and the child with them. Resolves when nothing of the engine is left running. */
  stop(): Promise<void>;
  status(): EngineStatus;
  /**
   * Makes this model the loaded one. At once where it is; else after the generations of the model before it have ended.
   * Rejects with an EngineError: `crashed`, or `cannot_load`, which says how much memory it takes and how much there is where
   * it cannot fit. With less memory than wanted it runs fewer conversations at once, or shorter ones.
   */
  load(model: ModelFile, signal?: AbortSignal): Promise<LoadedModel>;
  /**
   * Lets the model go after the generations that are under way; those that wait load it again. A model that nobody has
   * used for the set time goes by itself. An abort before its turn has come leaves the model, and rejects with the signal's reason.
   */
  unload(signal?: AbortSignal): Promise<void>;
  /**
   * Drops everything that is kept of a conversation, in memory and on disk; of one that runs, once it ends. For conversations that
   * are deleted. Never rejects.
   */
  forget(conversation: string): Promise<void>;
  /**
   * Tokens of the prompt that `messages` render to by the model's own chat template, the opening of the answer
   * included: exactly what `generate` would read, or, where the model's tokenizer cannot be asked, rather too many. Loads the model
   * where needed.
   */
  countPromptTokens(model: ModelFile, messages: readonly PromptMessage[], signal?: AbortSignal): Promise<number>;
  /**
   * Tokens of a text that an answer begins with, as plain text: for `continueFrom` where the model did not draw it.
   * Loads the model where needed.
   */
  tokenize(model: ModelFile, text: string, signal?: AbortSignal): Promise<TokenizedText>;
  /**
   * Runs one reply; `model.sequences` of them at once, more wait in order of arrival. Yields `prefill` while the prompt
   * is read, `text` in order, and exactly one `end`, which is last. An abort is no error: it ends with finishReason
   * `cancelled` within the current token. Throws an EngineError where no end is possible.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /**
   * What the texts mean to this model: one vector a text, in their order, of length 1 (L2); equal texts have equal vectors. The
   * model stands beside the loaded one, is loaded where needed, and goes by itself like it. One text is computed at a time, and
   * those of others come between. An abort rejects with the signal's reason, after the text under way. Rejects with an
   * EngineError: `prompt_too_long`, with the numbers, before any text is computed; `cannot_load`, `crashed`, `stopped`.
   */
  embed(model: ModelFile, texts: readonly string[], signal?: AbortSignal): Promise<Embedding>;
}

/** A model that may be loaded: a catalogue entry, never a path from outside. */
export interface ModelFile {
  name: string;
  /** Where the file is; of a model behind a server, the server's own name for it. */
  path: string;
  /** The server that runs it, and the tokens that one conversation holds there where it says; null or left out for a file of ours. */
  remote?: { server: string; contextLength?: number | null } | null;
  /** What its memory is estimated from; where they are not known, it is loaded unasked. */
  header?: ModelSize['header'] | null;
  sizeBytes?: number | null;
}

export interface LoadedModel {
  name: string;
  /** Tokens of prompt and answer together that one conversation may hold. */
  contextLength: number;
  /** Replies that run at once. */
  sequences: number;
  /** Null where another machine computes. */
  threads: number | null;
  /** What a person should know: that it runs with less than is set. */
  notice?: string;
}

export interface TokenizedText {
  count: number;
  /** Empty where the engine does not know a model's tokens: it goes on from text. */
  ids: readonly number[];
}

export interface EngineStatus {
  state: 'stopped' | 'starting' | 'ready' | 'loading' | 'restarting';
  loaded: LoadedModel | null;
  /** What went wrong last, while it matters. */
  problem: string | null;
}

export interface PromptMessage {
  role: 'system' | 'user' | 'assistant';
  /** Plain text: what looks like a special token in it is text. */
  content: string;
  /**
   * Of an answer: the very tokens that the model of the request drew for `content`. They are fed as they are, so that a follow-up begins with
   * what the engine already holds; text alone may be split into other tokens.
   */
  tokenIds?: readonly number[];
}

/** How tokens are drawn; every number is in the range that the public contract allows. */
export interface Sampling {
  temperature: number;
  topP: number;
  topK: number;
  minP: number;
  repeatPenalty: number;
  /** Without one every run differs. */
  seed: number | null;
}

export interface GenerateRequest {
  model: ModelFile;
  /**
   * Conversations with one key share kept state. Between keys nothing is shared but what a prompt begins with that the
   * configured system prompt alone has made.
   */
  conversation: string;
  /** Ends with a message of the user. */
  messages: readonly PromptMessage[];
  sampling: Sampling;
  /** Tokens to draw at most, those of `continueFrom` not counted. */
  maxTokens: number;
  /** Texts that end the answer where they appear in it, beside what ends it by itself; no part of it. None of them is empty. */
  stopTexts?: readonly string[];
  /** An answer already begun: its tokens, where they are known, are fed as they are, and the answer goes on after them. */
  continueFrom?: readonly number[];
  /** What `continueFrom` spells; whole where no tokens are known. */
  continueText?: string;
}

export type EngineEvent =
  | { type: 'prefill'; done: number; total: number; reused: number }
  /**
   * `text` may be empty: a token that ends inside a character. It is whole characters only. Where the engine cannot tell which
   * tokens they are, `tokenIds` is empty and `tokens` about how many.
   */
  | { type: 'text'; text: string; tokenIds: readonly number[]; tokens?: number }
  | { type: 'end'; finishReason: 'stop' | 'length' | 'cancelled'; usage: EngineUsage };

export interface EngineUsage {
  promptTokens: number;
  /** Prompt tokens that were in memory already and were not computed again. */
  reusedTokens: number;
  completionTokens: number;
  /** From the beginning of the prompt's reading; null where no token came. */
  timeToFirstTokenMs: number | null;
  tokensPerSecond: number | null;
}

/** Of what was ended before the model began. */
export const noUsage: EngineUsage = Object.freeze({
  promptTokens: 0,
  reusedTokens: 0,
  completionTokens: 0,
  timeToFirstTokenMs: null,
  tokensPerSecond: null,
});

export interface Embedding {
  vectors: number[][];
  /** Of all texts together, with what the model puts around each. */
  tokens: number;
}

/**
 * `crashed`: the engine went down with everything in it; whose fault it was is not known, and trying again may help. `failed`: something
 * went wrong with this one request, by a defect of ours or of the library, and nothing else was touched. Of a model behind a server: `unavailable` (it cannot be
 * reached, refuses us or broke off), `overloaded`, `timeout`.
 */
export type EngineErrorCode =
  | 'crashed'
  | 'failed'
  | 'cannot_load'
  | 'prompt_too_long'
  | 'stopped'
  | 'unavailable'
  | 'overloaded'
  | 'timeout';

/** Its message is for people and goes into logs: it never repeats what was said in a conversation. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    message: string,
  ) {
    super(message);
  }
}
