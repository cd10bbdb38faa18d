import { createHash } from 'node:crypto';
import type { Viewer } from '../accounts/viewer.ts';
import type { Config } from '../config.ts';
import { PortalError } from '../errors.ts';
import { type Engine, EngineError, type EngineUsage, noUsage, type PromptMessage } from '../inference/engine.ts';
import { noteOnRequest } from '../request-scope.ts';
import type { Metrics, ReplyEnd } from '../telemetry/metrics.ts';
import type { Usage } from '../telemetry/usage.ts';
import { effectiveGeneration, type GenerationSettings } from './generation.ts';
import { invalidInput, notFound, storable } from './input.ts';
import { engineFailure, type Models } from './models.ts';
import { besideTurn, type Turns } from './turns.ts';

/** A conversation that its client keeps, as it is to be answered. */
export interface CompletionInput {
  /** Null for the default model. */
  model: string | null;
  /** Ends with a message of the user. */
  messages: readonly PromptMessage[];
  generation: GenerationSettings;
  stopTexts: readonly string[];
}

export interface Completion {
  model: string;
  text: string;
  finishReason: 'stop' | 'length' | 'cancelled';
  usage: EngineUsage;
}

/** Told while it is written: once the model reads the prompt, then each piece of text. */
export interface CompletionListener {
  onBegun?(model: string): void;
  onText?(text: string): void;
}

interface Parts {
  engine: Engine;
  models: Models;
  turns: Turns;
  usage: Pick<Usage, 'record'>;
  metrics: Pick<Metrics, 'replyAsked' | 'replyEnded'>;
  config: Config['replies'];
}

export type Completions = ReturnType<typeof createCompletions>;

/**
 * Answers for clients that keep their conversations themselves: nothing is stored but the count of tokens. They share the model
 * with the chat: beside its replies they take turns at some of the places.
 */
export function createCompletions({ engine, models, turns, usage, metrics, config }: Parts) {
  async function generate(
    viewer: Pick<Viewer, 'id'>,
    input: CompletionInput,
    listener: CompletionListener,
    signal: AbortSignal,
  ): Promise<Completion> {
    const file = await usableModel(models, input.model);
    const startedAt = performance.now();
    const events = engine.generate(
      {
        model: file,
        conversation: conversationOf(viewer, input.messages),
        messages: input.messages.map((message) => ({ ...message, content: storable(message.content) })),
        sampling: effectiveGeneration(config, input.generation),
        maxTokens: input.generation.maxTokens ?? config.maxTokens,
        stopTexts: input.stopTexts,
      },
      signal,
    );
    let text = '';
    let begun = false;
    for await (const event of events) {
      if (!begun && event.type !== 'end') listener.onBegun?.(file.name);
      begun = true;
      if (event.type === 'text' && event.text !== '') {
        text += event.text;
        listener.onText?.(event.text);
      }
      if (event.type !== 'end') continue;
      noteOnRequest({ modelId: file.name, tokens: event.usage.completionTokens });
      await usage.record(viewer, {
        modelName: file.name,
        usage: event.usage,
        generationMs: performance.now() - startedAt,
      });
      return { model: file.name, text, finishReason: event.finishReason, usage: event.usage };
    }
    throw new EngineError('crashed', 'The engine ended without an answer.');
  }

  return {
    /**
     * Waits for its turn and answers. An abort ends it where it is, with `cancelled`. Throws `not_found` for a model that is not there,
     * `invalid_input` where the conversation does not fit, `model_unavailable`, `overloaded`, `timeout`, `internal`.
     */
    async complete(
      viewer: Pick<Viewer, 'id'>,
      input: CompletionInput,
      listener: CompletionListener,
      signal: AbortSignal,
    ): Promise<Completion> {
      if (input.messages.at(-1)?.role !== 'user') {
        throw invalidInput([{ path: 'messages', message: 'must end with a message of the user' }]);
      }
      const turn = turns.take(viewer.id, signal);
      const { name } = await besideTurn(turn, usableModel(models, input.model));
      const leave = await turn.catch((error: unknown) => {
        if (!signal.aborted) throw error;
        return null;
      });
      if (leave === null) return { model: name, text: '', finishReason: 'cancelled', usage: noUsage };
      const startedAt = performance.now();
      metrics.replyAsked();
      let ended: Completion | null = null;
      const own = new AbortController();
      const abort = () => own.abort();
      signal.addEventListener('abort', abort, { once: true });
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        own.abort();
      }, config.timeoutMs);
      try {
        const completion = await generate(viewer, input, listener, own.signal);
        if (!late) {
          ended = completion;
          return completion;
        }
        throw new PortalError('timeout', `The answer took longer than ${config.timeoutMs / 1000} seconds.`);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        const { code, message } = engineFailure(error);
        throw new PortalError(code, message, {
          cause: error,
          ...(code === 'invalid_input' && { errors: [{ path: 'messages', message }] }),
        });
      } finally {
        metrics.replyEnded(endOf(ended, performance.now() - startedAt));
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        leave();
      }
    },
  };
}

/** Null where it failed. */
function endOf(completion: Completion | null, latencyMs: number): ReplyEnd {
  const stopped = completion?.finishReason === 'cancelled' ? 'stopped' : 'complete';
  const { promptTokens, completionTokens, timeToFirstTokenMs, tokensPerSecond } = completion?.usage ?? noUsage;
  const tokens = { promptTokens, completionTokens, timeToFirstTokenMs, tokensPerSecond };
  return { status: completion === null ? 'failed' : stopped, cached: false, latencyMs, ...tokens };
}

async function usableModel(models: Models, name: string | null) {
  if (name !== null && (await models.find(name)) === null) throw notFound(`model as ${JSON.stringify(name)}`);
  return models.usable(name);
}

/**
 * Turns of one conversation begin alike: up to the first question they share what the model has in memory, within one user.
 */
export function conversationOf({ id }: Pick<Viewer, 'id'>, messages: readonly PromptMessage[]): string {
  const firstQuestion = messages.findIndex(({ role }) => role === 'user');
  const beginning = messages.slice(0, firstQuestion + 1).map(({ role, content }) => [role, content]);
  const digest = createHash('sha256')
    .update(JSON.stringify([id, beginning]))
    .digest('hex');
  return `completion-${digest.slice(0, 32)}`;
}
