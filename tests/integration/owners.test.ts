import pg from 'pg';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createReplyOwners, silence } from '../../server/chat/reply-owners.ts';
import { createDatabaseServer } from '../../server/stores/database.ts';
import { createTestDatabase } from '../testkit/postgres.ts';

/** A claim of `dead`, as it stands when its owner has written its last heartbeat. */
const claimOf = `
  with session as (
    insert into sessions (id, user_id) values (gen_random_uuid(), '00000000-0000-0000-0000-000000000001') returning id, user_id
  ), question as (
    insert into messages (id, session_id, user_id, depth, role, status, content)
    select gen_random_uuid(), id, user_id, 0, 'user', 'complete', 'a question' from session returning id, session_id, user_id
  ), answer as (
    insert into messages (id, session_id, user_id, parent_id, depth, role, status)
    select gen_random_uuid(), session_id, user_id, id, 1, 'assistant', 'in_progress' from question returning id, user_id
  )
  insert into replies (message_id, user_id, attempt, owner, heartbeat_at, taken_at)
  select id, user_id, 1, $1, now(), now() from answer returning message_id`;

async function furnish() {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const server = createDatabaseServer({
    url: database.url,
    dataDir: '/nonexistent',
    logger: pino({ level: 'silent' }),
  });
  const db = await server.open(new AbortController().signal);
  const client = new pg.Client(database.url);
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await server.close();
  });
  let time = 0;
  const owners = createReplyOwners({ db, owner: 'ourselves', now: () => time });
  const claim = async (owner: string): Promise<string> => {
    const { rows } = await client.query<{ message_id: string }>(claimOf, [owner]);
    return rows[0]?.message_id ?? '';
  };
  /** Looks each second for so long; says how many claims were freed. */
  const look = async (forMs: number): Promise<number> => {
    let freed = 0;
    for (const end = time + forMs; time < end; ) {
      time += 1_000;
      freed += await owners.reap();
    }
    return freed;
  };
  const hold = (owner: string) => {
    const living = new AbortController();
    const held = server.holdOwnerLock(owner, living.signal);
    const die = async () => {
      living.abort();
      await held;
    };
    onTestFinished(die);
    return die;
  };
  const locks = async () => {
    const { rows } = await client.query(
      `select from pg_locks join pg_database on oid = database
       where locktype = 'advisory' and objsubid = 2 and granted and datname = current_database()`,
    );
    return rows.length;
  };
  const beat = (id: string) =>
    client.query('update replies set heartbeat_at = clock_timestamp() where message_id = $1', [id]);
  const pass = (ms: number) => {
    time += ms;
  };
  return { owners, claim, look, hold, locks, beat, pass };
}

describe('a claim', () => {
  it('of a process that is gone is free after 2 s of silence', async () => {
    const { claim, look, hold, locks } = await furnish();
    const die = hold('dead');
    await expect.poll(locks).toBe(1);
    await claim('dead');
    expect(await look(3_000)).toBe(0);
    await die();
    await expect.poll(locks).toBe(0);
    expect(await look(silence.goneMs)).toBe(1);
  });

  it('of a process that lives and hangs is free after 8 s', async () => {
    const { claim, look, hold, locks } = await furnish();
    hold('hung');
    await expect.poll(locks).toBe(1);
    await claim('hung');
    expect(await look(silence.hungMs)).toBe(0);
    expect(await look(1_000)).toBe(1);
  });

  it('whose heart beats stays, also where its owner has lost its lock', async () => {
    const { claim, look, beat } = await furnish();
    const id = await claim('without a lock');
    for (let second = 0; second < 20; second++) {
      await beat(id);
      expect(await look(1_000)).toBe(0);
    }
  });

  it('of ours that nothing runs is free after 2 s', async () => {
    const { claim, look } = await furnish();
    await claim('ourselves');
    expect(await look(silence.goneMs + 1_000)).toBe(1);
  });

  it('is left to its owner for 8 s after an outage in which nobody could look, with its lock gone and its heartbeat old', async () => {
    const { claim, look, beat, pass } = await furnish();
    const id = await claim('as cut off as we were');
    expect(await look(1_000)).toBe(0);
    pass(60_000);
    expect(await look(silence.hungMs - 1_000)).toBe(0);
    await beat(id);
    expect(await look(1_000)).toBe(0);
  });

  it('is freed once, however many look', async () => {
    const { claim, look, owners } = await furnish();
    await claim('dead');
    expect(await look(silence.goneMs)).toBe(0);
    const [first, second] = await Promise.all([look(1_000), owners.reap()]);
    expect(first + second).toBe(1);
  });
});
