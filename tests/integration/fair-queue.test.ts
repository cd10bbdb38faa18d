import fc from 'fast-check';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createReplyQueue } from '../../server/chat/reply-queue.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import type { Database } from '../../server/stores/database.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { startPortal } from '../testkit/portal.ts';
import { createTestDatabase } from '../testkit/postgres.ts';

async function emptyDatabase(): Promise<{ db: Database; url: string }> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return { db: await openTestDatabase(database.url), url: database.url };
}

interface Asked {
  user: string;
  /** Order of asking, and when it was taken last, in ms. */
  queuedAt: number;
  takenAt?: number;
  state?: 'waits' | 'runs' | 'ended';
}

/** Stores a question and its answer for each, as the rules do; the ids of the answers, in order. */
async function store(db: Database, asked: readonly Asked[]): Promise<string[]> {
  const users = new Map(
    [...new Set(asked.map(({ user }) => user))].map((name) => [name, { id: uuid(), session: uuid() }]),
  );
  const of = (name: string) => users.get(name) ?? { id: '', session: '' };
  const names = [...users.keys()];
  await db.user.createMany({ data: names.map((name) => ({ id: of(name).id, email: `${uuid()}@example.org` })) });
  await db.session.createMany({ data: names.map((name) => ({ id: of(name).session, userId: of(name).id })) });
  const rows = asked.map((one) => ({ ...one, question: uuid(), answer: uuid(), ...of(one.user) }));
  const common = ({ id, session }: (typeof rows)[0]) => ({ userId: id, sessionId: session, active: false });
  await db.message.createMany({
    data: rows.flatMap((row) => [
      { id: row.question, role: 'user', status: 'complete', content: row.user, depth: 0, ...common(row) },
      { id: row.answer, role: 'assistant', status: 'pending', parentId: row.question, depth: 1, ...common(row) },
    ]),
  });
  await db.reply.createMany({
    data: rows.map(({ answer, id, queuedAt, takenAt, state }) => ({
      messageId: answer,
      userId: id,
      queuedAt: new Date(queuedAt),
      takenAt: takenAt === undefined ? null : new Date(takenAt),
      owner: state === 'runs' ? 'somebody' : null,
      endedAt: state === 'ended' ? new Date(queuedAt + 1) : null,
    })),
  });
  return rows.map(({ answer }) => answer);
}

