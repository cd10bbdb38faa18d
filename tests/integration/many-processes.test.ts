import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession, followBySse, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { askFor, listen } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';
import { startRedis } from '../testkit/redis.ts';

/** Two processes' worth of portal around one Postgres and one Redis; the first one alone runs the replies. */
async function startTwo() {
  const redis = await startRedis();
  const first = await startPortal({ env: { REDIS_URL: redis.url } });
  const second = await startPortal({
    env: { REDIS_URL: redis.url, MODEL_SEQUENCES: '1' },
    databaseUrl: first.databaseUrl,
  });
  const admin = new Redis(redis.url, { retryStrategy: () => 50 });
  admin.on('error', () => undefined);
  onTestFinished(() => admin.disconnect());
  return { redis, first, second, admin };
}

const longText = (name: string) => `Tell me of ${name}`;

describe('two portals around one Postgres and one Redis', () => {
  it('each follows, piece by piece, what the other writes', async () => {
    const { first, second } = await startTwo();
    for (const portal of [first, second]) portal.engine.hold();
    const sessionId = await createSession(first.url);
    const { reply } = await send(first.url, sessionId, longText('rivers'));
    await expect.poll(() => first.engine.running + second.engine.running).toBe(1);
    const writer = first.engine.running === 1 ? first : second;
    const reader = writer === first ? second : first;
    const events = followBySse(reader.url, reply.id);
    writer.engine.release(20);
    let text = '';
    while (text === '') {
      const { value } = await events.next();
      if (value?.__typename === 'ReplyText') text += value.text;
    }
    expect((await readMessage(reader.url, reply.id))?.status).toBe('IN_PROGRESS');
    writer.engine.release();
    const rest = await readToEnd(followBySse(reader.url, reply.id));
    expect(rest.text).toBe((await readMessage(first.url, reply.id))?.content);
    expect(rest.message.status).toBe('COMPLETE');
  });

  it('a stop reaches the process that writes, and a change every tab', async () => {
    const { first, second } = await startTwo();
    for (const portal of [first, second]) portal.engine.hold();
    const sessionId = await createSession(first.url);
    const { reply } = await send(first.url, sessionId, longText('mountains'));
    await expect.poll(() => first.engine.running + second.engine.running).toBe(1);
    const other = first.engine.running === 1 ? second : first;
    const stop = 'mutation ($id: ID!) { stopReply(id: $id) { id } }';
    await askFor(other.url, stop, { id: reply.id });
    await expect.poll(async () => (await readMessage(other.url, reply.id))?.status).toBe('STOPPED');

    const changes = listen<{ changes: { __typename: string; session?: { title: string } } }>(
      second.url,
      'subscription { changes { __typename ... on SessionChanged { session { title } } } }',
      {},
    );
    const rename = 'mutation ($id: ID!, $title: String) { updateSession(id: $id, input: { title: $title }) { id } }';
    const renames = setIntervalUntilFinished(() => askFor(first.url, rename, { id: sessionId, title: 'renamed here' }));
    for await (const { data } of changes) {
      if (data.changes.session?.title === 'renamed here') break;
    }
    clearInterval(renames);
  });

  it('go on without Redis and with an emptied one, lose no text, and use it again', { timeout: 60_000 }, async () => {
    const { redis, first, second, admin } = await startTwo();
    for (const portal of [first, second]) portal.engine.hold();
    const release = (tokens?: number) => {
      for (const portal of [first, second]) portal.engine.release(tokens);
    };
    const sessionId = await createSession(first.url);
    const { reply } = await send(first.url, sessionId, longText('oceans'));
    const reading = [first, second].map(({ url }) => readToEnd(followBySse(url, reply.id)));
    release(30);
    await expect.poll(async () => (await readMessage(first.url, reply.id))?.content).not.toBe('');
    await admin.flushall();
    release(30);
    await redis.kill();
    await expect.poll(async () => (await statusOfRedis(first.url)).status, { timeout: 5_000 }).toBe('down');
    release(30);

    const meanwhile = await send(second.url, await createSession(second.url), longText('clouds'));
    release();
    const { text } = await readToEnd(followBySse(first.url, meanwhile.reply.id));
    expect(text).toBe((await readMessage(second.url, meanwhile.reply.id))?.content);
    const stored = (await readMessage(first.url, reply.id))?.content;
    for (const reader of await Promise.all(reading)) expect(reader.text).toBe(stored);

    await redis.restart();
    await expect.poll(async () => (await statusOfRedis(second.url)).status, { timeout: 5_000 }).toBe('ok');
    const after = await send(first.url, await createSession(first.url), longText('stars'));
    await readToEnd(followBySse(second.url, after.reply.id));
    expect(await admin.exists(`reply:${after.reply.id}:texts`)).toBe(1);
  });
});

async function statusOfRedis(url: string): Promise<{ status: string }> {
  const answer = (await (await fetch(`${url}/health/deps`)).json()) as { dependencies: { redis: { status: string } } };
  return answer.dependencies.redis;
}

function setIntervalUntilFinished(work: () => Promise<unknown>): NodeJS.Timeout {
  const timer = setInterval(() => void work(), 100);
  onTestFinished(() => clearInterval(timer));
  return timer;
}
