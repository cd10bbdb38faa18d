import { z } from 'zod';
import type { EngineUsage } from '../../inference/engine.ts';
import { count } from '../words.ts';

const usageShape = z
  .object({
    prompt_tokens: count(),
    completion_tokens: count(),
    total_tokens: count(),
    prompt_tokens_details: z.object({
      cached_tokens: count().meta({ description: 'They were in the model’s memory and were not computed again.' }),
    }),
  })
  .meta({ id: 'OpenAiUsage' });

const finishReason = z.enum(['stop', 'length']);

export const completionShape = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: count(),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.literal(0),
        message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
        logprobs: z.null(),
        finish_reason: finishReason,
      }),
    ),
    usage: usageShape,
  })
  .meta({ id: 'OpenAiCompletion' });

const errorShape = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: 'OpenAiError' });

/** What went wrong, in the description of a route. */
export const openAiProblem = {
  default: { description: 'What went wrong', content: { 'application/json': { schema: errorShape } } },
};

export const modelShape = z
  .object({ id: z.string(), object: z.literal('model'), created: count(), owned_by: z.string() })
  .meta({ id: 'OpenAiModel' });

export type Usage = z.infer<typeof usageShape>;

type TokenCounts = Pick<EngineUsage, 'promptTokens' | 'reusedTokens' | 'completionTokens'>;

export function toUsage({ promptTokens, reusedTokens, completionTokens }: TokenCounts): Usage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: reusedTokens },
  };
}

/** What every piece of one answer says of it. */
export interface Identity {
  id: string;
  model: string;
  /** Seconds since 1970. */
  created: number;
}

export function toCompletion(
  { id, created, model }: Identity,
  text: string,
  finish_reason: z.infer<typeof finishReason>,
  usage: Usage,
): z.infer<typeof completionShape> {
  const message = { role: 'assistant' as const, content: text, refusal: null };
  const choices = [{ index: 0 as const, message, logprobs: null, finish_reason }];
  return { id, object: 'chat.completion', created, model, choices, usage };
}

/** A piece of a streamed answer: what is new in it, or why it ended. */
export function toChunk(
  { id, created, model }: Identity,
  delta: { role?: 'assistant'; content?: string },
  finish_reason: z.infer<typeof finishReason> | null,
  withUsage: boolean,
) {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
  return { id, object: 'chat.completion.chunk', created, model, choices, ...(withUsage && { usage: null }) };
}

/** The last piece where `stream_options.include_usage` asks for it: it has no choice. */
export function toUsageChunk({ id, created, model }: Identity, usage: Usage) {
  return { id, object: 'chat.completion.chunk', created, model, choices: [], usage };
}
