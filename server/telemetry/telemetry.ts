import { z } from 'zod';
import { requireAdmin, type Viewer } from '../accounts/viewer.ts';
import type { AnswerCache } from '../cache/answer-cache.ts';
import { parseInput } from '../chat/input.ts';
import { pause } from '../pause.ts';
import type { Database } from '../stores/database.ts';
import { createHostFigures, type HostFigures } from './host.ts';
import type { Metrics, ReplyFigures } from './metrics.ts';

/** Every figure that an operator asks for, over all processes but for those of the host. */
export interface TelemetryFigures extends ReplyFigures, HostFigures {
  activeReplies: number;
  queuedReplies: number;
  /** Sessions that something happened in within the last 15 minutes. */
  activeSessions: number;
  cacheBackend: string;
  cacheEntries: number;
  cacheSizeBytes: number;
}

interface Parts {
  db: Database;
  metrics: Pick<Metrics, 'figures'>;
  answerCache: Pick<AnswerCache, 'stats'>;
}

const intervalInput = z
  .int('must be a whole number')
  .min(500, 'must be at least 500')
  .max(60_000, 'must be at most 60000');

export type Telemetry = ReturnType<typeof createTelemetry>;

export function createTelemetry({ db, metrics, answerCache }: Parts) {
  const host = createHostFigures();

  async function countsOfDatabase() {
    const [row] = await db.$queryRaw<[{ activeReplies: number; queuedReplies: number; activeSessions: number }]>`
      select (count(*) filter (where owner is not null))::int as "activeReplies",
        (count(*) filter (where owner is null))::int as "queuedReplies",
        (select count(*)::int from sessions where updated_at > now() - interval '15 minutes') as "activeSessions"
      from replies where ended_at is null`;
    return row;
  }

  async function figures(): Promise<TelemetryFigures> {
    const [replies, counts, cache] = await Promise.all([metrics.figures(), countsOfDatabase(), answerCache.stats()]);
    return {
      ...replies,
      ...counts,
      ...host(),
      cacheBackend: cache.backend,
      cacheEntries: cache.entries,
      cacheSizeBytes: cache.sizeBytes,
    };
  }

  return {
    /** Throws `forbidden` unless the viewer is an admin. */
    async read(viewer: Viewer): Promise<TelemetryFigures> {
      requireAdmin(viewer);
      return figures();
    },

    /** The same figures now and every `intervalMs` (500 to 60,000). Throws `forbidden`, `invalid_input`. */
    async *follow(viewer: Viewer, intervalMs: number, signal: AbortSignal): AsyncGenerator<TelemetryFigures, void> {
      requireAdmin(viewer);
      const waitMs = parseInput(intervalInput, intervalMs, 'intervalMs');
      while (!signal.aborted) {
        yield await figures();
        await pause(waitMs, signal);
      }
    },
  };
}
