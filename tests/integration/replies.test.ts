import { describe, expect, it } from 'vitest';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import {
  createSession,
  followBySse,
  followByWebSocket,
  type ReplyEvent,
  readMessage,
  readToEnd,
  send,
} from '../testkit/chat.ts';
import { ask, askFor, connect } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';
import { connectTestRedis } from '../testkit/redis.ts';
import { patient } from '../testkit/rounds.ts';

const stop = 'mutation ($id: ID!) { stopReply(id: $id) { id status content receipt { finishReason } } }';

describe('a reply', () => {
  it('arrives piece by piece over WebSocket and SSE alike, and is what is stored', async () => {
    const { url } = await startPortal();
    const { reply } = await send(url, await createSession(url), 'Hello 你好');
    const [socket, sse] = await Promise.all([
      readToEnd(followByWebSocket(connect(url), reply.id)),
      readToEnd(followBySse(url, reply.id)),
    ]);
    expect(socket.text).toMatch(/^You said: Hello 你好\n/);
    expect(sse.text).toBe(socket.text);
    expect(socket.message).toMatchObject({ status: 'COMPLETE', content: socket.text, errorMessage: null });
    expect(socket.message.receipt).toMatchObject({ finishReason: 'STOP' });
    expect(await readMessage(url, reply.id)).toEqual(socket.message);
  });

  it('whose log lost its end while Redis was away is told whole', async () => {
    const { connection, redis } = await connectTestRedis();
    const { url } = await startPortal({ env: { REDIS_URL: redis.url } });
    const { reply } = await send(url, await createSession(url), 'Hello 你好');
    const { text } = await readToEnd(followBySse(url, reply.id));
    const key = `reply:${reply.id}:texts`;
    const pieces = await connection.commands.xrange(key, '-', '+');
    expect(pieces.length).toBeGreaterThan(2);
    await connection.commands.xdel(key, ...pieces.slice(-2).map(([id]) => id));
    expect((await readToEnd(followBySse(url, reply.id))).text).toBe(text);
    const [cut] = pieces.at(-4)?.[0].split('-') ?? [];
    const rest = [];
    for await (const event of followBySse(url, reply.id, Number(cut))) rest.push(event);
    expect(rest).toMatchObject([{ __typename: 'ReplyText', offset: 0, text }, { __typename: 'ReplyFinished' }]);
  });

  it('is stored as pending before it runs, and shows its text so far while it does', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Hello');
    expect(reply.status).toBe('PENDING');
    engine.release(4);
    await expect
      .poll(() => readMessage(url, reply.id))
      .toMatchObject({ status: 'IN_PROGRESS', content: 'You said: ', receipt: { finishReason: null } });
    engine.release();
    await expect.poll(() => readMessage(url, reply.id)).toMatchObject({ status: 'COMPLETE' });
  });

  it('goes on when its reader leaves, and is replayed from any cursor', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Hello');
    engine.release(5);
    const leaving = new AbortController();
    for await (const event of followBySse(url, reply.id, 0, leaving.signal))
      if (event.__typename === 'ReplyText') break;
    leaving.abort();
    engine.release();
    const { text } = await readToEnd(followBySse(url, reply.id));
    const seen: ReplyEvent[] = [];
    for await (const event of followBySse(url, reply.id)) seen.push(event);
    const end = seen.at(-1);
    expect(end?.__typename).toBe('ReplyFinished');
    expect(seen.map((event) => event.seq)).toEqual([...seen.map((event) => event.seq)].sort((a, b) => a - b));
    for (const event of seen) {
      const after: ReplyEvent[] = [];
      for await (const later of followBySse(url, reply.id, event.seq)) after.push(later);
      if (event === end) expect(after).toEqual([]);
      else expect(after.at(-1)?.__typename).toBe('ReplyFinished');
    }
    expect((await readMessage(url, reply.id))?.content).toBe(text);
  });

  it('is stopped from anywhere: the model is free at its next token, the text so far stays', async () => {
    const { url, engine } = await startPortal({ engine: createScriptedEngine({ tokenDelayMs: 20 }) });
    const { reply } = await send(url, await createSession(url), 'Hello');
    for await (const event of followBySse(url, reply.id)) if (event.__typename === 'ReplyText') break;
    const askedAt = performance.now();
    const { stopReply } = await askFor<{
      stopReply: { status: string; content: string; receipt: { finishReason: string } };
    }>(url, stop, { id: reply.id });
    expect(stopReply).toMatchObject({ status: 'STOPPED', receipt: { finishReason: 'CANCELLED' } });
    expect(stopReply.content).not.toBe('');
    expect((engine.cancelled[0]?.at ?? Number.POSITIVE_INFINITY) - askedAt).toBeLessThan(patient(2_000));
    expect(await askFor(url, stop, { id: reply.id })).toEqual({
      stopReply: expect.objectContaining({ status: 'STOPPED' }),
    });
    const { text, message } = await readToEnd(followBySse(url, reply.id));
    expect(text).toBe(message.content);
  });

  it('that waits is stopped too, and never runs', async () => {
    const { url, engine } = await startPortal({
      env: { MODEL_SEQUENCES: '1' },
      engine: createScriptedEngine({ sequences: 1 }),
    });
    engine.hold();
    await send(url, await createSession(url), 'first');
    const { reply } = await send(url, await createSession(url), 'second');
    for await (const event of followBySse(url, reply.id)) {
      expect(event).toMatchObject({ __typename: 'ReplyQueued', position: 1 });
      break;
    }
    expect(await askFor(url, stop, { id: reply.id })).toMatchObject({ stopReply: { status: 'STOPPED', content: '' } });
    engine.release();
    expect(await readToEnd(followBySse(url, reply.id))).toMatchObject({ text: '', message: { status: 'STOPPED' } });
    expect(engine.requests.map((request) => request.messages.at(-1)?.content)).toEqual(['first']);
  });

  it('fails when it takes longer than REPLY_TIMEOUT', async () => {
    const { url, engine } = await startPortal({ env: { REPLY_TIMEOUT: '1' } });
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Hello');
    engine.release(3);
    const { message } = await readToEnd(followBySse(url, reply.id));
    expect(message).toMatchObject({ status: 'FAILED', content: 'You said' });
    expect(message.errorMessage).toContain('1 seconds');
  });

  it('is cut by maxTokens', async () => {
    const { url } = await startPortal();
    const { reply } = await send(url, await createSession(url), 'Hello', { generation: { maxTokens: 3 } });
    const { message } = await readToEnd(followBySse(url, reply.id));
    expect(message).toMatchObject({ status: 'COMPLETE', receipt: { finishReason: 'LENGTH', completionTokens: 3 } });
  });

  it('ends with NOT_FOUND for its readers when its session is deleted, and frees the model', async () => {
    const { url, engine } = await startPortal({ engine: createScriptedEngine({ tokenDelayMs: 10 }) });
    const sessionId = await createSession(url);
    const { reply } = await send(url, sessionId, 'Hello');
    const following = readToEnd(followBySse(url, reply.id));
    const onSocket = readToEnd(followByWebSocket(connect(url), reply.id));
    const outcomes = Promise.allSettled([following, onSocket]);
    await expect.poll(() => engine.running).toBe(1);
    await askFor(url, 'mutation ($id: ID!) { deleteSession(id: $id) }', { id: sessionId });
    expect(
      JSON.stringify(
        await outcomes.then((all) => all.map((one) => one.status === 'rejected' && describeError(one.reason))),
      ),
    ).toBe(JSON.stringify(['NOT_FOUND', 'NOT_FOUND']));
    await expect.poll(() => engine.running).toBe(0);
    expect(await readMessage(url, reply.id)).toBeNull();
  });

  it('of an unknown, malformed or absent id is NOT_FOUND; a negative cursor INVALID_INPUT', async () => {
    const { url } = await startPortal();
    for (const id of ['nonsense', '00000000-0000-7000-8000-000000000000']) {
      await expect(readToEnd(followBySse(url, id))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    const { reply } = await send(url, await createSession(url), 'Hello');
    await expect(readToEnd(followBySse(url, reply.id, -1))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('runs beside seven others', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    const sent = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => send(url, await createSession(url), `question ${index}`)),
    );
    await expect.poll(() => engine.running).toBe(8);
    engine.release();
    const ends = await Promise.all(sent.map(({ reply }) => readToEnd(followBySse(url, reply.id))));
    expect(
      ends.every(({ text, message }, index) => text === message.content && text.includes(`question ${index}`)),
    ).toBe(true);
  });
});

