import type { Message, Reply, Session } from '../stores/prisma/client.ts';
import type { ExportedGeneration, ExportedMessage, ExportedSession } from './export-format.ts';
import { generationInput } from './generation.ts';

/** A message with how it was made, and its text so far where it is being written. */
export type StoredMessage = Message & { reply: (Reply & { draft: { partialContent: string } | null }) | null };

/** A session as an export has it, apart from its messages. */
export function exportedSessionOf(session: Session, leafId: string | null): ExportedSession {
  return {
    id: session.id,
    title: session.title,
    title_chosen: session.titleChosen,
    model_name: session.modelName,
    system_prompt: session.systemPrompt,
    generation: generationOf(session.generation),
    favorite: session.favorite,
    archived: session.archivedAt !== null,
    archived_at: session.archivedAt?.toISOString() ?? null,
    created_at: session.createdAt.toISOString(),
    updated_at: session.updatedAt.toISOString(),
    active_message_id: leafId,
  };
}

/** A message as an export has it: as REST tells it, and what else is needed to have it back. */
export function exportedMessageOf(message: StoredMessage) {
  const { reply } = message;
  const content = reply?.endedAt === null ? (reply.draft?.partialContent ?? '') : message.content;
  return {
    message_id: message.id,
    session_id: message.sessionId,
    parent_id: message.parentId,
    role: message.role as ExportedMessage['role'],
    content,
    status: message.status as NonNullable<ExportedMessage['status']>,
    partial_content: message.status === 'complete' ? null : content,
    error_message: message.errorMessage,
    rating: message.rating as ExportedMessage['rating'],
    pinned: message.pinned,
    cached: message.cached,
    cache_hit:
      message.cacheSourceId === null
        ? null
        : {
            source_message_id: message.cacheSourceId,
            similarity: message.cacheSimilarity ?? 1,
            age_seconds: message.cacheAgeSeconds ?? 0,
          },
    context: message.context,
    receipt: receiptOf(reply),
    generation: reply === null ? null : generationOf(reply.generation),
    model_name: reply?.modelName ?? null,
    asked_model: reply?.askedModel ?? null,
    error_code: (reply?.errorCode ?? null) as ExportedMessage['error_code'],
    created_at: message.createdAt.toISOString(),
    shown_at: message.shownAt.toISOString(),
  } satisfies ExportedMessage & Record<string, unknown>;
}

/** As exports and REST tell it; null until the model has begun. */
export function receiptOf(reply: Reply | null) {
  if (!reply?.modelName || reply.promptTokens === null) return null;
  return {
    model_name: reply.modelName,
    first_included_message_id: reply.firstIncludedMessageId,
    included_count: reply.includedCount ?? 0,
    dropped_count: reply.droppedCount ?? 0,
    prompt_tokens: reply.promptTokens,
    reused_tokens: reply.reusedTokens ?? 0,
    completion_tokens: reply.completionTokens ?? 0,
    time_to_first_token_ms: reply.timeToFirstTokenMs,
    tokens_per_second: reply.tokensPerSecond,
    finish_reason: reply.finishReason as 'stop' | 'length' | 'cancelled' | 'error' | null,
  } satisfies ExportedMessage['receipt'];
}

/** Only what is set. */
function generationOf(stored: unknown): ExportedGeneration {
  const { topP, topK, minP, repeatPenalty, maxTokens, ...same } = generationInput.catch({}).parse(stored ?? {});
  return {
    ...same,
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(minP !== undefined && { min_p: minP }),
    ...(repeatPenalty !== undefined && { repeat_penalty: repeatPenalty }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  };
}
