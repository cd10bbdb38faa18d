import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../server/inference/engine.ts';
import { createSession, followBySse, followByWebSocket, readToEnd, send } from '../testkit/chat.ts';
import { ask, connect } from '../testkit/graph.ts';
import { collectLog, type LogLine } from '../testkit/log.ts';
import { startPortal } from '../testkit/portal.ts';
import { spawnPortal } from '../testkit/portal-process.ts';
import { createTestDatabase } from '../testkit/postgres.ts';
import { rest, stream } from '../testkit/rest.ts';

const defaultUser = '00000000-0000-0000-0000-000000000001';
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The line of a request that has ended: every field, and nothing more. */
function lineOf(fields: Partial<LogLine>): LogLine {
  return {
    level: 30,
    timestamp: expect.stringMatching(moment),
    pid: expect.any(Number),
    hostname: expect.any(String),
    request_id: expect.any(String),
    user_id: defaultUser,
    session_id: null,
    operation: null,
    endpoint: '',
    latency_ms: expect.any(Number),
    cache_hit: null,
    model_id: null,
    tokens: null,
    status: 200,
    code: null,
    msg: 'request',
    ...fields,
  };
}

async function startLogged(env: Record<string, string> = {}) {
  const log = collectLog();
  const portal = await startPortal({ env, overrides: { logger: log.logger } });
  /** The lines of what a client has asked for, once there are as many as `count`. */
  async function requests(matching: Partial<LogLine>, count = 1): Promise<LogLine[]> {
    const chosen = () =>
      log.lines('request').filter((line) => Object.entries(matching).every(([name, value]) => line[name] === value));
    await expect.poll(chosen).toHaveLength(count);
    return chosen();
  }
  return { ...portal, log, requests };
}

