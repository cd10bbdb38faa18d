import { v7 as uuid } from 'uuid';
import type { CacheHit } from '../cache/answer-cache.ts';
import type { Message, Prisma } from '../stores/prisma/client.ts';
import { recordUsage } from '../telemetry/usage.ts';

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

/** Stores the answer to a question at once: it is complete, and nothing of it runs. */
export async function storeSharedAnswer(
  tx: Prisma.TransactionClient,
  question: Message,
  answer: SharedAnswer,
): Promise<Message> {
  const { sessionId, userId, id: parentId, depth } = question;
  const reply = await tx.message.create({
    data: {
      id: uuid(),
      sessionId,
      userId,
      parentId,
      depth: depth + 1,
      role: 'assistant',
      status: 'complete',
      ...columnsOf(answer),
    },
  });
  const nothing = { promptTokens: 0, reusedTokens: 0, completionTokens: 0, generationMs: 0 };
  await recordUsage(tx, {
    userId,
    sessionId,
    messageId: reply.id,
    modelName: answer.modelName,
    cached: true,
    ...nothing,
  });
  return reply;
}
