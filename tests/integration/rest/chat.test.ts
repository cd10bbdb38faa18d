import { EventSource } from 'eventsource';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../server/inference/engine.ts';
import { createScriptedEngine } from '../../../server/inference/scripted-engine.ts';
import { createSession, readMessage, send } from '../../testkit/chat.ts';
import { startPortal } from '../../testkit/portal.ts';
import { append, type Problem, rest, type StreamedEvent, stream } from '../../testkit/rest.ts';
import { patient } from '../../testkit/rounds.ts';

interface Chatted {
  message_id: string;
  content: string;
  cached: boolean;
  status: string;
  receipt: { completion_tokens: number; finish_reason: string } | null;
}

/** All of them; `all` fills while they come. */
async function collect(
  events: AsyncIterable<StreamedEvent>,
  all: StreamedEvent[] = [],
): Promise<{ text: string; events: StreamedEvent[] }> {
  let text = '';
  for await (const event of events) {
    all.push(event);
    text = append(text, event);
  }
  return { text, events: all };
}

const held = () => createScriptedEngine({ tokenDelayMs: 1, script: () => 'word '.repeat(200) });

describe('POST /chat', () => {
  it('answers once the reply has ended, with what was stored', async () => {
    const { url } = await startPortal();
    const session_id = await createSession(url);
    const { status, body } = await rest<Chatted>(url, 'POST', '/chat', { session_id, prompt: 'Why?' });
    expect(status).toBe(200);
    const stored = await readMessage(url, body.message_id);
    expect(body).toMatchObject({ content: stored?.content, cached: false, status: 'complete' });
    expect(body.receipt).toMatchObject({ finish_reason: 'stop' });
  });

  it('a reply that fails has the status of its code, and the message that keeps its text', async () => {
    const { url, engine } = await startPortal();
    const session_id = await createSession(url);
    engine.failNext(new EngineError('prompt_too_long', 'Too long.'), 0);
    const failed = await rest<Problem & { message_id: string }>(url, 'POST', '/chat', { session_id, prompt: 'Why?' });
    expect([failed.status, failed.body.code, failed.body.detail]).toEqual([422, 'invalid_input', 'Too long.']);
    expect((await readMessage(url, failed.body.message_id))?.status).toBe('FAILED');
  });

  it('a reply that takes too long is 504', async () => {
    const { url, engine } = await startPortal({ env: { REPLY_TIMEOUT: '1' } });
    const session_id = await createSession(url);
    engine.hold();
    const late = await rest(url, 'POST', '/chat', { session_id, prompt: 'Why?' });
    expect([late.status, late.body.code]).toEqual([504, 'timeout']);
  });

  it('a client that goes away stops nothing', async () => {
    const { url, engine } = await startPortal({ engine: held() });
    const sessionId = await createSession(url);
    const leaving = new AbortController();
    const asked = fetch(`${url}/api/v1/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ session_id: sessionId, prompt: 'Why?' }),
      signal: leaving.signal,
    }).catch((error: Error) => error.name);
    await expect.poll(() => engine.running).toBe(1);
    leaving.abort();
    expect(await asked).toBe('AbortError');
    const statuses = async () =>
      (await rest<{ status: string }[]>(url, 'GET', `/sessions/${sessionId}/messages`)).body.map(
        ({ status }) => status,
      );
    await expect.poll(statuses, { timeout: 10_000 }).toEqual(['complete', 'complete']);
  });

  it('one key is one message, in the body and in the header', async () => {
    const { url } = await startPortal();
    const session_id = await createSession(url);
    const body = { session_id, prompt: 'Why?' };
    const first = await rest<Chatted>(url, 'POST', '/chat', body, { 'idempotency-key': 'a key' });
    const again = await rest<Chatted>(url, 'POST', '/chat', { ...body, idempotency_key: 'a key' });
    expect(again.body).toEqual(first.body);
    const other = await rest(url, 'POST', '/chat', { session_id, prompt: 'Else?' }, { 'idempotency-key': 'a key' });
    expect([other.status, other.body.code]).toEqual([409, 'conflict']);
    const two = await rest(url, 'POST', '/chat', { ...body, idempotency_key: 'b' }, { 'idempotency-key': 'a key' });
    expect([two.status, two.body.errors?.[0]?.path]).toEqual([422, 'idempotency_key']);
  });

  it('one key with anything else than before is a conflict: another session, context, cache policy, model or sampling', async () => {
    const { url } = await startPortal();
    const session_id = await createSession(url);
    const context = { sources: [{ name: 'a', score: 0.5 }, 'ü'] };
    const body = { session_id, message: 'Why?', context, temperature: 0.5, idempotency_key: 'k' };
    const first = await collect(stream(url, '/chat/stream', { body }));
    const same = { ...body, context: { sources: [{ score: 0.5, name: 'a' }, 'ü'] } };
    const again = await collect(stream(url, '/chat/stream', { body: same }));
    expect([again.text, again.events.at(-1)]).toEqual([first.text, first.events.at(-1)]);
    const others = [
      { session_id: await createSession(url) },
      { context: { sources: [] } },
      { context: undefined },
      { temperature: 0.6 },
      { temperature: undefined },
      { cache: 'bypass' },
      { model_name: 'test-model' },
      { message: 'Why not?' },
    ];
    for (const other of others) {
      const answer = await rest(url, 'POST', '/chat/stream', { ...body, ...other });
      expect([other, answer.status, answer.body.code]).toEqual([other, 409, 'conflict']);
    }
    const sessions = await rest<{ message_count: number }[]>(url, 'GET', '/sessions');
    expect(sessions.body.map(({ message_count }) => message_count).sort()).toEqual([0, 2]);
  });

  it('a context may be nested 64 levels deep, empty ones counted', async () => {
    const { url } = await startPortal();
    const session_id = await createSession(url);
    const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    expect((await rest<Chatted>(url, 'POST', '/chat', { session_id, prompt: 'A?', context: nested(64) })).status).toBe(
      200,
    );
    const refused = await rest(url, 'POST', '/chat', { session_id, prompt: 'B?', context: nested(65) });
    expect([refused.status, refused.body.errors?.[0]?.path]).toEqual([422, 'context']);
  });

  it('bad fields are named as they were sent, an unknown session among them', async () => {
    const { url } = await startPortal();
    const session_id = await createSession(url);
    const paths = async (body: unknown) => {
      const refused = await rest(url, 'POST', '/chat', body);
      return [refused.status, refused.body.code, ...(refused.body.errors ?? []).map((error) => error.path)];
    };
    expect(await paths({ session_id: crypto.randomUUID(), prompt: 'x' })).toEqual([422, 'invalid_input', 'session_id']);
    expect(await paths({ session_id: 'x', prompt: 'x' })).toEqual([422, 'invalid_input', 'session_id']);
    expect(await paths({ session_id, prompt: ' ' })).toEqual([422, 'invalid_input', 'prompt']);
    expect(await paths({})).toEqual([422, 'invalid_input', 'session_id', 'prompt']);
    expect(await paths({ session_id, prompt: 'x'.repeat(32_001), cache: 'never' })).toEqual([
      422,
      'invalid_input',
      'prompt',
      'cache',
    ]);
    expect(await paths({ session_id, prompt: 'x', context: 'x'.repeat(256 * 1024) })).toEqual([
      422,
      'invalid_input',
      'context',
    ]);
  });

  it('without a usable model it says so before anything is stored', async () => {
    const { url } = await startPortal({ withModel: false, env: { MODEL: 'absent' } });
    const session_id = await createSession(url);
    const refused = await rest(url, 'POST', '/chat', { session_id, prompt: 'Why?' });
    expect([refused.status, refused.body.code]).toEqual([503, 'model_unavailable']);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    const streamed = await rest(url, 'POST', '/chat/stream', { message: 'Why?' });
    expect([streamed.status, streamed.body.code]).toEqual([503, 'model_unavailable']);
    expect((await rest<unknown[]>(url, 'GET', '/sessions')).body).toHaveLength(1);
  });
});

describe('POST /chat/stream', () => {
  it('begins a session, tells of its messages, then streams the reply to its end', async () => {
    const { url } = await startPortal();
    const body = { message: 'Why?', system_prompt: 'Be brief.' };
    const { text, events } = await collect(stream(url, '/chat/stream', { body }));
    expect(events.slice(0, 3).map(({ id, event }) => [id, event])).toEqual([
      ['0', 'conversation_created'],
      ['0', 'message_created'],
      ['0', 'message_created'],
    ]);
    const [created, question, answer] = events;
    expect([question?.data.role, answer?.data.role]).toEqual(['user', 'assistant']);
    for (const { id, data } of events.slice(3, -1)) expect(id).toBe(`${data.seq}`);
    const stored = await readMessage(url, `${answer?.data.message_id}`);
    expect(text).toBe(stored?.content);
    expect(events.at(-1)).toMatchObject({
      event: 'done',
      data: {
        message_id: stored?.id,
        status: 'complete',
        cached: false,
        token_count: stored?.receipt?.completionTokens,
      },
    });
    const session = await rest<{ system_prompt: string; title: string; message_count: number }>(
      url,
      'GET',
      `/sessions/${created?.data.session_id}`,
    );
    expect(session.body).toMatchObject({ system_prompt: 'Be brief.', title: 'Why?', message_count: 2 });
  });

  it('is not held back by anything on the way', async () => {
    const { url } = await startPortal();
    const response = await fetch(`${url}/api/v1/chat/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip, br' },
      body: JSON.stringify({ message: 'Why?' }),
    });
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers['x-request-id']).toBeDefined();
    await response.text();
  });

  it('model and temperature hold for this reply alone', async () => {
    const { url, engine } = await startPortal();
    const sessionId = await createSession(url);
    const ask = (body: Record<string, unknown>) =>
      collect(stream(url, '/chat/stream', { body: { session_id: sessionId, ...body } }));
    await ask({ message: 'One?', temperature: 0.1, model_name: 'test-model' });
    await ask({ message: 'Two?' });
    expect(engine.requests.map(({ sampling }) => sampling.temperature)).toEqual([0.1, 0.7]);
    const missing = await rest(url, 'POST', '/chat/stream', {
      message: 'x',
      session_id: sessionId,
      model_name: 'gone',
    });
    expect([missing.status, missing.body.code]).toEqual([503, 'model_unavailable']);
    const session = await rest<{ model_name: string | null }>(url, 'GET', `/sessions/${sessionId}`);
    expect(session.body.model_name).toBeNull();
  });

  it('one key begins one session', async () => {
    const { url } = await startPortal();
    const body = { message: 'Why?', idempotency_key: 'once' };
    const all = await Promise.all(Array.from({ length: 5 }, () => collect(stream(url, '/chat/stream', { body }))));
    const sessions = new Set(all.map(({ events }) => events[0]?.data.session_id));
    expect(sessions.size).toBe(1);
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect((await rest<unknown[]>(url, 'GET', '/sessions')).body).toHaveLength(1);
  });

  it('a failure is the last event', async () => {
    const { url, engine } = await startPortal();
    engine.failNext(new EngineError('cannot_load', 'gone'), 3);
    const { events } = await collect(stream(url, '/chat/stream', { body: { message: 'Why?' } }));
    const last = events.at(-1);
    expect(last).toMatchObject({
      event: 'error',
      data: { code: 'model_unavailable', message_id: events[2]?.data.message_id },
    });
    expect(last?.id).toBeDefined();
  });
});

