import type { Database } from '../stores/database.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import type { ReplyClaims } from './reply-claims.ts';
import { replyTopics } from './reply-topics.ts';

interface Parts {
  db: Database;
  claims: Pick<ReplyClaims, 'endWaiting'>;
  wakeUp: WakeUp;
}

/** How long `stop` waits for the owner of a reply to store its end. */
const stopWithinMs = 5_000;
const lookAgainMs = 500;

export type ReplyStops = ReturnType<typeof createReplyStops>;

/** Reaches whoever writes a reply, wherever that is. */
export function createReplyStops({ db, claims, wakeUp }: Parts) {
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

  /** Ends a reply where it is; resolves once the end is stored. False where no engine of ours holds it. */
  async function stop(messageId: string): Promise<boolean> {
    const { count } = await db.reply.updateMany({
      where: { messageId, endedAt: null },
      data: { stopRequestedAt: new Date() },
    });
    if (count === 0) return false;
    if (await claims.endWaiting(messageId)) wakeUp.notify(replyTopics.of(messageId), 'end');
    else await endOf(messageId);
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
