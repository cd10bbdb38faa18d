import type { Database } from '../stores/database.ts';
import { Prisma } from '../stores/prisma/client.ts';
import type { Claim } from './reply-claims.ts';

/** One who waits. */
export interface Waiting {
  messageId: string;
  attempt: number;
  /** Will run with nothing beside it. */
  alone: boolean;
  /** As asked for with the message. */
  maxTokens: number | null;
  /** Since it was asked for, by the database's clock. */
  waitedMs: number;
  /** Portals that run replies now. */
  takers: number;
}

export type ReplyQueue = ReturnType<typeof createReplyQueue>;

/**
 * Everyone who waits, in turn: users with fewer replies running first, among those the one who was served (or, if never, began to wait) longest ago; the
 * replies of one user in the order in which they were asked for, whichever session they are of. As long as none comes and
 * none ends, taking them one by one follows this order. Reads the replies that have not ended (an index of their
 * own) and, for each user among them, one entry of an index.
 */
const ranked = Prisma.sql`
  with unended as (
    select message_id, user_id, queued_at, crashes, owner is null as waits,
      -- What has begun goes on by itself, whoever else asks the same.
      case when not exists (select from reply_drafts d where d.message_id = replies.message_id) or owner is not null
        then cache_digest end as digest
    from replies where ended_at is null
  ), served as (
    select user_id, (select max(taken_at) from replies where replies.user_id = asking.user_id) as at
    from (select distinct user_id from unended where waits) asking
  ), numbered as (
    select *, count(*) filter (where not waits) over (partition by user_id) as running,
      row_number() over (partition by user_id, waits order by queued_at, message_id) as number,
      min(queued_at) over (partition by user_id, waits) as since,
      count(*) filter (where not waits and digest is not null) over (partition by digest) > 0 as twin_runs
    from unended
  ), ranked as (
    select message_id, crashes > 0 as suspect, digest, twin_runs,
      row_number() over (order by running + number, number, served.at nulls first, since, user_id) as place
    from numbered join served using (user_id)
    where waits
  )`;

/** For so long a reply is left to the process that has its conversation in memory, where that one could take it. */
const headStartMs = 250;
/** Workers say every 3 s that they live. */
const seenWithinMs = 8_000;

/** Who waits for the model, in the database: replies that nobody owns and that have not ended. */
export function createReplyQueue({ db, owner }: { db: Database; owner: string }) {
  return {
    /**
     * Takes up to `count` replies whose turn it is, and says how many wait still; two takers never get the same one. One that was in
     * an engine crash is taken by itself and only by a taker that is `idle`; until then nobody who comes after it is taken either.
     * Of those that ask the same one is taken, and the others once it has ended. For a moment (`lookAgainMs`) some are left to
     * another taker whose model has read their conversation.
     */
    async take(count: number, idle: boolean): Promise<{ claims: Claim[]; left: number; lookAgainMs: number | null }> {
      const [taken] = await db.$queryRaw<{ claims: Claim[]; waited: number; warm: number }[]>`
        ${ranked}, twins as (
          select message_id from (
            select message_id, twin_runs or row_number() over (partition by digest order by place) > 1 as later
            from ranked where digest is not null
          ) alike where later
        ), elsewhere as (
          select replies.message_id
          from replies join messages on messages.id = replies.message_id join sessions on sessions.id = messages.session_id
            join workers on workers.owner = sessions.warm_owner
          where replies.owner is null and ended_at is null and workers.owner <> ${owner}
            and queued_at > now() - ${headStartMs} * interval '1 millisecond'
            and seen_at > now() - ${seenWithinMs} * interval '1 millisecond'
            and places > (select count(*) from replies busy where busy.owner = workers.owner and busy.ended_at is null)
        ), next as (
          select message_id from ranked join replies using (message_id)
          where owner is null and ended_at is null
            and message_id not in (select message_id from twins) and message_id not in (select message_id from elsewhere) and (
            place < coalesce((select min(place) from ranked where suspect), ${maxPlace})
            or (place = 1 and suspect and ${idle})
          )
          order by place limit ${count} for update of replies skip locked
        ), taken as (
          update replies
          set owner = ${owner}, attempt = attempt + 1, tries = tries + 1, heartbeat_at = now(), taken_at = clock_timestamp()
          where message_id in (select message_id from next)
          returning message_id as "messageId", user_id as "userId", attempt, tries, crashes,
            stop_requested_at is not null as "stopRequested", request_id as "requestId", trace_parent as "traceParent"
        )
        select coalesce(jsonb_agg(to_jsonb(taken)), '[]') as claims, (select count(*) from ranked)::int as waited,
          (select count(*) from elsewhere)::int as warm
        from taken`;
      const { claims, waited, warm } = taken ?? { claims: [], waited: 0, warm: 0 };
      return { claims, left: waited - claims.length, lookAgainMs: warm > 0 ? headStartMs : null };
    },

    /** Those that wait, the next one first. */
    async waiting(limit: number): Promise<Waiting[]> {
      return db.$queryRaw<Waiting[]>`
        ${ranked}
        select message_id as "messageId", attempt, suspect as alone, (generation ->> 'maxTokens')::int as "maxTokens",
          (extract(epoch from now() - queued_at) * 1000)::float as "waitedMs",
          (select count(distinct owner) from replies where ended_at is null)::int as takers
        from ranked join replies using (message_id) order by place limit ${limit}`;
    },
  };
}

const maxPlace = 2_147_483_647;
