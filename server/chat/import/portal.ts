import type { z } from 'zod';
import { type ExportedGeneration, exportedMessage, exportedSession } from '../export-format.ts';
import { type GenerationSettings, generationInput } from '../generation.ts';
import { safeParse, storable } from '../input.ts';
import { contextInput } from '../message-context.ts';
import { type ConversationFormat, ConversationRefused, type ImportedReply } from './conversation.ts';
import { contentOf, idOf } from './source-values.ts';

const messageInput = exportedMessage.extend({ context: contextInput });

/**
 * The portal's own export. Nothing in it is guessed or repaired: what does not fit was changed by somebody. An answer that
 * was being written when it was exported is stopped, with its text so far: nobody goes on writing it here.
 */
export const portalFormat: ConversationFormat = {
  name: 'portal',
  strict: true,
  fields: Object.keys(exportedSession.shape),

  readHead(fields) {
    const session = parse(exportedSession, Object.fromEntries(fields), 'The session');
    const updatedAt = session.updated_at ?? null;
    return {
      sourceId: idOf(session.id),
      titleChosen: session.title_chosen,
      systemPrompt: session.system_prompt == null ? null : storable(session.system_prompt),
      modelName: session.model_name == null ? null : storable(session.model_name),
      generation: settingsOf(session.generation, 'The session'),
      favorite: session.favorite,
      archivedAt: session.archived ? (session.archived_at ?? updatedAt ?? new Date(0)) : null,
      createdAt: session.created_at ?? null,
      updatedAt,
      leafId: session.active_message_id ?? null,
    };
  },

  readMessage({ key, value }, note) {
    const where = `Message ${Number(key) + 1}`;
    const message = parse(messageInput, value, where);
    const { role, status, cache_hit: hit = null } = message;
    if (role === 'user' && message.rating != null) throw new ConversationRefused(`${where}: only an answer is rated.`);
    const running = status === 'pending' || status === 'in_progress';
    const reply = role === 'assistant' ? replyOf(message, where) : null;
    return {
      id: storable(message.message_id),
      parentId: message.parent_id == null ? null : storable(message.parent_id),
      role,
      content: contentOf(message.content, note),
      // Without a reply it was stored by a client that brings its own model: it stands as it is.
      status: running && reply !== null ? 'stopped' : status,
      errorMessage: message.error_message == null ? null : contentOf(message.error_message, note),
      rating: message.rating ?? null,
      pinned: message.pinned,
      cached: message.cached,
      cacheHit: hit && {
        sourceMessageId: hit.source_message_id,
        similarity: hit.similarity,
        ageSeconds: hit.age_seconds,
      },
      context: message.context,
      createdAt: message.created_at,
      shownAt: message.shown_at ?? message.created_at,
      reply,
    };
  },
};

function replyOf(message: z.output<typeof messageInput>, where: string): ImportedReply | null {
  const { receipt, generation } = message;
  const modelName = receipt?.model_name ?? message.model_name ?? null;
  if (receipt == null && generation == null && modelName === null) return null;
  return {
    modelName: modelName === null ? null : storable(modelName),
    generation: settingsOf(generation, where),
    askedModel: message.asked_model == null ? null : storable(message.asked_model),
    errorCode: message.error_code ?? null,
    firstIncludedMessageId: receipt?.first_included_message_id ?? null,
    includedCount: receipt?.included_count ?? null,
    droppedCount: receipt?.dropped_count ?? null,
    promptTokens: receipt?.prompt_tokens ?? null,
    reusedTokens: receipt?.reused_tokens ?? null,
    completionTokens: receipt?.completion_tokens ?? null,
    timeToFirstTokenMs: receipt?.time_to_first_token_ms ?? null,
    tokensPerSecond: receipt?.tokens_per_second ?? null,
    finishReason: receipt?.finish_reason ?? null,
  };
}

function settingsOf(generation: ExportedGeneration | null | undefined, where: string): GenerationSettings {
  const { top_p, top_k, min_p, repeat_penalty, max_tokens, ...same } = generation ?? {};
  return parse(
    generationInput,
    { ...same, topP: top_p, topK: top_k, minP: min_p, repeatPenalty: repeat_penalty, maxTokens: max_tokens },
    `${where}: generation`,
  );
}

/** Throws ConversationRefused that names the first bad field. */
function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConversationRefused(`${where}: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}.`);
}
