import type { Logger } from '../logger.ts';
import { createRequestScope, requestScope } from '../request-scope.ts';
import type { Database } from '../stores/database.ts';
import type { Message, Reply } from '../stores/prisma/client.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ReplyClaims } from './reply-claims.ts';
import { noteReplyEnd } from './reply-end.ts';
import { emptyReceipt } from './reply-generate.ts';
import { replyTopics } from './reply-topics.ts';

interface Parts {
  db: Database;
  claims: Pick<ReplyClaims, 'endWaiting'>;
  wakeUp: WakeUp;
  metrics: Pick<Metrics, 'replyEnded'>;
  logger: Logger;
}

/** How long `stop` waits for the owner of a reply to store its end. */
const stopWithinMs = 5_000;
const lookAgainMs = 500;

export type ReplyStops = ReturnType<typeof createReplyStops>;

/** Reaches whoever writes a reply, wherever that is. */
export function createReplyStops({ db, claims, wakeUp, metrics, logger }: Parts) {
  async function endOf(messageId: string): Promise<void> {
    const signal = AbortSignal.timeout(stopWithinMs);
    const listener = wakeUp.listen(replyTopics.of(messageId));
    try {
      wakeUp.notify(replyTopics.stops, messageId);
      while (!signal.aborted) {
        const reply = await db.reply.findUnique({ where: { messageId }, select: { endedAt: true } });
        if (reply === null || reply.endedAt !== null) return;
        await listener.next({ timeoutMs: lookAgainMs, signal });
      }
    } finally {
      listener.close();
    }
  }

  /** Under the id of the request that asked for it, as every end of a reply. */
  function note({ messageId, userId, attempt, requestId, askedModel }: Reply, message: Message): void {
    const scope = createRequestScope(requestId ?? crypto.randomUUID());
    const log = logger.child({ message_id: messageId, user_id: userId, attempt });
    const receipt = { ...emptyReceipt, finishReason: 'cancelled' } as const;
    const end = { status: 'stopped', receipt, modelName: askedModel, cached: false, errorCode: null } as const;
    requestScope.run(scope, () => noteReplyEnd(metrics, log, message, end));
  }

  /** Ends a reply where it is; resolves once the end is stored. False where no engine of ours holds it. */
  async function stop(messageId: string): Promise<boolean> {
    const { count } = await db.reply.updateMany({
      where: { messageId, endedAt: null },
      data: { stopRequestedAt: new Date() },
    });
    if (count === 0) return false;
    const waited = await claims.endWaiting(messageId);
    if (waited === null) {
      await endOf(messageId);
      return true;
    }
    wakeUp.notify(replyTopics.of(messageId), 'end');
    note(waited.reply, waited.message);
    return true;
  }

  return {
    stop,

    /** Those of a session that have not ended. */
    async running(sessionId: string): Promise<string[]> {
      const replies = await db.reply.findMany({
        where: { endedAt: null, message: { sessionId } },
        select: { messageId: true },
      });
      return replies.map((reply) => reply.messageId);
    },

    /** Frees the model of replies whose messages are gone, and tells their readers. */
    abandon(messageIds: readonly string[]): void {
      for (const id of messageIds) {
        wakeUp.notify(replyTopics.stops, id);
        wakeUp.notify(replyTopics.of(id), 'end');
      }
    },
  };
}
