import { z } from 'zod';
import { errorOfEvent } from './error-answer.ts';
import { ServerError } from './server-error.ts';

/** What one event of a streamed answer says; null where it says nothing of it. */
export interface CompletionChunk {
  text: string | null;
  /** The model is at it, though nothing of the answer has come: it thinks. */
  thinks: boolean;
  finishReason: 'stop' | 'length' | null;
  usage: ChunkUsage | null;
  progress: { done: number; total: number; reused: number } | null;
}

export interface ChunkUsage {
  promptTokens: number;
  reusedTokens: number;
  completionTokens: number;
}

const count = z.int().min(0).max(1e9);
const shape = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: z.string().nullish(),
            // Two words for the same: DeepSeek's and vLLM's, OpenRouter's and Ollama's.
            reasoning_content: z.unknown().optional(),
            reasoning: z.unknown().optional(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count.default(0),
      prompt_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish(),
    })
    .nullish()
    .catch(null),
  // llama-server's.
  prompt_progress: z.object({ total: count, cache: count, processed: count }).nullish().catch(null),
  object: z.unknown().optional(),
  error: z.unknown().optional(),
});

/** Reads the `data` of an event. Throws a ServerError where it tells an error, or is nothing of this protocol. */
export function readChunk(server: string, data: string): CompletionChunk {
  const { data: chunk } = shape.safeParse(parseJson(data));
  if (chunk === undefined) {
    throw new ServerError('unavailable', `The server ${server} sent something else than an answer.`, { broken: true });
  }
  if ((chunk.error !== undefined && chunk.error !== null) || chunk.object === 'error') throw errorOfEvent(server, data);
  const choice = chunk.choices?.[0];
  const { content, reasoning_content, reasoning } = choice?.delta ?? {};
  const progress = chunk.prompt_progress;
  return {
    text: content ?? null,
    thinks: Boolean(reasoning_content ?? reasoning),
    finishReason: choice?.finish_reason ? (choice.finish_reason === 'length' ? 'length' : 'stop') : null,
    usage: chunk.usage
      ? {
          promptTokens: chunk.usage.prompt_tokens,
          reusedTokens: chunk.usage.prompt_tokens_details?.cached_tokens ?? 0,
          completionTokens: chunk.usage.completion_tokens,
        }
      : null,
    progress: progress ? { done: progress.processed, total: progress.total, reused: progress.cache } : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
