import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineError, type GenerateRequest } from '../../server/inference/engine.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { createScriptedEngine, type ScriptedEngineOptions } from '../../server/inference/scripted-engine.ts';
import {
  createSession,
  followBySse,
  type MessageView,
  type ReplyEvent,
  readMessage,
  readToEnd,
  send,
} from '../testkit/chat.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

const stop = 'mutation ($id: ID!) { stopReply(id: $id) { status content } }';
const resume = 'mutation ($id: ID!) { resumeReply(id: $id) { id status } }';
const remove = 'mutation ($id: ID!) { deleteSession(id: $id) }';
const gone = new EngineError('crashed', 'gone');

/** What a message is answered: long enough to be cut, and known beforehand. */
const answerTo = (question: string) =>
  `An answer to ${question} — déjà vu, 你好, 🙂 — that goes on for a while after that.`;
const questionOf = ({ messages }: GenerateRequest) => messages.at(-1)?.content ?? '';

/** An engine that notes, for each reply that begins, how many run then; `holdAt` holds it when one of those questions is answered. */
function watchedEngine({ holdAt = [], ...options }: ScriptedEngineOptions & { holdAt?: string[] } = {}) {
  const begun: { question: string; running: number; from: number }[] = [];
  const engine = createScriptedEngine({
    ...options,
    script: (request) => {
      const from = request.continueFrom?.length ?? 0;
      begun.push({ question: questionOf(request), running: engine.running, from });
      if (holdAt.includes(questionOf(request))) engine.hold();
      return answerTo(questionOf(request));
    },
  });
  return { engine, begun };
}

interface Asked {
  id: string;
  sessionId: string;
}

async function ask(url: string, question: string, model = 'test-model'): Promise<Asked> {
  const sessionId = await createSession(url, { model });
  const { reply } = await send(url, sessionId, question);
  return { id: reply.id, sessionId };
}

const endOf = (url: string, { id }: { id: string }) => readToEnd(followBySse(url, id));

