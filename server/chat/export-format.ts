import { z } from 'zod';
import { errorCodes } from '../errors.ts';
import { importLimits } from './import/conversation.ts';
import { earliestTime, latestTime } from './import/source-values.ts';
import { limits } from './input.ts';

/** Raised in its second part by additions that older portals may ignore, in its first by anything else. */
export const exportVersion = '1.0';

const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((date) => date >= earliestTime && date <= latestTime, 'must be a time from 1970 to 9999');
const sourceId = z.string().min(1).max(importLimits.id);
const count = z.int().min(0).max(2_147_483_647);
const duration = z.number().min(0);

/** Sampling as stored, in the names of REST. */
export const exportedGeneration = z.object({
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.number().optional(),
  min_p: z.number().optional(),
  repeat_penalty: z.number().optional(),
  seed: z.number().optional(),
  max_tokens: z.number().optional(),
});

const exportedReceipt = z.object({
  model_name: z.string(),
  first_included_message_id: sourceId.nullish(),
  included_count: count,
  dropped_count: count,
  prompt_tokens: count,
  reused_tokens: count,
  completion_tokens: count,
  time_to_first_token_ms: duration.nullish(),
  tokens_per_second: duration.nullish(),
  finish_reason: z.enum(['stop', 'length', 'cancelled', 'error']).nullish(),
});

/** A message of an export as `import` reads it: what REST tells of a message, and what else is needed to have it back. */
export const exportedMessage = z.object({
  message_id: sourceId,
  parent_id: sourceId.nullish(),
  role: z.enum(['user', 'assistant']),
  content: z.string().max(importLimits.content, `must be at most ${importLimits.content} characters long`),
  status: z.enum(['pending', 'in_progress', 'complete', 'stopped', 'failed']).default('complete'),
  error_message: z.string().max(importLimits.content).nullish(),
  rating: z.enum(['up', 'down']).nullish(),
  pinned: z.boolean().default(false),
  cached: z.boolean().default(false),
  /** Where a cached answer came from. */
  cache_hit: z
    .object({ source_message_id: sourceId, similarity: z.number().min(0).max(1), age_seconds: count })
    .nullish(),
  context: z.unknown(),
  receipt: exportedReceipt.nullish(),
  /** Null where no engine of the portal was asked for it: stored by a client, or by an import. */
  generation: exportedGeneration.nullish(),
  /** The model, also where no receipt is known. */
  model_name: z.string().max(limits.title).nullish(),
  /** The model asked for with this message alone. */
  asked_model: z.string().max(limits.title).nullish(),
  /** Why it failed, as a code of the closed list. */
  error_code: z.enum(errorCodes).nullish(),
  created_at: time,
  /** When the branch that ends here was shown last. */
  shown_at: time.nullish(),
});

/** A session of an export as `import` reads it, apart from its messages. */
export const exportedSession = z.object({
  id: sourceId,
  title: z.string().max(limits.title, `must be at most ${limits.title} characters long`).nullish(),
  title_chosen: z.boolean().default(true),
  model_name: z.string().max(limits.title).nullish(),
  system_prompt: z
    .string()
    .max(limits.systemPrompt, `must be at most ${limits.systemPrompt} characters long`)
    .nullish(),
  generation: exportedGeneration.nullish(),
  favorite: z.boolean().default(false),
  archived: z.boolean().default(false),
  archived_at: time.nullish(),
  created_at: time.nullish(),
  updated_at: time.nullish(),
  /** The last message of the branch that is shown. */
  active_message_id: sourceId.nullish(),
});

export type ExportedMessage = z.input<typeof exportedMessage>;
export type ExportedSession = z.input<typeof exportedSession>;
export type ExportedGeneration = z.output<typeof exportedGeneration>;
