import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../server/inference/engine.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, fold, followBySse, type MessageView, readToEnd, send } from '../testkit/chat.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

const resume = 'mutation ($id: ID!) { resumeReply(id: $id) { id status content errorMessage } }';
const stop = 'mutation ($id: ID!) { stopReply(id: $id) { id } }';
const answer = 'An answer that is long enough to be cut — déjà vu, 你好, 🙂 — and goes on for a while after that.';

describe('a reply that is resumed', () => {
  it('goes on from the very tokens it has after it failed, as if it had never been cut; readers go on from their cursor', async () => {
    const { url, engine } = await startPortal({ engine: createScriptedEngine({ script: () => answer }) });
    engine.failNext(new EngineError('prompt_too_long', 'as planned'), 17);
    const { reply } = await send(url, await createSession(url), 'Hello');
    let held = '';
    let cursor = 0;
    for await (const event of followBySse(url, reply.id)) {
      held = fold(held, event);
      cursor = event.seq;
    }
    expect(answer.startsWith(held)).toBe(true);
    const { resumeReply } = await askFor<{ resumeReply: MessageView }>(url, resume, { id: reply.id });
    expect(resumeReply).toMatchObject({ id: reply.id, errorMessage: null });
    let end: MessageView | null = null;
    for await (const event of followBySse(url, reply.id, cursor)) {
      expect(event.seq).toBeGreaterThan(cursor);
      held = fold(held, event);
      if (event.__typename === 'ReplyFinished') end = event.message;
    }
    expect(end).toMatchObject({ status: 'COMPLETE', content: answer, errorMessage: null });
    expect(held).toBe(answer);
    expect(engine.requests.at(-1)?.continueFrom).toHaveLength(17);
  });

  it('may be stopped and resumed again and again', async () => {
    const { url, engine } = await startPortal({ engine: createScriptedEngine({ script: () => answer }) });
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Hello');
    for (let round = 0; round < 5; round++) {
      engine.release(3);
      const before = round * 3;
      await expect.poll(async () => (await lengthOf(url, reply.id)) > before).toBe(true);
      await askFor(url, stop, { id: reply.id });
      await askFor(url, resume, { id: reply.id });
    }
    engine.release();
    const { text, message } = await readToEnd(followBySse(url, reply.id));
    expect(message).toMatchObject({ status: 'COMPLETE', content: answer });
    expect(text).toBe(answer);
  });

  it('is returned as it is while it runs; NOTHING_TO_RESUME when complete or no answer; NOT_FOUND when unknown', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    const { message, reply } = await send(url, await createSession(url), 'Hello');
    const { resumeReply } = await askFor<{ resumeReply: MessageView }>(url, resume, { id: reply.id });
    expect(['PENDING', 'IN_PROGRESS']).toContain(resumeReply.status);
    engine.release();
    await readToEnd(followBySse(url, reply.id));
    expect(engine.requests).toHaveLength(1);
    const codeOf = async (id: string) => (await ask(url, resume, { id })).errors?.[0]?.extensions.code;
    expect(await codeOf(reply.id)).toBe('NOTHING_TO_RESUME');
    expect(await codeOf(message.id)).toBe('NOTHING_TO_RESUME');
    expect(await codeOf('nonsense')).toBe('NOT_FOUND');
  });
});