describe('the line of a request', () => {
  it('says of an operation by HTTP what it was, whose, in which session, by which model, and how it ended', async () => {
    const { url, requests } = await startLogged();
    const sessionId = await createSession(url);
    await send(url, sessionId, 'Why is the sky blue?');
    const [line] = await requests({ operation: 'mutation sendMessage' });
    expect(line).toEqual(
      lineOf({
        endpoint: 'POST /graphql',
        operation: 'mutation sendMessage',
        session_id: sessionId,
        cache_hit: false,
        model_id: 'test-model',
      }),
    );
    expect(line?.latency_ms).toBeGreaterThan(0);
  });

  it('says the same of an operation over a socket, once it has ended', async () => {
    const { url, engine, requests } = await startLogged();
    const sessionId = await createSession(url);
    engine.hold();
    const { reply } = await send(url, sessionId, 'Why is the sky blue?');
    const events = followByWebSocket(connect(url), reply.id);
    await events.next();
    await expect(requests({ operation: 'subscription replyEvents' }, 0)).resolves.toEqual([]);
    engine.release();
    await readToEnd(events);
    const [line] = await requests({ operation: 'subscription replyEvents' });
    expect(line).toEqual(
      lineOf({ endpoint: 'WS /graphql', operation: 'subscription replyEvents', session_id: sessionId }),
    );
  });

  it('bears the id that the client gave, or was told', async () => {
    const { url, requests } = await startLogged();
    const answer = await rest(url, 'GET', '/sessions', undefined, { 'x-request-id': 'asked-by-a-test' });
    expect(answer.headers.get('x-request-id')).toBe('asked-by-a-test');
    const [line] = await requests({ endpoint: 'GET /api/v1/sessions' });
    expect(line).toEqual(lineOf({ endpoint: 'GET /api/v1/sessions', request_id: 'asked-by-a-test' }));
  });

  it('names a route by its pattern, an error by its code, and an operation’s error by the status of its code', async () => {
    const { url, requests } = await startLogged();
    const unknown = crypto.randomUUID();
    await rest(url, 'GET', `/sessions/${unknown}`);
    const [byRest] = await requests({ endpoint: 'GET /api/v1/sessions/:id' });
    expect(byRest).toEqual(lineOf({ endpoint: 'GET /api/v1/sessions/:id', status: 404, code: 'not_found' }));

    await ask(url, 'mutation ($id: ID!) { deleteSession(id: $id) }', { id: unknown });
    const [byGraph] = await requests({ operation: 'mutation deleteSession' });
    expect(byGraph).toMatchObject({ endpoint: 'POST /graphql', status: 404, code: 'not_found' });

    await ask(url, '{ nothing }');
    await requests({ endpoint: 'POST /graphql', operation: null, code: 'invalid_input' });
    const socket = connect(url).iterate({ query: '{ nothing }' });
    await expect(socket.next()).rejects.toBeDefined();
    const [bySocket] = await requests({ endpoint: 'WS /graphql' });
    expect(bySocket).toEqual(lineOf({ endpoint: 'WS /graphql', status: 400, code: 'invalid_input' }));
  });

  it('comes for a stream that its client left, and for a client that did not wait for its answer', async () => {
    const { url, engine, requests } = await startLogged();
    const sessionId = await createSession(url);
    engine.hold();
    const leaving = new AbortController();
    const events = stream(url, '/chat/stream', {
      body: { message: 'Why is the sky blue?', session_id: sessionId },
      signal: leaving.signal,
    });
    await events.next();
    leaving.abort();
    const [streamed] = await requests({ endpoint: 'POST /api/v1/chat/stream' });
    expect(streamed).toMatchObject({ session_id: sessionId, status: 200, cache_hit: false });

    const impatient = new AbortController();
    const waiting = fetch(`${url}/api/v1/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ session_id: await createSession(url), prompt: 'And the sea?' }),
      signal: impatient.signal,
    });
    await expect.poll(() => engine.requests.length).toBe(2);
    impatient.abort();
    await expect(waiting).rejects.toThrow();
    await requests({ endpoint: 'POST /api/v1/chat', status: 499 });
  });

  it('says of what was waited for how many tokens it took, and of a hit that the cache answered', async () => {
    const { url, requests } = await startLogged();
    const sessionId = await createSession(url);
    const body = { session_id: sessionId, prompt: 'Why is the sky blue?' };
    const { body: answer } = await rest<{ receipt: { completion_tokens: number } }>(url, 'POST', '/chat', body);
    await rest(url, 'POST', '/chat', body);
    const lines = await requests({ endpoint: 'POST /api/v1/chat' }, 2);
    const line = lineOf({ endpoint: 'POST /api/v1/chat', session_id: sessionId, model_id: 'test-model' });
    expect(lines[0]).toEqual({ ...line, cache_hit: false, tokens: answer.receipt.completion_tokens });
    expect(lines[1]).toEqual({ ...line, cache_hit: true, tokens: 0 });

    await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'test-model', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 3 }),
    });
    const [completion] = await requests({ endpoint: 'POST /v1/chat/completions' });
    expect(completion).toEqual(lineOf({ endpoint: 'POST /v1/chat/completions', model_id: 'test-model', tokens: 3 }));
  });
});

describe('the line of a reply’s end', () => {
  it('says model and tokens, under the id of the request that asked for it, whichever process wrote it', async () => {
    const { url, log, requests } = await startLogged();
    const sessionId = await createSession(url);
    const { reply } = await send(url, sessionId, 'Why is the sky blue?');
    const { message } = await readToEnd(followBySse(url, reply.id));
    const [asked] = await requests({ operation: 'mutation sendMessage' });
    await expect
      .poll(() => log.lines('reply ended'))
      .toEqual([
        {
          level: 30,
          timestamp: expect.stringMatching(moment),
          pid: expect.any(Number),
          hostname: expect.any(String),
          request_id: asked?.request_id,
          message_id: reply.id,
          user_id: defaultUser,
          session_id: sessionId,
          attempt: 1,
          operation: 'reply',
          latency_ms: expect.any(Number),
          cache_hit: false,
          model_id: 'test-model',
          tokens: message.receipt?.completionTokens,
          outcome: 'complete',
          finish: 'stop',
          code: null,
          msg: 'reply ended',
        },
      ]);
  });

  it('comes for one that was stopped before anybody took it, too', async () => {
    const { url, engine, log } = await startLogged({ MODEL_SEQUENCES: '1' });
    engine.hold();
    await send(url, await createSession(url), 'This one takes the only place.');
    await expect.poll(() => engine.running).toBe(1);
    const session_id = await createSession(url);
    const body = { session_id, prompt: 'Why is the sky blue?' };
    const asked = rest(url, 'POST', '/chat', body, { 'x-request-id': 'asked-by-a-test' });
    const messages = async () =>
      (await rest<{ message_id: string }[]>(url, 'GET', `/sessions/${session_id}/messages`)).body;
    await expect.poll(messages).toHaveLength(2);
    await rest(url, 'POST', `/messages/${(await messages())[1]?.message_id}/stop`);
    await asked;
    const [line] = log.lines('reply ended');
    expect(line).toMatchObject({ request_id: 'asked-by-a-test', session_id, outcome: 'stopped', tokens: 0 });
  });

  it('is under the id of the request that resumed it', async () => {
    const { url, engine, log } = await startLogged();
    const sessionId = await createSession(url);
    engine.failNext(new EngineError('cannot_load', 'no memory'), 3);
    const { reply } = await send(url, sessionId, 'Why is the sky blue?');
    await readToEnd(followBySse(url, reply.id));
    await rest(url, 'POST', `/sessions/${sessionId}/resume`, undefined, { 'x-request-id': 'resumed-by-a-test' });
    await expect.poll(() => log.lines('reply ended')).toHaveLength(2);
    expect(log.lines('reply ended')[1]).toMatchObject({ request_id: 'resumed-by-a-test', outcome: 'complete' });
  });
});

describe('the log', () => {
  it('never holds what was said: not the question, nor the answer, nor what either was given with, nor in an error', async () => {
    const database = await createTestDatabase();
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    try {
      const log = collectLog();
      const { url, engine } = await startPortal({ databaseUrl: database.url, overrides: { logger: log.logger } });
      const secret = 'Xylophonist';
      const sessionId = await createSession(url, { title: secret, systemPrompt: `You are a ${secret}` });
      const { reply } = await send(url, sessionId, `Who is the ${secret}?`, { context: { about: secret } });
      const { text } = await readToEnd(followBySse(url, reply.id));
      expect(text).toContain(secret);
      await send(url, sessionId, `Who is the ${secret}?`);
      await readToEnd(followByWebSocket(connect(url), reply.id));
      engine.failNext(new EngineError('cannot_load', 'no memory'), 2);
      await rest(url, 'POST', '/chat', { session_id: sessionId, prompt: `And another ${secret}?` });
      await rest(url, 'GET', `/search?q=${secret}`);
      await ask(url, `query ${secret} { search(query: "${secret}", first: 0) { totalCount } }`);
      await ask(url, `{ ${secret} }`);
      await fetch(`${url}/${secret}?q=${secret}`);
      await fetch(`${url}/api/v1/chat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{ "prompt": "${secret}`,
      });
      // The database refuses the row, and says which.
      await admin.query(`alter table messages add constraint refused check (content not like '%refused%')`);
      const refused = await ask(
        url,
        'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }',
        { input: { sessionId, content: `This ${secret} is refused` } },
      );
      expect(refused.errors?.[0]?.extensions.code).toBe('INTERNAL');
      await expect.poll(() => log.lines('unexpected error in an operation')).toHaveLength(1);
      await expect.poll(() => log.lines('request').length).toBeGreaterThan(10);
      expect(log.text()).not.toMatch(new RegExp(secret, 'i'));
    } finally {
      await admin.end();
      await database.drop();
    }
  });

  it('is one JSON object a line in production', async () => {
    const database = await createTestDatabase();
    const portal = await spawnPortal({ PORT: '0', DATABASE_URL: database.url, APP_ENV: 'production' });
    try {
      const [, url = ''] = await portal.waitFor(/PocketLLM Portal is at (http:\/\/[\w.:]+)/);
      await portal.waitFor(/"ready"/);
      await fetch(`${url.replace('localhost', '127.0.0.1')}/api/v1/sessions`);
      await portal.waitFor(/"msg":"request"/);
      const lines = portal.output().trim().split('\n');
      const request = lines.map((line) => JSON.parse(line) as LogLine).find(({ msg }) => msg === 'request');
      expect(request).toEqual(lineOf({ endpoint: 'GET /api/v1/sessions' }));
    } finally {
      portal.kill('SIGKILL');
      await portal.exited;
      await database.drop();
    }
  });
});
