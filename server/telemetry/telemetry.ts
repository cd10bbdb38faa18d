import { z } from 'zod';
import { requireAdmin, type Viewer } from '../accounts/viewer.ts';
import type { AnswerCache } from '../cache/answer-cache.ts';
import { parseInput } from '../chat/input.ts';
import { pause } from '../pause.ts';
import type { Database } from '../stores/database.ts';
import { isDatabaseUnavailable } from '../stores/database-errors.ts';
import { createHostFigures, type HostFigures } from './host.ts';
import { type Metrics, type ReplyFigures, replyFigures } from './metrics.ts';
import { createRecentFigures, type RecentFigures } from './recent.ts';

/** Every figure that an operator asks for, over all processes but for those of the host. */
export interface TelemetryFigures extends ReplyFigures, HostFigures {
  activeReplies: number;
  queuedReplies: number;
  /** Sessions that something happened in within the last 15 minutes. */
  activeSessions: number;
  cacheBackend: string;
  cacheEntries: number;
  cacheSizeBytes: number;
  /** Of the last minute; null for a moment where the counters began anew. */
  recent: RecentFigures | null;
}

interface Parts {
  db: Database;
  metrics: Pick<Metrics, 'read'>;
  answerCache: Pick<AnswerCache, 'stats'>;
  /** Ends the readings of the last minute. */
  signal: AbortSignal;
}

const noteEveryMs = 5_000;

const intervalInput = z
  .int('must be a whole number')
  .min(500, 'must be at least 500')
  .max(60_000, 'must be at most 60000');

export type Telemetry = ReturnType<typeof createTelemetry>;

export function createTelemetry({ db, metrics, answerCache, signal: ended }: Parts) {
  const host = createHostFigures();
  const recent = createRecentFigures();
  void noteReadings();

  async function noteReadings(): Promise<void> {
    while (!ended.aborted) {
      recent.note(await metrics.read(), performance.now());
      await pause(noteEveryMs, ended);
    }
  }

  async function countsOfDatabase() {
    const [row] = await db.$queryRaw<[{ activeReplies: number; queuedReplies: number; activeSessions: number }]>`
      select (count(*) filter (where owner is not null))::int as "activeReplies",
        (count(*) filter (where owner is null))::int as "queuedReplies",
        (select count(*)::int from sessions where updated_at > now() - interval '15 minutes') as "activeSessions"
      from replies where ended_at is null`;
    return row;
  }

  async function figures(): Promise<TelemetryFigures> {
    const [counted, counts, cache] = await Promise.all([metrics.read(), countsOfDatabase(), answerCache.stats()]);
    return {
      ...replyFigures(counted),
      ...counts,
      ...host(),
      cacheBackend: cache.backend,
      cacheEntries: cache.entries,
      cacheSizeBytes: cache.sizeBytes,
      recent: recent.since(counted, performance.now()),
    };
  }

  return {
    /** Throws `forbidden` unless the viewer is an admin. */
    async read(viewer: Viewer): Promise<TelemetryFigures> {
      await requireAdmin(viewer);
      return figures();
    },

    /** The same for whoever watches the process itself; null while the database is away. */
    async standing(): Promise<TelemetryFigures | null> {
      return unlessAway(figures());
    },

    /**
     * The same figures now and every `intervalMs` (500 to 60,000). While the database is away nothing comes. Throws `forbidden`, `invalid_input`.
     */
    async *follow(viewer: Viewer, intervalMs: number, signal: AbortSignal): AsyncGenerator<TelemetryFigures, void> {
      await requireAdmin(viewer);
      const waitMs = parseInput(intervalInput, intervalMs, 'intervalMs');
      while (!signal.aborted) {
        const current = await unlessAway(figures());
        if (current !== null) yield current;
        await pause(waitMs, signal);
      }
    },
  };
}

async function unlessAway<Figures>(figures: Promise<Figures>): Promise<Figures | null> {
  try {
    return await figures;
  } catch (error) {
    if (isDatabaseUnavailable(error)) return null;
    throw error;
  }
}
