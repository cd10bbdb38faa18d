import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RedisConnection } from './redis.ts';
import type { TokenLog, TokenLogEntry } from './token-log.ts';

type TextEntry = Extract<TokenLogEntry, { type: 'text' }>;

/** A log that nobody lets expire, since its process died, goes by itself. */
const longestLifeMs = 3_600_000;

/**
 * The log of many processes: a Redis stream for each reply, in which an entry's id is its `seq`. While Redis is away pieces
 * are not kept, and what stood there before is dropped with the first one after: readers then find a text that does not begin at 0,
 * and take it from the database.
 */
export function createRedisTokenLog({ commands, isUp }: Pick<RedisConnection, 'commands' | 'isUp'>): TokenLog {
  const keyOf = (replyId: string) => ({ texts: `reply:${replyId}:texts`, latest: `reply:${replyId}:latest` });
  /** Replies that lost a piece. */
  const torn = new Set<string>();
  const reading = new Map<string, Promise<TokenLogEntry[] | null>>();

  async function attempt(replyId: string, write: () => Promise<unknown>): Promise<void> {
    try {
      if (!isUp()) throw new Error('Redis is away');
      if (torn.has(replyId)) await commands.del(keyOf(replyId).texts);
      torn.delete(replyId);
      await write();
    } catch {
      torn.add(replyId);
    }
  }

  async function read(replyId: string, cursor: number): Promise<TokenLogEntry[] | null> {
    const { texts, latest } = keyOf(replyId);
    if (!isUp() || torn.has(replyId)) return null;
    try {
      const [first, after, notes] = throwFirst(
        await commands
          .pipeline()
          .xrange(texts, '-', '+', 'COUNT', 1)
          .xrange(texts, `(${cursor}-0`, '+')
          .hmget(latest, 'queued', 'prefill')
          .exec(),
      ) as [RawEntry[], RawEntry[], (string | null)[]];
      const known = notes.filter((note) => note !== null).map((note) => JSON.parse(note) as TokenLogEntry);
      const start = first[0];
      if (start === undefined ? known.length === 0 : toEntry(start).offset > 0) return null;
      return [...known.filter((entry) => entry.seq > cursor), ...after.map(toEntry)].sort((a, b) => a.seq - b.seq);
    } catch {
      return null;
    }
  }

  return {
    append: (replyId, entry) =>
      attempt(replyId, async () => {
        const { texts, latest } = keyOf(replyId);
        const write = commands.pipeline();
        if (entry.type === 'text') {
          write.xadd(texts, `${entry.seq}-0`, 'o', String(entry.offset), 't', entry.text);
          write.pexpire(texts, longestLifeMs);
        } else {
          write.hset(latest, entry.type, JSON.stringify(entry));
          write.pexpire(latest, longestLifeMs);
        }
        throwFirst(await write.exec());
      }),

    /** The many readers of one reply are woken at once: those who ask in one turn of the event loop share what is read after it. */
    read(replyId, cursor) {
      const key = `${replyId} ${cursor}`;
      const shared =
        reading.get(key) ??
        nextTurn().then(() => {
          reading.delete(key);
          return read(replyId, cursor);
        });
      reading.set(key, shared);
      return shared;
    },

    async expire(replyId, afterMs) {
      if (torn.delete(replyId)) return;
      const { texts, latest } = keyOf(replyId);
      await attempt(replyId, async () =>
        throwFirst(await commands.pipeline().pexpire(texts, afterMs).pexpire(latest, afterMs).exec()),
      );
      torn.delete(replyId);
    },
  };
}

type RawEntry = [id: string, fields: string[]];

function toEntry([id, fields]: RawEntry): TextEntry {
  const [, offset = '0', , text = ''] = fields;
  return { type: 'text', seq: Number(id.split('-')[0]), offset: Number(offset), text };
}

function throwFirst(answers: [Error | null, unknown][] | null): unknown[] {
  if (answers === null) throw new Error('Redis answered nothing');
  return answers.map(([error, answer]) => {
    if (error !== null) throw error;
    return answer;
  });
}
