import {
  type ChatHistoryItem,
  ChatMLChatWrapper,
  type ChatWrapper,
  type LlamaModel,
  type LlamaText,
  resolveChatWrapper,
  type Token,
} from 'node-llama-cpp';
import type { PromptMessage } from '../engine.ts';
import { putMarks, readMarks } from './answer-marks.ts';
import type { Vocabulary } from './answer-tokens.ts';

export interface Prompt {
  /** Ends with the opening of the answer. */
  tokens: Token[];
  /** What ends the answer beside the model's own end-of-generation tokens. */
  stopTokens: ReadonlySet<Token>;
  stopTexts: readonly string[];
}

export type PromptRenderer = (messages: readonly PromptMessage[]) => Prompt;

/**
 * Renders conversations by the model's own chat template, ChatML where it has none. What a message says is tokenised as
 * plain text, so that it can never become a special token. An answer whose tokens are known is read as those, whatever
 * the tokenizer would make of its text; the template sees a mark in the place of each message and changes none of them.
 */
export function createPromptRenderer(model: LlamaModel): PromptRenderer {
  const template = model.fileInfo.metadata.tokenizer?.chat_template;
  const hasTemplate = typeof template === 'string' && template.trim() !== '';
  const wrapper: ChatWrapper = hasTemplate ? resolveChatWrapper(model) : new ChatMLChatWrapper();
  const begin = createBeginning(model, hasTemplate ? template : '');

  const vocabulary: Vocabulary = {
    size: model.fileInfo.metadata.tokenizer?.ggml?.tokens?.length ?? 0,
    detokenize: (tokens, before) => model.detokenize(tokens as readonly Token[], false, before as readonly Token[]),
  };

  const render = (messages: readonly PromptMessage[]) =>
    wrapper.generateContextState({
      chatHistory: [...messages.map(toHistoryItem), { type: 'model' as const, response: [] }],
    });

  return (messages) => {
    const marked = putMarks(messages, vocabulary);
    const { contextText, stopGenerationTriggers } = render(marked.messages);
    const tokens =
      readMarks(contextText, marked.answers, model.tokenizer) ?? render(messages).contextText.tokenize(model.tokenizer);
    return { tokens: begin(tokens), ...splitTriggers(stopGenerationTriggers, model) };
  };
}

/** The library's wrappers put the token that begins a text also where neither the model nor its template asks for it. */
function createBeginning(model: LlamaModel, template: string): (tokens: Token[]) => Token[] {
  const { bos, bosString, shouldPrependBosToken } = model.tokens;
  const saidByTemplate = template.includes('bos_token') || (bosString !== null && template.includes(bosString));
  return (tokens) => {
    if (bos === null || saidByTemplate || (tokens[0] === bos) === shouldPrependBosToken) return tokens;
    return shouldPrependBosToken ? [bos, ...tokens] : tokens.slice(1);
  };
}

function toHistoryItem({ role, content }: PromptMessage): ChatHistoryItem {
  switch (role) {
    case 'system':
      return { type: 'system', text: content };
    case 'user':
      return { type: 'user', text: content };
    case 'assistant':
      return { type: 'model', response: [content] };
  }
}

/**
 * A trigger that is one special token is met by that token. Its spelling in plain text then ends nothing: an answer may
 * speak about special tokens.
 */
function splitTriggers(triggers: readonly LlamaText[], model: LlamaModel): Pick<Prompt, 'stopTokens' | 'stopTexts'> {
  const stopTokens = new Set<Token>();
  const stopTexts = new Set<string>();
  for (const trigger of triggers) {
    const [token, ...more] = trigger.tokenize(model.tokenizer);
    if (token === undefined) continue;
    if (more.length === 0 && model.isSpecialToken(token)) {
      stopTokens.add(token);
      continue;
    }
    const text = trigger.toString();
    const spelled = model.tokenize(text, true);
    if (spelled.length !== 1 || !model.isSpecialToken(spelled[0])) stopTexts.add(text);
  }
  return { stopTokens, stopTexts: [...stopTexts] };
}