describe('a crash of the engine', () => {
  it('is no end: the reply goes on by itself from the very tokens it has, and its reader sees no error', async () => {
    const { engine, begun } = watchedEngine();
    const { url } = await startPortal({ engine });
    engine.failNext(gone, 17);
    const reply = await ask(url, 'one');
    const events: ReplyEvent[] = [];
    for await (const event of followBySse(url, reply.id)) events.push(event);
    const seqs = events.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    const { text, message } = await readToEnd(
      (async function* () {
        yield* events;
      })(),
    );
    expect(text).toBe(answerTo('one'));
    expect(message).toMatchObject({ status: 'COMPLETE', content: text, errorMessage: null });
    expect(begun).toEqual([
      { question: 'one', running: 1, from: 0 },
      { question: 'one', running: 1, from: 17 },
    ]);
  });

  it('makes those that ran go on each alone, one after the other; who comes meanwhile waits, then all run together again', async () => {
    const { engine, begun } = watchedEngine({ holdAt: ['four', 'five'] });
    const { url } = await startPortal({ engine });
    engine.hold();
    const asked: Asked[] = [];
    for (const question of ['one', 'two', 'three']) asked.push(await ask(url, question));
    await expect.poll(() => engine.running).toBe(3);
    engine.release(12);
    await expect
      .poll(async () => (await Promise.all(asked.map(({ id }) => length(url, id)))).every(Boolean))
      .toBe(true);
    engine.crash();
    await expect.poll(() => begun.length).toBe(4);
    for (const question of ['four', 'five']) asked.push(await ask(url, question));
    const waiting = asked[3] ?? { id: '' };
    for await (const event of followBySse(url, waiting.id)) {
      expect(event).toMatchObject({ __typename: 'ReplyQueued', position: 3 });
      break;
    }
    engine.release();
    await expect.poll(() => engine.running).toBe(2);
    engine.release();
    const ends = await Promise.all(asked.map((reply) => endOf(url, reply)));
    expect(ends.map(({ message }) => message.status)).toEqual(Array(5).fill('COMPLETE'));
    expect(ends.map(({ text }) => text)).toEqual(['one', 'two', 'three', 'four', 'five'].map(answerTo));
    expect(begun.slice(3, 6).map(({ question }) => question)).toEqual(['one', 'two', 'three']);
    expect(begun.slice(3, 6).map(({ running }) => running)).toEqual([1, 1, 1]);
  });

  it('twice while the same reply ran is its end: FAILED with its text and the reason; resuming it begins to count anew', async () => {
    const { engine } = watchedEngine();
    const { url } = await startPortal({ engine });
    engine.hold();
    const reply = await ask(url, 'guilty');
    engine.release(6);
    await expect.poll(() => length(url, reply.id)).toBeGreaterThan(0);
    engine.crash();
    await expect.poll(() => engine.requests.length).toBe(2);
    engine.crash();
    await expect.poll(() => readMessage(url, reply.id)).toMatchObject({ status: 'FAILED' });
    const failed = await readMessage(url, reply.id);
    expect(failed?.errorMessage).toContain('2 times');
    expect(failed?.content).not.toBe('');
    expect(answerTo('guilty').startsWith(failed?.content ?? '')).toBe(true);
    await askFor(url, resume, { id: reply.id });
    await expect.poll(() => engine.requests.length).toBe(3);
    engine.crash();
    await expect.poll(() => engine.requests.length).toBe(4);
    engine.release();
    expect((await endOf(url, reply)).message).toMatchObject({ status: 'COMPLETE', content: answerTo('guilty') });
  });

  it('is not held against those that only waited in it', async () => {
    const { engine, begun } = watchedEngine();
    const { url, databaseUrl, config } = await startPortal({ engine });
    const db = await openTestDatabase(databaseUrl);
    await writeNoiseModel(path.join(config.models.dir, 'other.gguf'), { width: 64, vocabulary: 1024 });
    engine.hold();
    const running = await ask(url, 'running');
    await expect.poll(() => engine.running).toBe(1);
    // For another model, which is loaded after the replies of this one.
    const waiting = [await ask(url, 'waiting', 'other'), await ask(url, 'waiting too', 'other')];
    const taken = () => db.reply.count({ where: { owner: { not: null } } });
    await expect.poll(taken).toBe(3);
    engine.crash();
    const crashesOf = async ({ id }: Asked) => (await db.reply.findUniqueOrThrow({ where: { messageId: id } })).crashes;
    await expect.poll(() => crashesOf(running)).toBe(1);
    await expect.poll(() => begun.length).toBeGreaterThan(1);
    expect(await Promise.all(waiting.map(crashesOf))).toEqual([0, 0]);
    engine.release();
    for (const reply of [running, ...waiting]) {
      expect((await endOf(url, reply)).message.status).toBe('COMPLETE');
    }
  });

  it('is not what a defect is that one reply meets: FAILED at once with its text, and it may be resumed', async () => {
    const { engine, begun } = watchedEngine();
    const { url } = await startPortal({ engine });
    engine.failNext(new EngineError('failed', 'tokens is not iterable'), 9);
    const one = await ask(url, 'one');
    const { message } = await endOf(url, one);
    expect(message).toMatchObject({
      status: 'FAILED',
      errorMessage: 'Something went wrong inside the engine with this request; the log has the details.',
    });
    expect(message.content).not.toBe('');
    expect(answerTo('one').startsWith(message.content)).toBe(true);
    expect(begun).toHaveLength(1);
    await askFor(url, resume, { id: one.id });
    expect((await endOf(url, one)).message).toMatchObject({ status: 'COMPLETE', content: answerTo('one') });
  });

  it('leaves no one stuck: those that wait for their turn alone can be stopped, deleted, and taken up after a restart', async () => {
    const { engine, begun } = watchedEngine();
    const { app, url, databaseUrl } = await startPortal({ engine });
    engine.hold();
    const asked: Asked[] = [];
    for (const question of ['one', 'two', 'three', 'four']) asked.push(await ask(url, question));
    const [one, two, three, four] = asked as [
      (typeof asked)[0],
      (typeof asked)[0],
      (typeof asked)[0],
      (typeof asked)[0],
    ];
    await expect.poll(() => engine.running).toBe(4);
    engine.crash();
    await expect.poll(() => begun.length).toBe(5);
    expect(await askFor(url, stop, { id: two.id })).toMatchObject({ stopReply: { status: 'STOPPED' } });
    await askFor(url, remove, { id: three.sessionId });
    expect(await askFor(url, stop, { id: one.id })).toMatchObject({ stopReply: { status: 'STOPPED' } });
    await expect.poll(() => begun.at(-1)).toMatchObject({ question: 'four', running: 1 });
    await app.stop();

    const after = watchedEngine();
    const again = await startPortal({ engine: after.engine, databaseUrl });
    const newcomer = await ask(again.url, 'five');
    expect((await endOf(again.url, four)).message).toMatchObject({ status: 'COMPLETE', content: answerTo('four') });
    expect((await endOf(again.url, newcomer)).message.status).toBe('COMPLETE');
    expect(after.begun.map(({ running }) => running)).toEqual([1, 1]);
  });

  it('is mended by either of two portals on one database: each of its replies is alone in the one that takes it', async () => {
    const first = watchedEngine();
    const { url, databaseUrl } = await startPortal({ engine: first.engine });
    first.engine.hold();
    const asked: Asked[] = [];
    for (const question of ['one', 'two', 'three', 'four']) asked.push(await ask(url, question));
    await expect.poll(() => first.engine.running).toBe(4);
    const second = watchedEngine({ tokenDelayMs: 2 });
    await startPortal({ engine: second.engine, databaseUrl });
    first.engine.crash();
    first.engine.release();
    const ends = await Promise.all(asked.map(({ id }) => ended(url, id)));
    expect(ends.map((message) => message.content)).toEqual(['one', 'two', 'three', 'four'].map(answerTo));
    const again = [...first.begun.slice(4), ...second.begun];
    expect(again.map(({ running }) => running)).toEqual([1, 1, 1, 1]);
    expect(again.map(({ question }) => question).sort()).toEqual(['four', 'one', 'three', 'two']);
  });
});

async function length(url: string, id: string): Promise<number> {
  return (await readMessage(url, id))?.content.length ?? 0;
}

async function ended(url: string, id: string): Promise<MessageView> {
  let message: MessageView | null = null;
  await expect
    .poll(
      async () => {
        message = await readMessage(url, id);
        return message?.status;
      },
      { timeout: 20_000 },
    )
    .toBe('COMPLETE');
  if (message === null) throw new Error('the message is gone');
  return message;
}
