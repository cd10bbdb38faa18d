import { v7 as uuid } from 'uuid';
import type { CacheHit } from '../cache/answer-cache.ts';
import type { Database } from '../stores/database.ts';
import type { Message, Prisma, Session } from '../stores/prisma/client.ts';
import { parseId } from './input.ts';
import { titleFrom } from './titles.ts';

/** An answer of the cache, for a reply that this model would have generated. */
export interface SharedAnswer extends CacheHit {
  modelName: string;
}

/** What a message says of itself whose answer came from the cache. */
export function columnsOf(hit: CacheHit) {
  return {
    content: hit.content,
    cached: true,
    cacheSourceId: hit.sourceMessageId,
    cacheSimilarity: hit.similarity,
    cacheAgeSeconds: hit.ageSeconds,
  } satisfies Partial<Message>;
}

interface Question {
  content: string;
  context: Prisma.InputJsonValue | null;
  idempotencyKey: string | null;
  parentId: string | null | 'newest';
}

/**
 * Stores a question with the answer that was foreseen for it and counts what it took, in one round trip to Postgres: by the function
 * `store_answered` of the migrations, which locks and looks as whoever queues a reply does. `after`: the message that the answer holds under alone;
 * undefined where it holds under any. Null, with nothing stored, where the answer cannot be given so: the conversation is not what it was, the
 * session would have it answered in another way than when it was read, the message that had the answer first is gone or was rated down,
 * or the question must be refused. The function is called with the session's own id, so that no plan calls it before all that is known.
 */
export async function storeAnswered(
  db: Pick<Database, '$queryRaw'>,
  session: Session,
  question: Question,
  after: string | null | undefined,
  hit: SharedAnswer,
): Promise<{ message: Message; reply: Message } | null> {
  const { id: sessionId, userId, modelName, systemPrompt, generation } = session;
  const { content, idempotencyKey, parentId } = question;
  const newest = parentId === 'newest';
  const parent = newest || parentId === null ? null : parseId(parentId);
  if (!newest && parent === null && parentId !== null) return null;
  const [id, replyId] = [uuid(), uuid()];
  const context = question.context === null ? null : JSON.stringify(question.context);
  const [stored] = await db.$queryRaw<{ stored_at: Date; stored_parent: string | null; stored_depth: number }[]>`
    select stored.* from sessions s, lateral store_answered(
      ${userId}::uuid, s.id, ${newest ? (after ?? null) : parent}::uuid, ${newest}, ${after !== undefined}, ${id}::uuid, ${replyId}::uuid,
      ${content}, ${context}::jsonb, ${idempotencyKey}, ${titleFrom(content)},
      ${hit.content}, ${hit.sourceMessageId}::uuid, ${hit.similarity}, ${hit.ageSeconds}::integer, ${uuid()}::uuid, ${hit.modelName}) stored
    where s.id = ${sessionId}::uuid and s.model_name is not distinct from ${modelName} and s.system_prompt is not distinct from ${systemPrompt}
      and s.generation = ${JSON.stringify(generation)}::jsonb`;
  if (stored === undefined) return null;
  const both = {
    ...{ sessionId, userId, active: true, status: 'complete', errorMessage: null, rating: null, pinned: false },
    ...{ createdAt: stored.stored_at, shownAt: stored.stored_at },
  };
  const message = {
    ...both,
    ...{ id, parentId: stored.stored_parent, depth: stored.stored_depth, role: 'user', content, idempotencyKey },
    ...{ context: question.context as Message['context'], cached: false },
    ...{ cacheSourceId: null, cacheSimilarity: null, cacheAgeSeconds: null },
  };
  const reply = {
    ...both,
    ...{ id: replyId, parentId: id, depth: stored.stored_depth + 1, role: 'assistant', context: null },
    ...{ idempotencyKey: null, ...columnsOf(hit) },
  };
  return { message, reply };
}