describe('GET /messages/{id}/stream', () => {
  it('goes on after the last event seen, by header and by query, and says 204 at the end', async () => {
    const { url } = await startPortal();
    const { reply } = await send(url, await createSession(url), 'Why?');
    const whole = await collect(stream(url, `/messages/${reply.id}/stream`));
    const tokens = whole.events.filter(({ event }) => event === 'token');
    const seen = tokens[Math.floor(tokens.length / 2)];
    const { content } = (await readMessage(url, reply.id)) ?? {};
    expect(whole.text).toBe(content);
    const before = content?.slice(0, (seen?.data.offset ?? 0) + (seen?.data.text?.length ?? 0)) ?? '';
    for (const [address, headers] of [
      [`?after=${seen?.id}`, {}],
      ['', { 'last-event-id': `${seen?.id}` }],
      ['?after=0', { 'last-event-id': `${seen?.id}` }],
    ] as const) {
      let text: string = before;
      for await (const event of stream(url, `/messages/${reply.id}/stream${address}`, { headers })) {
        text = append(text, event);
      }
      expect(text).toBe(content);
    }
    const end = whole.events.at(-1)?.id;
    const after = await rest(url, 'GET', `/messages/${reply.id}/stream?after=${end}`);
    expect([after.status, after.body]).toEqual([204, null]);
  });

  it('whoever saw a reply fail here is told the text that a client completed it with, and its end', async () => {
    const { url, engine } = await startPortal();
    engine.failNext(new EngineError('cannot_load', 'gone'), 3);
    const { reply } = await send(url, await createSession(url), 'Why?');
    const seen = (await collect(stream(url, `/messages/${reply.id}/stream`))).events.at(-1)?.id;
    const address = `/messages/${reply.id}/stream`;
    const headers = { 'last-event-id': `${seen}` };
    expect((await rest(url, 'GET', address, undefined, headers)).status).toBe(204);
    await rest(url, 'PATCH', `/messages/${reply.id}`, { status: 'in_progress' });
    const following = collect(stream(url, address, { headers }));
    await rest(url, 'PATCH', `/messages/${reply.id}`, { status: 'complete', content: 'Because.' });
    for (const told of [await following, await collect(stream(url, address, { headers }))]) {
      expect(told.events.map(({ event }) => event)).toEqual(['token', 'done']);
      expect(told.text).toBe('Because.');
    }
    const end = (await collect(stream(url, address))).events.at(-1)?.id;
    expect((await rest(url, 'GET', address, undefined, { 'last-event-id': `${end}` })).status).toBe(204);
  });

  it('a browser comes back by itself and misses nothing', async () => {
    const { url, engine } = await startPortal({ engine: held() });
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Why?');
    const connections: string[] = [];
    let text = '';
    const source = new EventSource(`${url}/api/v1/messages/${reply.id}/stream`, {
      // The connection is cut after each tenth piece.
      fetch: async (address, init) => {
        connections.push(`${(init.headers as Record<string, string>)['Last-Event-ID'] ?? ''}`);
        const cut = new AbortController();
        const response = await fetch(address, {
          ...init,
          signal: AbortSignal.any([init.signal as AbortSignal, cut.signal]),
        });
        let pieces = 0;
        const counted = response.body?.pipeThrough(
          new TransformStream({
            transform(chunk, controller) {
              controller.enqueue(chunk);
              pieces += 1;
              if (pieces === 10 && connections.length < 4) controller.terminate();
            },
          }),
        );
        return new Response(counted ?? null, { status: response.status, headers: response.headers });
      },
    });
    source.addEventListener('token', ({ data }) => {
      text = append(text, { id: undefined, event: 'token', data: JSON.parse(data) });
      engine.release(10);
    });
    engine.release(10);
    await new Promise<void>((resolve) => source.addEventListener('done', () => resolve()));
    source.close();
    expect(connections.length).toBeGreaterThanOrEqual(3);
    expect(text).toBe((await readMessage(url, reply.id))?.content);
  });

  it('what cannot be is refused before the stream begins', async () => {
    const { url } = await startPortal();
    const { reply } = await send(url, await createSession(url), 'Why?');
    const status = async (address: string, headers = {}) =>
      (await rest(url, 'GET', address, undefined, headers)).status;
    expect(await status(`/messages/${crypto.randomUUID()}/stream`)).toBe(404);
    expect(await status('/messages/x/stream')).toBe(404);
    expect(await status(`/messages/${reply.id}/stream?after=-1`)).toBe(422);
    expect(await status(`/messages/${reply.id}/stream`, { 'last-event-id': 'x' })).toBe(422);
  });

  it('a session that is deleted ends it with an error', async () => {
    const { url, engine } = await startPortal();
    engine.hold();
    const sessionId = await createSession(url);
    const { reply } = await send(url, sessionId, 'Why?');
    engine.release(20);
    const arrived: StreamedEvent[] = [];
    const reading = collect(stream(url, `/messages/${reply.id}/stream`), arrived);
    await expect.poll(() => arrived).not.toEqual([]);
    await rest(url, 'DELETE', `/sessions/${sessionId}`);
    expect((await reading).events.at(-1)).toMatchObject({ event: 'error', data: { code: 'not_found' } });
  });

  it('streams are counted together with those of the graph, and given back', async () => {
    const { url, engine } = await startPortal({
      env: { MAX_SOCKETS_PER_USER: '1', MAX_SUBSCRIPTIONS_PER_SOCKET: '1' },
    });
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Why?');
    const leaving = new AbortController();
    const address = `${url}/api/v1/messages/${reply.id}/stream`;
    expect((await fetch(address, { signal: leaving.signal })).status).toBe(200);
    const refused = await fetch(address);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-limit')).toBe('1');
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    expect(refused.headers.get('ratelimit-reset')).toBe(refused.headers.get('retry-after'));
    leaving.abort();
    await expect
      .poll(async () => {
        const again = await fetch(address);
        await again.body?.cancel();
        return again.status;
      })
      .toBe(200);
  });

  it('the portal ends within 20 s while 100 clients read and one waits, and tells them to come back', async () => {
    const { url, app, engine } = await startPortal();
    engine.hold();
    engine.release(20);
    const sessionId = await createSession(url);
    const { reply } = await send(url, sessionId, 'Why?');
    const arrived = Array.from({ length: 100 }, (): StreamedEvent[] => []);
    const reading = Promise.all(arrived.map((events) => collect(stream(url, `/messages/${reply.id}/stream`), events)));
    await expect.poll(() => arrived.filter((events) => events.length === 0)).toEqual([]);
    const waiting = rest(url, 'POST', '/chat', { session_id: await createSession(url), prompt: 'Why?' });
    await expect.poll(() => engine.running).toBe(2);
    const startedAt = performance.now();
    await app.stop();
    expect(performance.now() - startedAt).toBeLessThan(patient(20_000));
    for (const { events } of await reading) expect(events.some(({ event }) => event === 'done')).toBe(false);
    const told = await waiting;
    expect([told.status, told.body.code]).toEqual([503, 'dependency_unavailable']);
  });
});

