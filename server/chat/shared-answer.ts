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

/** Counts an answer that was stored whole, with its question. */
export async function recordSharedAnswer(
  tx: Prisma.TransactionClient,
  { id: messageId, sessionId, userId }: Pick<Message, 'id' | 'sessionId' | 'userId'>,
  modelName: string,
): Promise<void> {
  const nothing = { promptTokens: 0, reusedTokens: 0, completionTokens: 0, generationMs: 0 };
  await recordUsage(tx, { userId, sessionId, messageId, modelName, cached: true, ...nothing });
}
