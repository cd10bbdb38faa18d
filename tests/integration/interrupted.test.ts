import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { startPortal } from '../testkit/portal.ts';

/** Makes the database look as a portal leaves it that was killed: the reply has an owner, and nobody is it. */
async function asIfKilled(databaseUrl: string, messageId: string, changes: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(
    `update replies set owner = 'gone', heartbeat_at = now() - interval '1 hour', ended_at = null, finish_reason = null,
       last_seq = null, stop_requested_at = null, ${changes} where message_id = $1`,
    [messageId],
  );
  await client.query(`update messages set status = 'in_progress', content = '' where id = $1`, [messageId]);
  await client.query(
    `insert into reply_drafts values ($1, 'You said', '{0,1,2}', 1000003)
     on conflict (message_id) do update set partial_content = 'You said', token_ids = '{0,1,2}'`,
    [messageId],
  );
}

describe('a reply whose writer was killed', () => {
  it('again and again ends FAILED with all its text', async () => {
    const { url, databaseUrl, engine } = await startPortal();
    const { reply } = await send(url, await createSession(url), 'Hello', { generation: { maxTokens: 1 } });
    await readToEnd(followBySse(url, reply.id));
    await asIfKilled(databaseUrl, reply.id, 'tries = 3');
    await expect.poll(async () => (await readMessage(url, reply.id))?.status, { timeout: 20_000 }).toBe('FAILED');
    expect(await readMessage(url, reply.id)).toMatchObject({ content: 'You said' });
    expect(engine.requests).toHaveLength(1);
  });

  it('is shown with its text while it waits for a place', async () => {
    const engine = createScriptedEngine({ sequences: 1 });
    const { url, databaseUrl } = await startPortal({ engine, env: { MODEL_SEQUENCES: '1' } });
    const { reply } = await send(url, await createSession(url), 'Hello', { generation: { maxTokens: 3 } });
    await readToEnd(followBySse(url, reply.id));
    engine.hold();
    await send(url, await createSession(url), 'in the way');
    await expect.poll(() => engine.running).toBe(1);
    await asIfKilled(databaseUrl, reply.id, 'tries = 1, attempt = 7');
    const seen: string[] = [];
    for await (const event of followBySse(url, reply.id)) {
      if (event.__typename !== 'ReplyText') continue;
      seen.push(event.text);
      break;
    }
    expect(seen).toEqual(['You said']);
    engine.release();
  });
});
