import type { TokenLog } from '../stores/token-log.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import { firstSeq } from './reply-claims.ts';
import { logAfterEndMs, replyTopics } from './reply-topics.ts';

interface Parts {
  tokenLog: TokenLog;
  wakeUp: WakeUp;
}

/** Numbers of an attempt that its own texts never reach: those who wait after it are told their place with them. */
const seqsOfWaiting = 100_000;

export type ReplyPlaces = ReturnType<typeof createReplyPlaces>;

/** Tells those that wait their place in the queue, once for each change. */
export function createReplyPlaces({ tokenLog, wakeUp }: Parts) {
  const told = new Map<string, { position: number; seq: number }>();

  return {
    /** `waiting` in turn; the logs of others that were told before are let go, but for those that `runs` says are running. */
    async tell(
      waiting: readonly { messageId: string; attempt: number }[],
      runs: (id: string) => boolean,
    ): Promise<void> {
      const ids = new Set(waiting.map(({ messageId }) => messageId));
      for (const id of told.keys()) {
        if (ids.has(id)) continue;
        told.delete(id);
        if (!runs(id)) await tokenLog.expire(id, logAfterEndMs);
      }
      for (const [index, { messageId, attempt }] of waiting.entries()) {
        const position = index + 1;
        const known = told.get(messageId);
        if (known?.position === position) continue;
        const seq = (known?.seq ?? seqBeforeWaiting(attempt)) + 1;
        told.set(messageId, { position, seq });
        await tokenLog.append(messageId, { type: 'queued', seq, position, etaMs: null });
        wakeUp.notify(replyTopics.of(messageId), 'text');
      }
    },
  };
}

/** Above every number that the last attempt gave out, and below those of the next one. */
function seqBeforeWaiting(attempt: number): number {
  return firstSeq(attempt + 1) - seqsOfWaiting;
}
