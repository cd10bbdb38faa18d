import { describe, expect, it, onTestFinished } from 'vitest';
import { createReplyQueue } from '../../server/chat/reply-queue.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { startPortal } from '../testkit/portal.ts';
import { startRedis } from '../testkit/redis.ts';

/** Two workers and an API process; what each worker was asked. */
async function startTwoWorkers(env: Record<string, string> = {}) {
  const redis = await startRedis();
  const shared = { REDIS_URL: redis.url, ...env };
  const first = await startPortal({
    env: { ...shared, ROLE: 'worker' },
    engine: createScriptedEngine({ script: () => 'ok' }),
  });
  const { databaseUrl } = first;
  const engine = createScriptedEngine({ script: () => 'ok' });
  const second = await startPortal({ env: { ...shared, ROLE: 'worker' }, databaseUrl, engine });
  const { url } = await startPortal({ env: { ...shared, ROLE: 'api' }, databaseUrl });
  const db = await openTestDatabase(databaseUrl);
  const workers = [first, second];
  await expect.poll(() => db.worker.count()).toBe(2);
  return { url, db, workers, counts: () => workers.map(({ engine: { requests } }) => requests.length) };
}

describe('a conversation', () => {
  it('goes on in the process that has read it', async () => {
    const { url, counts } = await startTwoWorkers();
    const sessionId = await createSession(url);
    for (let turn = 1; turn <= 6; turn++) {
      const { reply } = await send(url, sessionId, `question ${turn}`);
      expect((await readToEnd(followBySse(url, reply.id))).message.status).toBe('COMPLETE');
    }
    expect(counts().sort()).toEqual([0, 6]);
  });

  it('goes elsewhere at once where that one is busy, and where it is gone', async () => {
    const { url, workers, db } = await startTwoWorkers({ MODEL_SEQUENCES: '1' });
    const sessionId = await createSession(url);
    const ask = async (content: string, id = sessionId) => (await send(url, id, content)).reply.id;
    await readToEnd(followBySse(url, await ask('first')));
    const { warmOwner } = await db.session.findUniqueOrThrow({ where: { id: sessionId } });
    const warm = workers.findIndex(({ engine }) => engine.requests.length === 1);
    const [holder, other] = warm === 0 ? workers : workers.toReversed();
    if (holder === undefined || other === undefined) throw new Error('nobody answered');
    expect(warmOwner).not.toBeNull();

    // Both are held; whichever takes the other conversation, the one that read this is made busy.
    holder.engine.hold();
    const busy = await createSession(url);
    await db.session.update({ where: { id: busy }, data: { warmOwner } });
    await ask('keeps it busy', busy);
    await expect.poll(() => holder.engine.running).toBe(1);
    await readToEnd(followBySse(url, await ask('second')));
    expect(other.engine.requests).toHaveLength(1);
    holder.engine.release();

    const { warmOwner: now } = await db.session.findUniqueOrThrow({ where: { id: sessionId } });
    expect(now).not.toBe(warmOwner);
    await other.app.stop();
    const end = await readToEnd(followBySse(url, await ask('third')));
    expect(end.message.status).toBe('COMPLETE');
    expect(other.engine.requests).toHaveLength(1);
  });

  it('is left to that process for a moment and not longer', async () => {
    const portal = await startPortal();
    portal.engine.hold();
    onTestFinished(() => portal.engine.release());
    const db = await openTestDatabase(portal.databaseUrl);
    await db.worker.create({ data: { owner: 'warm', places: 1, record: {} } });
    const sessionId = await createSession(portal.url);
    await db.session.update({ where: { id: sessionId }, data: { warmOwner: 'warm' } });
    // Nobody but us takes it: the portal itself is stopped.
    const { reply } = await send(portal.url, sessionId, 'for the warm one');
    await portal.app.stop();
    await db.reply.update({
      where: { messageId: reply.id },
      data: { owner: null, endedAt: null, queuedAt: new Date() },
    });

    const [cold, warm] = [createReplyQueue({ db, owner: 'cold' }), createReplyQueue({ db, owner: 'warm' })];
    const fresh = () =>
      db.$executeRaw`update replies set queued_at = now(), owner = null where message_id = ${reply.id}::uuid`;
    await fresh();
    const left = await cold.take(1, true);
    expect(left).toMatchObject({ claims: [], left: 1 });
    expect(left.lookAgainMs).toBeGreaterThan(0);
    expect((await warm.take(1, true)).claims).toHaveLength(1);

    await fresh();
    await expect.poll(async () => (await cold.take(1, true)).claims.length, { timeout: 5_000, interval: 20 }).toBe(1);
    await db.worker.updateMany({ data: { seenAt: new Date(Date.now() - 60_000) } });
    await fresh();
    expect((await cold.take(1, true)).claims).toHaveLength(1);
  });
});

describe('those who ask the same at once', () => {
  it('hold one place: others are answered beside them', async () => {
    const { url, engine } = await startPortal({ env: { CACHE_SCOPE: 'user', MODEL_SEQUENCES: '2' } });
    engine.hold();
    const sessions = await Promise.all(Array.from({ length: 4 }, () => createSession(url)));
    const same = await Promise.all(sessions.map((id) => send(url, id, 'How far is the moon?')));
    await expect.poll(() => engine.running).toBe(1);
    const { reply } = await send(url, await createSession(url), 'How deep is the sea?');
    await expect.poll(() => engine.running).toBe(2);
    engine.release();
    await Promise.all([reply, ...same.map((one) => one.reply)].map(({ id }) => readToEnd(followBySse(url, id))));
    expect(engine.requests).toHaveLength(2);
  });
});
