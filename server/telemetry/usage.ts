import { v7 as uuid } from 'uuid';
import type { Viewer } from '../accounts/viewer.ts';
import type { EngineUsage } from '../inference/engine.ts';
import type { Database } from '../stores/database.ts';
import { Prisma } from '../stores/prisma/client.ts';

/** What one model answered on one day (UTC). */
export interface UsageDay {
  date: string;
  modelName: string;
  answers: number;
  cachedAnswers: number;
  promptTokens: number;
  completionTokens: number;
  generationMs: number;
}

export type Usage = ReturnType<typeof createUsage>;

/** What answers cost: those of sessions by their receipts, the others by what is recorded here. */
export function createUsage({ db }: { db: Database }) {
  return {
    /** Counts an answer that no session keeps. */
    async record(
      viewer: Pick<Viewer, 'id'>,
      { modelName, usage, generationMs }: { modelName: string; usage: EngineUsage; generationMs: number },
    ): Promise<void> {
      const { promptTokens, reusedTokens, completionTokens } = usage;
      await db.usageEvent.create({
        data: { id: uuid(), userId: viewer.id, modelName, promptTokens, reusedTokens, completionTokens, generationMs },
      });
    },

    /** The newest day first. `from` is included, `to` is not; null for everybody's. */
    async days(viewer: Pick<Viewer, 'id'> | null, from: Date, to: Date): Promise<UsageDay[]> {
      const owner = viewer === null ? Prisma.empty : Prisma.sql`and user_id = ${viewer.id}::uuid`;
      return db.$queryRaw<UsageDay[]>`
        with answers as (
          select queued_at as at, model_name, prompt_tokens, completion_tokens, coalesce(time_to_first_token_ms, 0)
            + coalesce(completion_tokens * 1000 / nullif(tokens_per_second, 0), 0) as generation_ms
          from replies where ended_at is not null and model_name is not null
            and queued_at >= ${from} and queued_at < ${to} ${owner}
          union all
          select created_at, model_name, prompt_tokens, completion_tokens, generation_ms from usage_events
          where created_at >= ${from} and created_at < ${to} ${owner}
        )
        select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as date, model_name as "modelName", count(*)::int as answers,
          0 as "cachedAnswers", coalesce(sum(prompt_tokens), 0)::float8 as "promptTokens",
          coalesce(sum(completion_tokens), 0)::float8 as "completionTokens", sum(generation_ms) as "generationMs"
        from answers group by 1, 2 order by 1 desc, 2`;
    },
  };
}
