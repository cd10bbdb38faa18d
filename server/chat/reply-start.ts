import { v7 as uuid } from 'uuid';
import type { Viewer } from '../accounts/viewer.ts';
import type { CachePolicy } from '../cache/answer-cache.ts';
import { PortalError } from '../errors.ts';
import type { CatalogModel } from '../inference/catalog.ts';
import { noteOnRequest, originOfRequest } from '../request-scope.ts';
import type { Message, Prisma } from '../stores/prisma/client.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Changes } from './changes.ts';
import type { GenerationSettings } from './generation.ts';
import { notFound } from './input.ts';
import type { Models } from './models.ts';
import { replyTopics } from './reply-topics.ts';

export type Transaction = Prisma.TransactionClient;

/** Writers of one session take its row first: they follow one another, and never wait in a ring. Throws `not_found`. */
export async function lockSession(
  tx: Transaction,
  viewer: Viewer,
  sessionId: string,
): Promise<{ messageCount: number; titleChosen: boolean }> {
  const [session] = await tx.$queryRaw<{ messageCount: number; titleChosen: boolean }[]>`
    select message_count as "messageCount", title_chosen as "titleChosen" from sessions
    where id = ${sessionId}::uuid and user_id = ${viewer.id}::uuid for update`;
  if (session === undefined) throw notFound('session');
  noteOnRequest({ sessionId });
  return session;
}

/** No engine of ours writes the message, or is to write it. */
export const notHeldByUs = {
  OR: [{ reply: null }, { reply: { endedAt: { not: null } } }],
} satisfies Prisma.MessageWhereInput;

const running = { in: ['pending', 'in_progress'] };

/** Throws `conflict` while an answer to the parent, or the parent itself, is being written. */
export async function refuseWhileRunning(tx: Transaction, sessionId: string, parent: Message | null): Promise<void> {
  const parentRuns = parent !== null && running.in.includes(parent.status);
  const sibling = await tx.message.findFirst({
    where: { sessionId, status: running, parent: { is: { sessionId, parentId: parent?.id ?? null } } },
    select: { id: true },
  });
  if (parentRuns || sibling !== null) throw stillWriting();
}

/** Throws `conflict` while an answer to this question is being written. */
export async function refuseWhileAnswered(tx: Transaction, question: Message): Promise<void> {
  if ((await tx.message.count({ where: { parentId: question.id, status: running } })) > 0) throw stillWriting();
}

function stillWriting(): PortalError {
  return new PortalError('conflict', 'An answer is still being written here; wait for its end or stop it.');
}

/** What holds for one reply alone, before the session's own settings. */
export interface Asked {
  generation: GenerationSettings;
  /** Null for the session's model. */
  model: string | null;
  cache: CachePolicy;
}

/** The row of an answer that is to come. */
export function answerTo({ id: parentId, sessionId, userId, depth }: Placed) {
  return { id: uuid(), sessionId, userId, parentId, depth: depth + 1, role: 'assistant', status: 'pending' };
}

type Placed = Pick<Message, 'id' | 'sessionId' | 'userId' | 'depth'>;

/** Gives an answer that is stored its place in the queue; `cacheDigest` tells who asks the same. */
export async function queueReply(
  tx: Transaction,
  { id: messageId, userId }: Pick<Message, 'id' | 'userId'>,
  { generation, model, cache }: Asked,
  cacheDigest: string | null = null,
): Promise<void> {
  await tx.reply.create({
    data: {
      messageId,
      userId,
      generation,
      askedModel: model,
      cachePolicy: cache,
      cacheDigest,
      ...originOfRequest(),
    },
  });
}

interface StartParts {
  models: Pick<Models, 'usable'>;
  changes: Changes;
  wakeUp: WakeUp;
  metrics: Pick<Metrics, 'replyAsked'>;
  /** Replies that may run or wait at once. */
  mostUnended: number;
}

/** Held while a place in the queue is counted and taken; any number that nobody else uses will do. */
const queueLock = 7_258_332;

export type ReplyStart = ReturnType<typeof createReplyStart>;

/** What stands before and after every transaction that stores a reply. */
export function createReplyStart({ models, changes, wakeUp, metrics, mostUnended }: StartParts) {
  return {
    /** The model that will answer. Throws `model_unavailable`, before anything is stored. */
    async admit(modelName: string | null): Promise<CatalogModel> {
      return models.usable(modelName);
    },

    /**
     * To be called in the transaction that stores a reply, the session being locked. Throws `overloaded` where the queue is full; who counts holds
     * the others off until the transaction ends.
     */
    async takePlace(tx: Transaction): Promise<void> {
      await tx.$executeRaw`select pg_advisory_xact_lock(${queueLock})`;
      const unended = await tx.reply.count({ where: { endedAt: null } });
      if (unended < mostUnended) return;
      throw new PortalError('overloaded', 'The queue of answers is full; try again later.', { retryAfterSeconds: 30 });
    },

    /** Wakes whoever takes replies, and tells the other tabs of the messages that are new. */
    begun(viewer: Viewer, ...messages: readonly Pick<Message, 'id' | 'sessionId' | 'status'>[]): void {
      metrics.replyAsked();
      // An answer of the cache waits for nobody.
      if (messages.some(({ status }) => status === 'pending')) wakeUp.notify(replyTopics.queue);
      for (const { id: messageId, sessionId } of messages) {
        changes.publish(viewer.id, { type: 'session', sessionId }, { type: 'message', sessionId, messageId });
      }
    },
  };
}
