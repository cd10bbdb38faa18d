import { EngineError, type EngineEvent, type LoadedModel, type ModelFile, type PromptMessage } from '../engine.ts';
import type { ChildGenerateRequest, ChildSettings, EmbedderSettings, FromChild, ToChild } from './protocol.ts';

/** The child's abilities as functions. Each rejects with the EngineError that the child gives, or that `failAll` does. */
export interface ChildCalls {
  load(model: ModelFile, settings: ChildSettings): Promise<LoadedModel>;
  unload(): Promise<void>;
  forget(conversation: string): Promise<void>;
  count(messages: readonly PromptMessage[]): Promise<number>;
  tokenize(text: string): Promise<number[]>;
  /** `done` resolves after the `end` event. A cancel asks for that end; after it, it does nothing. */
  generate(
    request: ChildGenerateRequest,
    onEvent: (event: EngineEvent) => void,
  ): { done: Promise<void>; cancel(): void };
  loadEmbedder(model: ModelFile, settings: EmbedderSettings): Promise<LoadedModel>;
  /** Tokens that `embed` would read. */
  measure(text: string): Promise<number>;
  embed(text: string): Promise<number[]>;
  receive(message: Answer): void;
  /** The child is gone: nothing under way will be answered. */
  failAll(error: EngineError): void;
}

type Answer = Exclude<FromChild, { type: 'pong' | 'ready' | 'log' }>;
type Question = Extract<ToChild, { id: number }>;
type WithoutId<Message> = Message extends unknown ? Omit<Message, 'id'> : never;

interface Call {
  /** Takes an answer; true where it was the last. */
  onAnswer: (answer: Answer) => boolean;
  reject: (error: EngineError) => void;
}

export function createChildCalls({ send }: { send: (message: ToChild) => void }): ChildCalls {
  const open = new Map<number, Call>();
  let lastId = 0;

  function ask<Result>(
    question: WithoutId<Question>,
    pick: (answer: Answer) => { result: Result } | null,
  ): { id: number; result: Promise<Result> } {
    const id = ++lastId;
    const result = new Promise<Result>((resolve, reject) => {
      const onAnswer = (answer: Answer) => {
        const picked = pick(answer);
        if (picked !== null) resolve(picked.result);
        return picked !== null;
      };
      open.set(id, { onAnswer, reject });
    });
    send({ ...question, id });
    return { id, result };
  }

  return {
    load: (model, settings) =>
      ask({ type: 'load', model, settings }, (answer) => (answer.type === 'loaded' ? { result: answer.model } : null))
        .result,
    unload: () =>
      ask({ type: 'unload' }, (answer) => (answer.type === 'unloaded' ? { result: undefined } : null)).result,
    forget: (conversation) =>
      ask({ type: 'forget', conversation }, (answer) => (answer.type === 'forgotten' ? { result: undefined } : null))
        .result,
    count: (messages) =>
      ask({ type: 'count', messages }, (answer) => (answer.type === 'counted' ? { result: answer.tokens } : null))
        .result,
    tokenize: (text) =>
      ask({ type: 'tokenize', text }, (answer) => (answer.type === 'tokenized' ? { result: answer.tokens } : null))
        .result,
    loadEmbedder: (model, settings) =>
      ask({ type: 'loadEmbedder', model, settings }, (answer) =>
        answer.type === 'loaded' ? { result: answer.model } : null,
      ).result,
    measure: (text) =>
      ask({ type: 'measure', text }, (answer) => (answer.type === 'measured' ? { result: answer.tokens } : null))
        .result,
    embed: (text) =>
      ask({ type: 'embed', text }, (answer) => (answer.type === 'embedded' ? { result: answer.vector } : null)).result,
    generate(request, onEvent) {
      const { id, result } = ask<void>({ type: 'generate', request }, (answer) => {
        if (answer.type !== 'event') return null;
        onEvent(answer.event);
        return answer.event.type === 'end' ? { result: undefined } : null;
      });
      return {
        done: result,
        cancel: () => {
          if (open.has(id)) send({ type: 'cancel', id });
        },
      };
    },
    receive(answer) {
      const call = open.get(answer.id);
      if (call === undefined) return;
      if (answer.type === 'failed') {
        open.delete(answer.id);
        call.reject(new EngineError(answer.code, answer.message));
      } else if (call.onAnswer(answer)) {
        open.delete(answer.id);
      }
    },
    failAll(error) {
      const calls = [...open.values()];
      open.clear();
      for (const call of calls) call.reject(error);
    },
  };
}
