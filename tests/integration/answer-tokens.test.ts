import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../../server/inference/engine.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

const answer = 'Déjà vu — 你好 — 🙂 and no more.';
const script = () => answer;

async function ended(url: string, { reply }: { reply: { id: string } }): Promise<string> {
  await readToEnd(followBySse(url, reply.id));
  return reply.id;
}

/** What the model got of each past answer. */
const answersIn = (request: GenerateRequest | undefined) =>
  request?.messages.filter(({ role }) => role === 'assistant').map(({ content, tokenIds }) => ({ content, tokenIds }));

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('the tokens of an answer', () => {
  it('reach the model again with every later message, whatever end the answer had', async () => {
    const { url, engine } = await startPortal({ engine: createScriptedEngine({ script }) });
    const sessionId = await createSession(url);
    await ended(url, await send(url, sessionId, 'one'));
    await ended(url, await send(url, sessionId, 'two', { generation: { maxTokens: 3 } }));
    engine.hold();
    const stopped = await send(url, sessionId, 'three');
    engine.release(5);
    await expect.poll(async () => (await readMessage(url, stopped.reply.id))?.content.length).toBeGreaterThan(8);
    await askFor(url, 'mutation ($id: ID!) { stopReply(id: $id) { id } }', { id: stopped.reply.id });
    engine.release();
    await ended(url, await send(url, sessionId, 'four'));
    const all = (await engine.tokenize({ name: '', path: '' }, answer)).count;
    const [one, two, three] = answersIn(engine.requests.at(-1)) ?? [];
    expect(one).toEqual({ content: answer, tokenIds: upTo(all) });
    expect(two?.tokenIds).toEqual(upTo(3));
    expect(three?.tokenIds).toEqual(upTo(5));
  });

  it('never reach another model, not even one of the same name', async () => {
    const { url, engine, config, databaseUrl } = await startPortal({ engine: createScriptedEngine({ script }) });
    const other = { width: 64, vocabulary: 1024, seed: 7 };
    await writeNoiseModel(path.join(config.models.dir, 'other.gguf'), other);
    const sessionId = await createSession(url, { model: 'test-model' });
    const choose = 'mutation ($id: ID!, $model: String) { updateSession(id: $id, input: { model: $model }) { id } }';
    const first = await ended(url, await send(url, sessionId, 'one'));
    await askFor(url, choose, { id: sessionId, model: 'other' });
    await ended(url, await send(url, sessionId, 'two'));
    expect(answersIn(engine.requests.at(-1))).toEqual([{ content: answer, tokenIds: undefined }]);

    await askFor(url, choose, { id: sessionId, model: 'test-model' });
    await ended(url, await send(url, sessionId, 'three'));
    expect(answersIn(engine.requests.at(-1))?.map(({ tokenIds }) => tokenIds !== undefined)).toEqual([true, false]);
    await writeNoiseModel(path.join(config.models.dir, 'test-model.gguf'), other);
    await ended(url, await send(url, sessionId, 'four'));
    expect(answersIn(engine.requests.at(-1))?.every(({ tokenIds }) => tokenIds === undefined)).toBe(true);

    const db = await openTestDatabase(databaseUrl);
    await db.message.update({ where: { id: first }, data: { status: 'failed' } });
    await askFor(url, 'mutation ($id: ID!) { resumeReply(id: $id) { id } }', { id: first });
    await ended(url, { reply: { id: first } });
    const { ids: retokenised } = await engine.tokenize({ name: '', path: '' }, answer);
    expect(engine.requests.at(-1)?.continueFrom).toEqual(retokenised);
    expect((await db.reply.findUniqueOrThrow({ where: { messageId: first } })).completionTokens).toBe(0);
  });

  it('stand for their own text only: an answer that was rewritten is read as text', async () => {
    const { url, engine, databaseUrl } = await startPortal({ engine: createScriptedEngine({ script }) });
    const db = await openTestDatabase(databaseUrl);
    const sessionId = await createSession(url);
    const first = await ended(url, await send(url, sessionId, 'one'));
    await db.message.update({ where: { id: first }, data: { content: 'Something else.' } });
    await ended(url, await send(url, sessionId, 'two'));
    expect(answersIn(engine.requests.at(-1))).toEqual([{ content: 'Something else.', tokenIds: undefined }]);
  });

  it('are kept once, and no draft stays behind', async () => {
    const { url, databaseUrl } = await startPortal({ engine: createScriptedEngine({ script }) });
    const db = await openTestDatabase(databaseUrl);
    const sessionId = await createSession(url);
    const first = await ended(url, await send(url, sessionId, 'one'));
    expect(await db.replyDraft.count()).toBe(0);
    expect(await db.replyTokens.findMany({ select: { messageId: true } })).toEqual([{ messageId: first }]);
    await askFor(url, 'mutation ($id: ID!) { deleteSession(id: $id) }', { id: sessionId });
    expect(await db.replyTokens.count()).toBe(0);
  });
});
