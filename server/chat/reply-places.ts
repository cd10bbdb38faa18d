import type { TokenLog } from '../stores/token-log.ts';
import type { WakeUp } from '../stores/wake-up.ts';
import { firstSeq } from './reply-claims.ts';
import type { Waiting } from './reply-queue.ts';
import { logAfterEndMs, replyTopics } from './reply-topics.ts';

interface Parts {
  tokenLog: TokenLog;
  wakeUp: WakeUp;
}

/** Numbers of an attempt that its own texts never reach: those who wait after it are told their place with them. */
const seqsOfWaiting = 100_000;
/** They rise with the time that one has waited, so that those of several portals do: enough for seven hours. */
const msPerSeq = 250;
/** An estimate that differs by less from the one that was told is no news. */
const notable = { share: 0.2, ms: 2_000 };

/** Tells those that wait their place in the queue and when they are likely to begin, where that changes notably. */
export function createReplyPlaces({ tokenLog, wakeUp }: Parts) {
  const told = new Map<string, { position: number; etaMs: number | null; seq: number }>();

  return {
    /**
     * `waiting` in turn, `waits` their waits in the same order, null where nobody can say. The logs of others that were told
     * before are let go, but for those that `runs` says are running.
     */
    async tell(
      waiting: readonly Waiting[],
      waits: readonly number[] | null,
      runs: (messageId: string) => boolean,
    ): Promise<void> {
      const ids = new Set(waiting.map(({ messageId }) => messageId));
      for (const id of told.keys()) {
        if (ids.has(id)) continue;
        told.delete(id);
        if (!runs(id)) await tokenLog.expire(id, logAfterEndMs);
      }
      for (const [index, one] of waiting.entries()) {
        const wait = waits?.[index];
        const news = { position: index + 1, etaMs: wait === undefined ? null : Math.round(wait) };
        const known = told.get(one.messageId);
        if (known?.position === news.position && !isNews(news.etaMs, known.etaMs)) continue;
        const seq = Math.max((known?.seq ?? 0) + 1, seqOfWaiting(one));
        told.set(one.messageId, { ...news, seq });
        await tokenLog.append(one.messageId, { type: 'queued', seq, ...news });
        wakeUp.notify(replyTopics.of(one.messageId), 'text');
      }
    },
  };
}

function isNews(etaMs: number | null, toldMs: number | null): boolean {
  if (etaMs === null || toldMs === null) return etaMs !== toldMs;
  return Math.abs(etaMs - toldMs) > Math.max(notable.ms, notable.share * etaMs);
}

/** Above every number that the last attempt gave out, and below those of the next one. */
function seqOfWaiting({ attempt, waitedMs }: Waiting): number {
  const next = firstSeq(attempt + 1);
  return Math.min(next - 1, next - seqsOfWaiting + Math.max(0, Math.floor(waitedMs / msPerSeq)));
}
