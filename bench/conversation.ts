import type { GenerateRequest, ModelFile, PromptMessage } from '../server/inference/engine.ts';
import type { LlamaEngine } from '../server/inference/llama/llama-engine.ts';
import { generate, type Run, sampling } from './engine.ts';

/** A conversation that goes on turn by turn, as the portal's do. */
export interface BenchConversation {
  /** Asks the next question. */
  ask(engine: LlamaEngine, question: string): Promise<Run>;
  /** Asks it too, in a conversation of which the engine has nothing; this one stays as it is. */
  askAnew(engine: LlamaEngine, question: string): Promise<Run>;
}

let strangers = 0;

export function createConversation(model: ModelFile, name: string, maxTokens = 8): BenchConversation {
  const messages: PromptMessage[] = [];
  const request = (conversation: string, question: string): GenerateRequest => ({
    model,
    conversation,
    messages: [...messages, { role: 'user', content: question }],
    sampling,
    maxTokens,
  });
  return {
    async ask(engine, question) {
      const run = await generate(engine, request(name, question));
      messages.push({ role: 'user', content: question });
      messages.push({ role: 'assistant', content: run.text, tokenIds: run.tokenIds });
      return run;
    },
    askAnew: (engine, question) => generate(engine, request(`stranger ${++strangers}`, question)),
  };
}

/** English words that make about so many tokens. */
export function textOf(tokens: number): string {
  return 'the water was hot and they could see a long way down '.repeat(Math.ceil(tokens / 12));
}
