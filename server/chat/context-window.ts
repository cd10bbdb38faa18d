import { type Engine, EngineError, type LoadedModel, type ModelFile, type PromptMessage } from '../inference/engine.ts';
import type { BranchMessage } from './branches.ts';

/** What the model sees of a conversation, and what it does not. */
export interface ContextWindow {
  messages: PromptMessage[];
  promptTokens: number;
  firstIncludedMessageId: string | null;
  includedCount: number;
  droppedCount: number;
}

interface Conversation {
  systemPrompt: string;
  /** Oldest first; the last one is the question. */
  messages: readonly BranchMessage[];
  /** Messages before those, too old to be considered. */
  olderCount: number;
  maxTokens: number;
  /** Tokens that the answer begins with, those that the model drew itself not counted. */
  givenTokens: number;
}

/** No tokenizer makes more characters of one token on average: what is longer than this cannot fit. */
const maxCharactersPerToken = 16;

/** How much of a branch is worth reading for a model that holds so many tokens. */
export function charactersWorthReading(contextLength: number): number {
  return contextLength * maxCharactersPerToken;
}

/** Tokens that a prompt may take: room is kept for `maxTokens` of an answer, or a quarter of the context where that is less. */
export function roomForPrompt(contextLength: number, maxTokens: number): number {
  return contextLength - Math.min(maxTokens, Math.floor(contextLength / 4));
}

/**
 * The system prompt whole, then the newest whole turns that fit, counted by the model's own tokenizer, with room kept
 * for the answer. Throws EngineError `prompt_too_long`
 * with the numbers where not even the question fits.
 */
export async function fitContextWindow(
  engine: Pick<Engine, 'countPromptTokens'>,
  file: ModelFile,
  model: LoadedModel,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<ContextWindow> {
  const { messages, olderCount } = conversation;
  const room = roomForPrompt(model.contextLength, conversation.maxTokens) - conversation.givenTokens;
  const turnStarts = messages.flatMap((message, index) => (message.role === 'user' ? [index] : []));

  const windowFrom = async (start: number) => {
    const included = messages.slice(start);
    const prompt = renderPrompt(conversation.systemPrompt, included);
    return { included, prompt, tokens: await engine.countPromptTokens(file, prompt, signal) };
  };

  let low = 0;
  let high = turnStarts.length - 1;
  let best = await windowFrom(turnStarts[0] ?? 0);
  if (best.tokens > room) {
    best = await windowFrom(turnStarts[high] ?? 0);
    if (best.tokens > room) {
      throw new EngineError(
        'prompt_too_long',
        `The message and the system prompt take ${best.tokens} tokens; ${model.name} has room for ${room}.`,
      );
    }
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const tried = await windowFrom(turnStarts[middle] ?? 0);
      if (tried.tokens > room) low = middle;
      else [high, best] = [middle, tried];
    }
  }
  return {
    messages: best.prompt,
    promptTokens: best.tokens,
    firstIncludedMessageId: best.included[0]?.id ?? null,
    includedCount: best.included.length,
    droppedCount: olderCount + messages.length - best.included.length,
  };
}

/** What the model is given: the system prompt, unless it is blank, and the messages. */
export function renderPrompt(systemPrompt: string, messages: readonly Omit<BranchMessage, 'id'>[]): PromptMessage[] {
  const system = systemPrompt.trim() === '' ? [] : [{ role: 'system' as const, content: systemPrompt }];
  return [...system, ...messages.map(renderMessage)];
}

/** A message as the model reads it: its retrieval context first, always in this form, then its text. */
function renderMessage({ role, content, context, tokenIds }: Omit<BranchMessage, 'id'>): PromptMessage {
  if (context !== null && context !== undefined) {
    const rendered = typeof context === 'string' ? context : JSON.stringify(context);
    return { role, content: `Context:\n${rendered}\n\n${content}` };
  }
  return tokenIds === null ? { role, content } : { role, content, tokenIds };
}