/** The order by its definition: each time the one whose user has the fewest running, then was served longest ago. */
function fairOrder(asked: readonly Asked[]): number[] {
  const running = (user: string) => asked.filter((one) => one.user === user && one.state === 'runs').length;
  const served = (user: string) => Math.max(0, ...asked.map((one) => (one.user === user ? (one.takenAt ?? 0) : 0)));
  const users = new Map(asked.map(({ user }) => [user, { running: running(user), served: served(user) }]));
  const waiting = asked.map((one, index) => ({ ...one, index })).filter(({ state }) => (state ?? 'waits') === 'waits');
  const order: number[] = [];
  for (let now = 1e12; waiting.length > 0; now++) {
    const firsts = waiting.filter((one) => !waiting.some((o) => o.user === one.user && o.queuedAt < one.queuedAt));
    const key = ({ user, queuedAt }: Asked) => [users.get(user)?.running ?? 0, users.get(user)?.served ?? 0, queuedAt];
    firsts.sort((a, b) => compare(key(a), key(b)));
    const [next] = firsts;
    if (next === undefined) break;
    users.set(next.user, { running: (users.get(next.user)?.running ?? 0) + 1, served: now });
    order.push(next.index);
    waiting.splice(waiting.indexOf(next), 1);
  }
  return order;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

describe('the queue of replies', () => {
  it('takes users in turn, as its definition says, and tells the places by the same order', async () => {
    const { db } = await emptyDatabase();
    const queue = createReplyQueue({ db, owner: 'test' });
    const state = fc.constantFrom('waits' as const, 'waits' as const, 'runs' as const, 'ended' as const);
    const one = fc.record({ user: fc.constantFrom('a', 'b', 'c'), taken: fc.nat(1000), state });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 14 }), async (drawn) => {
        await db.session.deleteMany();
        const asked = drawn.map(({ user, taken, state: s }, index): Asked => {
          const times = { queuedAt: 1_000_000 + index, ...(s !== 'waits' && { takenAt: 1_000 + taken * 100 + index }) };
          return { user, state: s, ...times };
        });
        const ids = await store(db, asked);
        const expected = fairOrder(asked).map((index) => ids[index]);
        const taken: string[] = [];
        for (let left = expected.length; left > 0; left--) {
          expect((await queue.waiting(100)).map(({ messageId }) => messageId)).toEqual(expected.slice(-left));
          const { claims, left: stillWaiting } = await queue.take(1, false);
          expect(stillWaiting).toBe(left - 1);
          for (const { messageId } of claims) taken.push(messageId);
        }
        expect(taken).toEqual(expected);
      }),
      { numRuns: 40, seed: 20_261_121 },
    );
  });

  it('gives each reply to one of many takers, and all of them away', async () => {
    const { db } = await emptyDatabase();
    const asked = Array.from({ length: 60 }, (_, index) => ({ user: `user ${index % 7}`, queuedAt: 1e6 + index }));
    const ids = await store(db, asked);
    const takers = Array.from({ length: 6 }, (_, index) => createReplyQueue({ db, owner: `taker ${index}` }));
    const taken: string[] = [];
    while (taken.length < ids.length) {
      const claims = (await Promise.all(takers.map((queue) => queue.take(3, false)))).map((take) => take.claims);
      expect(claims.flat().length).toBeGreaterThan(0);
      taken.push(...claims.flat().map(({ messageId }) => messageId));
    }
    expect([...taken].sort()).toEqual([...ids].sort());
  });

  it('reads what waits and no more, however many replies have ended', async () => {
    const { db, url } = await emptyDatabase();
    const client = new pg.Client(url);
    await client.connect();
    onTestFinished(() => client.end());
    const users = Array.from({ length: 20 }, (_, index) => ({ user: `user ${index}` }));
    await store(
      db,
      [0, 1].flatMap((round) => users.map(({ user }, index) => ({ user, queuedAt: 1e9 + round * 100 + index }))),
    );
    await client.query(
      `with ended as (
         insert into messages (id, session_id, user_id, parent_id, depth, active, role, status)
         select gen_random_uuid(), session_id, user_id, parent_id, 1, false, 'assistant', 'complete'
         from messages, generate_series(1, 500) where depth = 1 returning id, user_id
       ) insert into replies (message_id, user_id, taken_at, ended_at) select id, user_id, now(), now() from ended`,
    );
    await client.query('vacuum analyze');
    await client.query('create extension if not exists pg_stat_statements');
    await client.query('select pg_stat_statements_reset()');
    const queue = createReplyQueue({ db, owner: 'test' });
    expect(await queue.waiting(1000)).toHaveLength(40);
    expect((await queue.take(8, true)).claims).toHaveLength(8);
    const { rows } = await client.query<{ calls: number; buffers: number }>(
      `select sum(calls)::int as calls, max((shared_blks_hit + shared_blks_read) / calls)::int as buffers
       from pg_stat_statements where query ~ 'unended' and dbid = (select oid from pg_database where datname = current_database())`,
    );
    console.log(`a take or a look reads at most ${rows[0]?.buffers} buffers beside 20,000 ended replies`);
    expect(rows[0]?.calls).toBe(2);
    expect(rows[0]?.buffers).toBeLessThan(500);
  });
});

describe('one who sends twenty', () => {
  it('keeps nobody waiting: who asks once meanwhile is next, told so, and served first', async () => {
    const begun: string[] = [];
    const engine = createScriptedEngine({
      sequences: 1,
      script: ({ messages }) => {
        begun.push(messages.at(-1)?.content ?? '');
        return 'ok';
      },
    });
    const { url, databaseUrl } = await startPortal({ engine, env: { MODEL_SEQUENCES: '1' } });
    const db = await openTestDatabase(databaseUrl);
    engine.hold();
    const [light] = await store(db, [{ user: 'light', queuedAt: Date.now() + 3_600_000, state: 'ended' }]);
    const heavy = [];
    for (let index = 0; index < 20; index++) heavy.push(await send(url, await createSession(url), `heavy ${index}`));
    await expect.poll(() => begun.length).toBe(1);
    await db.reply.update({ where: { messageId: light ?? '' }, data: { endedAt: null } });
    // The heavy user's next one is told that somebody stands before it now.
    for await (const event of followBySse(url, heavy[1]?.reply.id ?? '')) {
      if (event.__typename === 'ReplyQueued' && event.position === 2) break;
    }
    engine.release();
    await Promise.all(heavy.map(({ reply }) => readToEnd(followBySse(url, reply.id))));
    expect(begun.indexOf('light')).toBe(1);
    expect(begun.filter((question) => question !== 'light')).toEqual(
      Array.from({ length: 20 }, (_, i) => `heavy ${i}`),
    );
  });
});
