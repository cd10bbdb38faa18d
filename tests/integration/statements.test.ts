import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

/** Counts the statements that Postgres executed in the database while `work` ran, but for those of the queue and of what a process does by itself. */
async function statementCounter(databaseUrl: string) {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('create extension if not exists pg_stat_statements');
  return async (work: () => Promise<unknown>): Promise<number> => {
    await client.query('select pg_stat_statements_reset()');
    await work();
    const { rows } = await client.query<{ calls: number }>(
      `select coalesce(sum(calls), 0)::int as calls from pg_stat_statements
       where dbid = (select oid from pg_database where datname = current_database())
         and query !~* 'pg_stat_statements|update replies|with unended|pg_locks|forgotten_conversations'`,
    );
    return rows[0]?.calls ?? 0;
  };
}

describe('statements an operation', () => {
  it('are as many for long lists as for short ones', async () => {
    const { url, databaseUrl } = await startPortal({ engine: createScriptedEngine({ script: () => 'ok' }) });
    const statements = await statementCounter(databaseUrl);
    const list =
      '{ sessions(first: 100) { totalCount edges { node { id title messageCount updatedAt } } pageInfo { hasNextPage } } }';
    const thread = `query ($id: ID!) { session(id: $id) { title messages(last: 50) { totalCount edges { node {
      id role content status rating pinned context parent { id } siblings { id } receipt { promptTokens } } } } } }`;

    const id = await createSession(url);
    await readToEnd(followBySse(url, (await send(url, id, 'Hello')).reply.id));
    const count = async () => ({
      list: await statements(() => askFor(url, list)),
      thread: await statements(() => askFor(url, thread, { id })),
    });
    const short = await count();
    for (let more = 0; more < 12; more++) {
      await createSession(url);
      await readToEnd(followBySse(url, (await send(url, id, `Hello ${more}`)).reply.id));
    }
    expect(await count()).toEqual(short);
    // The page and its count, or the session, its page and count, parents, siblings and receipts.
    expect(short).toEqual({ list: 2, thread: 6 });
  });

  it('is one for an answer that is given again', async () => {
    const { url, databaseUrl } = await startPortal();
    const statements = await statementCounter(databaseUrl);
    const id = await createSession(url);
    const ask = () => send(url, id, 'What is the capital of France?');
    await readToEnd(followBySse(url, (await ask()).reply.id));
    await expect.poll(async () => (await ask()).reply.status).toBe('COMPLETE');
    const given: string[] = [];
    expect(await statements(async () => given.push((await ask()).reply.status))).toBe(1);
    expect(given).toEqual(['COMPLETE']);
  });
});
