import { z } from 'zod';
import type { CompletionInput } from '../../chat/completions.ts';
import { generationInput } from '../../chat/generation.ts';
import { invalidInput } from '../../chat/input.ts';

const part = z.object({
  type: z.literal('text', 'must be text: images, files and sound are not read'),
  text: z.string(),
});

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant'], 'must be system, developer, user or assistant'),
  content: z.union([z.string(), z.array(part).min(1)], 'must be text, or a list of parts of type text'),
});

/** What we would answer wrongly if we took no notice of it: it must be left out, or say what is so anyway. */
const unsupported = {
  n: z.literal(1, 'must be 1: one answer a request').nullish(),
  response_format: z.object({ type: z.literal('text', 'must be text: no other format is enforced') }).nullish(),
  tools: z.array(z.unknown()).max(0, 'must be empty: tools are not called').nullish(),
  functions: z.array(z.unknown()).max(0, 'must be empty: functions are not called').nullish(),
  logprobs: z.literal(false, 'must be false: probabilities are not told').nullish(),
  logit_bias: z.record(z.string(), z.never('must be empty: tokens are not biased')).nullish(),
  presence_penalty: z.literal(0, 'must be 0; see repeat_penalty').nullish(),
  frequency_penalty: z.literal(0, 'must be 0; see repeat_penalty').nullish(),
  modalities: z.array(z.literal('text', 'must be text')).nullish(),
};

/** Of OpenAI's request what we know; what we do not know is left alone, as other servers of this protocol do. */
export const completionRequest = z
  .object({
    model: z
      .string()
      .max(255)
      .nullish()
      .meta({ description: 'A name of GET /v1/models; the default one where it is left out.' }),
    messages: z.array(message).min(1).max(10_000),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
    max_tokens: z.int().min(1).nullish(),
    max_completion_tokens: z.int().min(1).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: z.int().min(0).max(1000).nullish(),
    min_p: z.number().min(0).max(1).nullish(),
    repeat_penalty: z.number().min(0.5).max(2).nullish(),
    seed: z.int().nullish(),
    stop: z
      .union([z.string(), z.array(z.string()).max(4, 'must be at most 4')])
      .nullish()
      .meta({ description: 'Up to 4 texts that end the answer.' }),
    ...unsupported,
  })
  .meta({ examples: [{ messages: [{ role: 'user', content: 'Why is the sky blue?' }], max_tokens: 100 }] });

export type CompletionRequest = z.output<typeof completionRequest>;

/** The portal's own bound; the model's context ends an answer before. */
const mostTokens = 8192;

export function toCompletionInput(request: CompletionRequest): CompletionInput {
  const maxTokens = request.max_completion_tokens ?? request.max_tokens;
  return {
    model: request.model ?? null,
    messages: request.messages.map(({ role, content }) => ({
      role: role === 'developer' ? 'system' : role,
      content: textOf(content),
    })),
    generation: generationInput.parse({
      temperature: request.temperature,
      topP: request.top_p,
      topK: request.top_k,
      minP: request.min_p,
      repeatPenalty: request.repeat_penalty,
      // Ours has 32 bits.
      seed: request.seed == null ? null : request.seed | 0,
      maxTokens: maxTokens == null ? null : Math.min(maxTokens, mostTokens),
    }),
    stopTexts: [request.stop ?? []].flat().filter((text) => text !== ''),
  };
}

/** What a session is asked: the last message; and the system prompt before the others. Throws `invalid_input`. */
export function toSessionQuestion(input: CompletionInput): { content: string; systemPrompt: string | null } {
  const last = input.messages.at(-1);
  if (last?.role !== 'user') throw invalidInput([{ path: 'messages', message: 'must end with a message of the user' }]);
  if (input.stopTexts.length > 0) {
    throw invalidInput([{ path: 'stop', message: 'is not known to sessions; leave X-Session-Id out' }]);
  }
  const [first] = input.messages;
  return { content: last.content, systemPrompt: first?.role === 'system' ? first.content : null };
}

function textOf(content: CompletionRequest['messages'][number]['content']): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}
