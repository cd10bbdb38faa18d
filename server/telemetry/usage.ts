import { v7 as uuid } from 'uuid';
import type { Viewer } from '../accounts/viewer.ts';
import type { EngineUsage } from '../inference/engine.ts';
import type { Database } from '../stores/database.ts';
import { Prisma } from '../stores/prisma/client.ts';

/** What one model answered one user on one day (UTC). */
export interface UsageDay {
  /** YYYY-MM-DD. */
  date: string;
  /** Null of everybody together. */
  userId: string | null;
  modelName: string;
  /** Those from the cache included. */
  answers: number;
  cachedAnswers: number;
  promptTokens: number;
  completionTokens: number;
  generationMs: number;
}

export type UsageRecord = Omit<Prisma.UsageEventUncheckedCreateInput, 'id' | 'createdAt'>;

export type Usage = ReturnType<typeof createUsage>;

const dayMs = 86_400_000;

/** Notes what an answer took: in the transaction that ends it, where a session keeps it. */
export async function recordUsage(db: Pick<Database, 'usageEvent'>, record: UsageRecord): Promise<void> {
  await db.usageEvent.create({ data: { id: uuid(), ...record } });
}

/** What answers took, by those who asked for them. */
export function createUsage({ db }: { db: Database }) {
  async function read(
    viewer: Pick<Viewer, 'id'> | null,
    from: Date | null,
    to: Date | null,
    whose: Prisma.Sql,
  ): Promise<UsageDay[]> {
    const owner = viewer === null ? Prisma.empty : Prisma.sql`and user_id = ${viewer.id}::uuid`;
    const end = to ?? new Date(Date.now() + 1);
    const start = from ?? new Date(end.getTime() - 30 * dayMs);
    return db.$queryRaw<UsageDay[]>`
        select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as date, ${whose} as "userId", model_name as "modelName",
          count(*)::int as answers, (count(*) filter (where cached))::int as "cachedAnswers",
          least(sum(prompt_tokens), 2147483647)::int as "promptTokens", least(sum(completion_tokens), 2147483647)::int as "completionTokens",
          sum(generation_ms) as "generationMs"
        from usage_events where created_at >= ${start} and created_at < ${end} ${owner}
        group by 1, 2, 3 order by 1 desc, 3, 2`;
  }

  return {
    /** Counts an answer that no session keeps. */
    async record(
      viewer: Pick<Viewer, 'id'>,
      { modelName, usage, generationMs }: { modelName: string; usage: EngineUsage; generationMs: number },
    ): Promise<void> {
      const { promptTokens, reusedTokens, completionTokens } = usage;
      await recordUsage(db, {
        userId: viewer.id,
        modelName,
        promptTokens,
        reusedTokens,
        completionTokens,
        generationMs,
      });
    },

    /** The newest day first, by model and user. The 30 days before `to` where `from` is null; null for everybody's. */
    days: (viewer: Pick<Viewer, 'id'> | null, from: Date | null, to: Date | null): Promise<UsageDay[]> =>
      read(viewer, from, to, Prisma.sql`user_id`),

    /** The same, of everybody together. */
    daysOfAll: (from: Date | null, to: Date | null): Promise<UsageDay[]> =>
      read(null, from, to, Prisma.sql`null::uuid`),
  };
}
