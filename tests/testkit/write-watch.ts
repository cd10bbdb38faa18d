import pg from 'pg';
import { brokenRules } from './invariants.ts';

export interface WriteWatch {
  query<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** What was written since the watch began and must never be, and what must not stand there now. */
  violations(): Promise<Record<string, string[]>>;
  /** How the replies that have not ended stand, for people. */
  underWay(): Promise<string>;
}

/**
 * Watches every write to a database from inside, by triggers: a draft only grows and its `seq` only rises; what ended keeps
 * its text and its status, unless it is resumed; attempts are counted one by one; and what was in a
 * crash of the engine runs alone.
 */
const watch = `
  create table write_violations (rule text not null, message_id uuid not null);

  create function watch_draft() returns trigger language plpgsql as $$
  begin
    if left(new.partial_content, length(old.partial_content)) <> old.partial_content
      or new.token_ids[1:cardinality(old.token_ids)] <> old.token_ids
    then insert into write_violations values ('a draft shrank', new.message_id); end if;
    if new.saved_seq < old.saved_seq
    then insert into write_violations values ('the seq of a draft fell', new.message_id); end if;
    return null;
  end $$;
  create trigger watch_draft after update on reply_drafts for each row execute function watch_draft();

  create function watch_message() returns trigger language plpgsql as $$
  begin
    if old.status in ('complete', 'stopped', 'failed') and (new.status, new.content) is distinct from (old.status, old.content)
      and not (old.status <> 'complete' and new.status = 'pending' and new.content = old.content)
    then insert into write_violations values ('what had ended was written again', new.id); end if;
    if old.status in ('pending', 'in_progress') and new.status in ('complete', 'stopped', 'failed') and exists (
      select from reply_drafts d
      where d.message_id = new.id and left(new.content, length(d.partial_content)) <> d.partial_content)
    then insert into write_violations values ('saved text is not in the answer', new.id); end if;
    return null;
  end $$;
  create trigger watch_message after update on messages for each row execute function watch_message();

  create function watch_reply() returns trigger language plpgsql as $$
  begin
    if new.attempt not in (old.attempt, old.attempt + 1)
    then insert into write_violations values ('an attempt was not counted', new.message_id); end if;
    if old.ended_at <> new.ended_at
    then insert into write_violations values ('a reply ended twice', new.message_id); end if;
    if new.attempt > old.attempt and exists (
      select from replies r
      where r.owner = new.owner and r.ended_at is null and r.message_id <> new.message_id and (r.crashes > 0 or new.crashes > 0))
    then insert into write_violations values ('a reply that was in a crash did not run alone', new.message_id); end if;
    return null;
  end $$;
  create trigger watch_reply after update on replies for each row execute function watch_reply();`;

/** Begins to watch. */
export async function watchWrites(databaseUrl: string): Promise<WriteWatch> {
  /** On a connection of its own: the server may have been killed since the last one. */
  async function query<Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    try {
      return (await client.query<Row>(statement, values)).rows;
    } finally {
      await client.end();
    }
  }

  await query(watch);
  return {
    query,
    async underWay() {
      const rows = await query(
        `select r.message_id, m.status, r.owner, r.attempt, r.tries, r.crashes, now() - r.heartbeat_at as silence,
           r.stop_requested_at, d.saved_seq, length(d.partial_content) as characters
         from messages m join replies r on r.message_id = m.id left join reply_drafts d on d.message_id = m.id
         where r.ended_at is null`,
      );
      return JSON.stringify(rows, null, 1);
    },
    async violations() {
      const rows = await query<{ rule: string; ids: string[] }>(
        `select rule, array_agg(distinct message_id::text) as ids from write_violations group by rule union all ${brokenRules}`,
      );
      return Object.fromEntries(rows.map(({ rule, ids }) => [rule, ids]));
    },
  };
}
