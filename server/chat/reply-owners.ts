import { type Database, ownerLock } from '../stores/database.ts';

interface Parts {
  db: Database;
  owner: string;
  /** Milliseconds of a clock that never steps; for tests that do not wait. */
  now?: () => number;
}

/** For how long the heartbeat of a claim must have been seen to stand still before the claim is free. */
export const silence = {
  /** Where its owner's lock is free too: the process is gone. */
  goneMs: 2_000,
  /** Where the lock is held: the process hangs, is paused, or its machine has lost the network. */
  hungMs: 8_000,
  /** Whoever did not look for so long does not know what happened meanwhile. */
  gapMs: 4_000,
} as const;

interface Sight {
  messageId: string;
  /** Attempt and heartbeat: another one is a sign of life. */
  mark: string;
  /** Whether the owner can be alive at all; our own claims that stand still are run by nobody. */
  present: boolean;
}

export type ReplyOwners = ReturnType<typeof createReplyOwners>;

/**
 * Frees the claims of owners that are gone. Silence is what this process has itself seen, look by look: after an outage of the
 * database, or of this process, everybody's heartbeat is old, and nobody knows whose fault that is. So each gap begins
 * the count anew, and for a while after it the locks, which a restart of Postgres takes from everybody, say nothing.
 */
export function createReplyOwners({ db, owner, now = () => performance.now() }: Parts) {
  let seen = new Map<string, Sight & { since: number }>();
  let lookedAt: number | null = null;
  /** Until then a free lock proves nothing. */
  let doubtfulUntil = Number.NEGATIVE_INFINITY;

  function look(): Promise<Sight[]> {
    return db.$queryRaw<Sight[]>`
      select message_id as "messageId", attempt || ' ' || coalesce(heartbeat_at::text, '') as mark,
        owner <> ${owner} and exists (
          select from pg_locks
          where locktype = 'advisory' and classid = ${ownerLock}::int::oid and objid = hashtext(owner)::oid and objsubid = 2 and granted
            and database = (select oid from pg_database where datname = current_database())
        ) as present
      from replies where ended_at is null and owner is not null`;
  }

  return {
    /** To be called every second or so; says how many claims it has freed. */
    async reap(): Promise<number> {
      const sights = await look();
      const at = now();
      if (lookedAt !== null && at - lookedAt > silence.gapMs) {
        seen = new Map();
        doubtfulUntil = at + silence.hungMs;
      }
      lookedAt = at;
      const before = seen;
      seen = new Map(
        sights.map((sight) => {
          const known = before.get(sight.messageId);
          return [sight.messageId, { ...sight, since: known?.mark === sight.mark ? known.since : at }];
        }),
      );
      const allowed = (present: boolean) => (present || at < doubtfulUntil ? silence.hungMs : silence.goneMs);
      const dead = [...seen.values()].filter(({ since, present }) => at - since >= allowed(present));
      let freed = 0;
      for (const { messageId, mark } of dead) {
        freed += await db.$executeRaw`
          update replies set owner = null
          where message_id = ${messageId}::uuid and ended_at is null and owner is not null
            and attempt || ' ' || coalesce(heartbeat_at::text, '') = ${mark}`;
      }
      return freed;
    },
  };
}
