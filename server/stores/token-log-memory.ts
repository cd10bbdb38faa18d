import type { TokenLog, TokenLogEntry } from './token-log.ts';

type TextEntry = Extract<TokenLogEntry, { type: 'text' }>;

interface ReplyLog {
  queued: TokenLogEntry | null;
  prefill: TokenLogEntry | null;
  texts: TextEntry[];
  expiry: NodeJS.Timeout | undefined;
}

/** The log of one process. Its memory is the text of the replies under way: whoever ends one lets it expire. */
export function createMemoryTokenLog(): TokenLog {
  const logs = new Map<string, ReplyLog>();

  return {
    async append(replyId, entry) {
      let log = logs.get(replyId);
      if (log === undefined) {
        log = { queued: null, prefill: null, texts: [], expiry: undefined };
        logs.set(replyId, log);
      }
      // A reply that goes on after its end needs its log again.
      clearTimeout(log.expiry);
      if (entry.type === 'text') log.texts.push(entry);
      else log[entry.type] = entry;
    },

    async read(replyId, cursor) {
      const log = logs.get(replyId);
      if (log === undefined || (log.texts[0]?.offset ?? 0) > 0) return null;
      const texts = log.texts.slice(firstAfter(log.texts, cursor));
      const latest = [log.queued, log.prefill].filter((entry) => entry !== null && entry.seq > cursor);
      return [...latest, ...texts].filter((entry) => entry !== null).sort((a, b) => a.seq - b.seq);
    },

    async expire(replyId, afterMs) {
      const log = logs.get(replyId);
      if (log === undefined) return;
      clearTimeout(log.expiry);
      log.expiry = setTimeout(() => logs.delete(replyId), afterMs).unref();
    },
  };
}

/** Index of the first entry whose seq is above the cursor. */
function firstAfter(entries: readonly TextEntry[], cursor: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.seq ?? 0) > cursor) high = middle;
    else low = middle + 1;
  }
  return low;
}