describe('stopping and going on', () => {
  it('a reply is stopped with its text so far, and resumed to its end', async () => {
    const { url, engine } = await startPortal({ engine: held() });
    engine.hold();
    engine.release(20);
    const sessionId = await createSession(url);
    const { reply } = await send(url, sessionId, 'Why?');
    await expect.poll(async () => (await readMessage(url, reply.id))?.content).not.toBe('');
    const running = await rest<Record<string, unknown>>(url, 'GET', `/messages/${reply.id}`);
    expect(running.body).toMatchObject({ status: 'in_progress', partial_content: running.body.content });
    const stopped = await rest<{ status: string; content: string }>(url, 'POST', `/messages/${reply.id}/stop`);
    expect([stopped.status, stopped.body.status]).toEqual([200, 'stopped']);
    const twice = await rest<{ status: string; content: string }>(url, 'POST', `/messages/${reply.id}/stop`);
    expect(twice.body).toEqual(stopped.body);
    engine.release();
    const resumed = await rest<{ message_id: string }>(url, 'POST', `/sessions/${sessionId}/resume`);
    expect([resumed.status, resumed.body.message_id]).toEqual([200, reply.id]);
    await expect.poll(async () => (await readMessage(url, reply.id))?.status, { timeout: 10_000 }).toBe('COMPLETE');
    const whole = await rest<Record<string, string | null>>(url, 'GET', `/messages/${reply.id}`);
    expect(whole.body.content?.startsWith(stopped.body.content)).toBe(true);
    expect(whole.body.partial_content).toBeNull();
    const done = await rest(url, 'POST', `/sessions/${sessionId}/resume`);
    expect([done.status, done.body.code]).toEqual([409, 'nothing_to_resume']);
  });

  it('an empty session has nothing to resume, an unknown one is 404', async () => {
    const { url } = await startPortal();
    const empty = await rest(url, 'POST', `/sessions/${await createSession(url)}/resume`);
    expect([empty.status, empty.body.code]).toEqual([409, 'nothing_to_resume']);
    for (const id of [crypto.randomUUID(), 'x']) {
      expect((await rest(url, 'POST', `/sessions/${id}/resume`)).status).toBe(404);
      expect((await rest(url, 'POST', `/messages/${id}/stop`)).status).toBe(404);
    }
  });
});