describe('an answer that a client stored', () => {
  /** A conversation whose answer was begun by somebody else's model: it has no reply of ours. */
  async function stored(status: string, content: string) {
    const engine = createScriptedEngine({ script: () => answer });
    const portal = await startPortal({ engine });
    const db = await openTestDatabase(portal.databaseUrl);
    const sessionId = await createSession(portal.url);
    const { userId } = await db.session.findUniqueOrThrow({ where: { id: sessionId } });
    const of = { sessionId, userId };
    const question = { id: uuid(), depth: 0, role: 'user', status: 'complete', content: 'Hello', ...of };
    const id = uuid();
    await db.message.create({ data: question });
    await db.message.create({
      data: { id, parentId: question.id, depth: 1, role: 'assistant', status, content, ...of },
    });
    return { ...portal, engine, db, sessionId, id };
  }
  const begun = answer.slice(0, 20);

  it.each(['pending', 'in_progress', 'failed', 'stopped'])(
    'and that is %s is left alone until it is taken over: then it goes on from its text, once',
    async (status) => {
      const { url, engine, db, id } = await stored(status, begun);
      engine.hold();
      const asked = await Promise.all([1, 2, 3].map(() => askFor<{ resumeReply: MessageView }>(url, resume, { id })));
      for (const { resumeReply } of asked)
        expect(resumeReply).toMatchObject({ id, content: begun, errorMessage: null });
      const reading = readToEnd(followBySse(url, id));
      engine.release();
      const { text, message } = await reading;
      expect(message).toMatchObject({ status: 'COMPLETE', content: answer, receipt: { finishReason: 'STOP' } });
      expect(text).toBe(answer);
      expect(engine.requests).toHaveLength(1);
      const { ids: given } = await engine.tokenize({ name: 'test-model', path: '' }, begun);
      expect(engine.requests[0]?.continueFrom).toEqual(given);
      const { completionTokens } = await db.reply.findUniqueOrThrow({ where: { messageId: id } });
      expect(completionTokens).toBe(
        (await engine.tokenize({ name: 'test-model', path: '' }, answer)).count - given.length,
      );
    },
  );

  it('has as many tokens left as any other answer, whatever it holds already', async () => {
    const { url, engine, id, sessionId } = await stored('failed', begun);
    const limit = 'mutation ($id: ID!) { updateSession(id: $id, input: { generation: { maxTokens: 3 } }) { id } }';
    await askFor(url, limit, { id: sessionId });
    await askFor(url, resume, { id });
    const { message } = await readToEnd(followBySse(url, id));
    expect(message).toMatchObject({ status: 'COMPLETE', receipt: { finishReason: 'LENGTH', completionTokens: 3 } });
    expect(engine.requests[0]).toMatchObject({ maxTokens: 3 });
    expect(message.content.length).toBeGreaterThan(begun.length);
  });

  it('is followed like any other while a client writes it, and can be stopped', async () => {
    const { url, db, id } = await stored('in_progress', 'One');
    let held = '';
    const seen: string[] = [];
    for await (const event of followBySse(url, id)) {
      held = fold(held, event);
      if (event.__typename === 'ReplyFinished')
        expect(event.message).toMatchObject({ status: 'STOPPED', content: held });
      else if (held !== seen.at(-1)) seen.push(held);
      if (seen.length === 1) await db.message.update({ where: { id }, data: { content: 'One, two' } });
      if (held === 'One, two') await askFor(url, stop, { id });
    }
    expect(seen).toEqual(['One', 'One, two']);
  });

  it('goes on from what it says now where a client rewrote what we had begun', async () => {
    const { url, databaseUrl, engine } = await startPortal({ engine: createScriptedEngine({ script: () => answer }) });
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Hello');
    engine.release(9);
    await expect.poll(() => lengthOf(url, reply.id)).toBeGreaterThan(0);
    await askFor(url, stop, { id: reply.id });
    const db = await openTestDatabase(databaseUrl);
    await db.message.update({ where: { id: reply.id }, data: { content: 'Rewritten' } });
    await askFor(url, resume, { id: reply.id });
    engine.release();
    const { text, message } = await readToEnd(followBySse(url, reply.id));
    expect(text).toBe(message.content);
    expect(text.startsWith('Rewritten')).toBe(true);
  });

  it('is NOTHING_TO_RESUME where it answers no message', async () => {
    const { url, db, id } = await stored('failed', begun);
    await db.message.updateMany({ where: { parent: null }, data: { role: 'assistant' } });
    expect((await ask(url, resume, { id })).errors?.[0]?.extensions.code).toBe('NOTHING_TO_RESUME');
  });
});

async function lengthOf(url: string, id: string): Promise<number> {
  const { message } = await askFor<{ message: { content: string } }>(
    url,
    'query ($id: ID!) { message(id: $id) { content } }',
    { id },
  );
  return message.content.length;
}