describe('sending', () => {
  const sendError = async (url: string, input: Record<string, unknown>) => {
    const { errors } = await ask(
      url,
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }',
      { input },
    );
    return errors?.[0]?.extensions;
  };

  it('refuses what is blank, too long or out of range, names each field, and stores nothing', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    expect(await sendError(url, { sessionId, content: ' \n' })).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ path: 'input.content' }],
    });
    expect(await sendError(url, { sessionId, content: 'x'.repeat(32_001) })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await sendError(url, { sessionId, content: 'x', context: { text: 'y'.repeat(256 * 1024) } })).toMatchObject({
      errors: [{ path: 'input.context' }],
    });
    expect(await sendError(url, { sessionId, content: '', generation: { temperature: 3, topK: -1 } })).toMatchObject({
      errors: [{ path: 'input.content' }, { path: 'input.generation.temperature' }, { path: 'input.generation.topK' }],
    });
    expect(await sendError(url, { sessionId: 'nonsense', content: 'x' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await sendError(url, { sessionId, content: 'x', parentId: sessionId })).toMatchObject({ code: 'NOT_FOUND' });
    const { session } = await askFor<{ session: { messageCount: number } }>(
      url,
      'query ($id: ID!) { session(id: $id) { messageCount } }',
      { id: sessionId },
    );
    expect(session.messageCount).toBe(0);
  });

  it('accepts 32,000 characters, and what Postgres cannot store becomes a replacement character', async () => {
    const { url } = await startPortal({ engine: createScriptedEngine({ contextLength: 16_384 }) });
    const sessionId = await createSession(url);
    const { message } = await send(url, sessionId, 'a\u0000b\ud800c', { context: { note: 'x\u0000y' } });
    expect(await readMessage(url, message.id)).toMatchObject({ content: 'a\ufffdb\ufffdc' });
    await send(url, await createSession(url), 'x'.repeat(32_000));
  });

  it('refuses context that is nested without end', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    expect(await sendError(url, { sessionId, content: 'x', context: nested(1000) })).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ path: 'input.context' }],
    });
    await send(url, sessionId, 'x', { context: nested(50) });
  });

  it('lets no more than QUEUE_MAX wait, also of many at once', async () => {
    const engine = createScriptedEngine({ sequences: 2 });
    const { url } = await startPortal({ engine, env: { MODEL_SEQUENCES: '2', QUEUE_MAX: '3' } });
    engine.hold();
    const sessions = await Promise.all(Array.from({ length: 12 }, () => createSession(url)));
    const codes = await Promise.all(
      sessions.map(async (sessionId) => (await sendError(url, { sessionId, content: 'x' }))?.code ?? 'stored'),
    );
    expect(codes.filter((code) => code === 'stored')).toHaveLength(5);
    expect(codes.filter((code) => code === 'OVERLOADED')).toHaveLength(7);
    engine.release();
  });

  it('is MODEL_UNAVAILABLE before anything is stored when no model can answer; the rest works', async () => {
    const { url } = await startPortal({ env: { MODEL: 'missing' } });
    const sessionId = await createSession(url);
    expect(await sendError(url, { sessionId, content: 'Hello' })).toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    const data = await askFor(url, 'query ($id: ID!) { session(id: $id) { messageCount model { name } } }', {
      id: sessionId,
    });
    expect(data).toEqual({ session: { messageCount: 0, model: null } });
  });

  it('is CONFLICT while a reply to the same parent runs', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    const sessionId = await createSession(url);
    const first = await send(url, sessionId, 'one');
    expect(await sendError(url, { sessionId, content: 'two' })).toMatchObject({ code: 'CONFLICT' });
    engine.release();
    await readToEnd(followBySse(url, first.reply.id));
    engine.hold();
    const second = await send(url, sessionId, 'two', { parentId: first.reply.id });
    expect(await sendError(url, { sessionId, content: 'three', parentId: first.reply.id })).toMatchObject({
      code: 'CONFLICT',
    });
    engine.release();
    await readToEnd(followBySse(url, second.reply.id));
  });

  it('from a stale tab makes a branch that both see, never an overwrite', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    const root = await send(url, sessionId, 'root');
    await readToEnd(followBySse(url, root.reply.id));
    for (const content of ['left', 'right']) {
      const sent = await send(url, sessionId, content, { parentId: root.reply.id });
      await readToEnd(followBySse(url, sent.reply.id));
    }
    const { session } = await askFor<{
      session: { messageCount: number; messages: { edges: { node: { content: string } }[]; totalCount: number } };
    }>(
      url,
      'query ($id: ID!) { session(id: $id) { messageCount messages { totalCount edges { node { content } } } } }',
      { id: sessionId },
    );
    expect(session.messageCount).toBe(6);
    expect(session.messages.totalCount).toBe(4);
    expect(session.messages.edges.map(({ node }) => node.content).filter((_, index) => index % 2 === 0)).toEqual([
      'root',
      'right',
    ]);
  });

  it('a hundred times with one key is one message; the key with other content is CONFLICT', async () => {
    const { url } = await startPortal();
    const sessionId = await createSession(url);
    const all = await Promise.all(
      Array.from({ length: 100 }, () => send(url, sessionId, 'once', { idempotencyKey: 'k' })),
    );
    expect(new Set(all.map(({ message, reply }) => `${message.id} ${reply.id}`)).size).toBe(1);
    expect(await sendError(url, { sessionId, content: 'twice', idempotencyKey: 'k' })).toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('gives the model the system prompt, the branch and the context, newest last', async () => {
    const { url, engine } = await startPortal();
    const sessionId = await createSession(url, { systemPrompt: 'Be kind.' });
    const first = await send(url, sessionId, 'one', { generation: { maxTokens: 2 } });
    await readToEnd(followBySse(url, first.reply.id));
    const second = await send(url, sessionId, 'two', { context: { source: 'a.md' } });
    await readToEnd(followBySse(url, second.reply.id));
    expect(engine.requests[1]?.messages).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'You ', tokenIds: [0, 1] },
      { role: 'user', content: 'Context:\n{"source":"a.md"}\n\ntwo' },
    ]);
  });

  it('drops the oldest whole turns that do not fit, and the receipt says so', async () => {
    const engine = createScriptedEngine({ contextLength: 256, script: () => 'ok' });
    const { url } = await startPortal({ engine, env: { SYSTEM_PROMPT: 'Short.' } });
    const sessionId = await createSession(url);
    for (let turn = 0; turn < 6; turn++) {
      const { reply } = await send(url, sessionId, `turn ${turn} ${'x'.repeat(200)}`);
      await readToEnd(followBySse(url, reply.id));
    }
    const { session } = await askFor<{
      session: { messages: { edges: { node: { id: string; receipt: Record<string, unknown> | null } }[] } };
    }>(
      url,
      'query ($id: ID!) { session(id: $id) { messages(last: 12) { edges { node { id receipt { firstIncludedMessageId includedCount droppedCount promptTokens } } } } } }',
      { id: sessionId },
    );
    const nodes = session.messages.edges.map(({ node }) => node);
    const receipt = nodes.at(-1)?.receipt;
    expect(receipt).toMatchObject({ includedCount: 5, droppedCount: 6, firstIncludedMessageId: nodes[6]?.id });
    expect(Number(receipt?.promptTokens)).toBeLessThanOrEqual(192);
    expect(engine.requests.at(-1)?.messages[0]).toEqual({ role: 'system', content: 'Short.' });
  });
});

function describeError(reason: unknown): unknown {
  if (Array.isArray(reason)) return reason[0]?.extensions?.code;
  return reason instanceof Error && 'code' in reason ? reason.code : String(reason);
}
