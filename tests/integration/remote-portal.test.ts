import { describe, expect, it } from 'vitest';
import type { ServerKind } from '../../server/config-servers.ts';
import { createSession, followBySse, readMessage, readToEnd, type SentView, send } from '../testkit/chat.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { answerTo, type InferenceServer, startInferenceServer, tokensOf } from '../testkit/inference-server.ts';
import { collectLog } from '../testkit/log.ts';
import { startPortal, type TestPortal } from '../testkit/portal.ts';
import { startRedis } from '../testkit/redis.ts';
import { rest } from '../testkit/rest.ts';

const resume = 'mutation ($id: ID!) { resumeReply(id: $id) { id status } }';
const stop = 'mutation ($id: ID!) { stopReply(id: $id) { id status } }';
const question = 'Why is the sky blue?';
const answer = answerTo(question);
const begin = (count: number) => tokensOf(answer).slice(0, count).join('');

interface Started {
  server: InferenceServer;
  portal: TestPortal;
  url: string;
}

/** A portal without a model of its own, and the server whose model answers. */
async function start(
  kind: ServerKind,
  env: Record<string, string> = {},
  more: Parameters<typeof startPortal>[0] = {},
): Promise<Started> {
  const server = await startInferenceServer({ kind });
  const portal = await startPortal({ withModel: false, env: { OPENAI_BASE_URL: server.url, ...env }, ...more });
  return { server, portal, url: portal.url };
}

async function askPortal(url: string, content = question): Promise<SentView['reply'] & { sessionId: string }> {
  const sessionId = await createSession(url);
  return { ...(await send(url, sessionId, content)).reply, sessionId };
}

const ended = async (url: string, id: string) => (await readToEnd(followBySse(url, id))).message;

describe('a reply of a model behind a server', () => {
  it('streams, with a receipt and usage as the server counted', async () => {
    const { url } = await start('vllm');
    const reply = await askPortal(url);
    const { text, message } = await readToEnd(followBySse(url, reply.id));
    expect(text).toBe(answer);
    expect(message).toMatchObject({ status: 'COMPLETE', content: answer });
    const { message: told } = await askFor<{ message: { receipt: object } }>(
      url,
      `query ($id: ID!) { message(id: $id) {
        receipt { modelName promptTokens reusedTokens completionTokens finishReason } } }`,
      { id: reply.id },
    );
    const counted = { promptTokens: expect.any(Number), completionTokens: tokensOf(answer).length };
    expect(told).toMatchObject({
      receipt: { modelName: 'openai/small', reusedTokens: 2, finishReason: 'STOP', ...counted },
    });
    const { body } = await rest<object[]>(url, 'GET', '/usage');
    expect(body).toMatchObject([
      { model_name: 'openai/small', answers: 1, completion_tokens: tokensOf(answer).length },
    ]);
  });

  it.each<ServerKind>(['vllm', 'llama-server'])(
    'by %s is stopped, resumed, loses its server in the middle, and is whole in the end',
    async (kind) => {
      const { server, url } = await start(kind);
      server.hold();
      const reply = await askPortal(url);
      server.release(5);
      await expect.poll(async () => (await readMessage(url, reply.id))?.content).toBe(begin(5));
      await askFor(url, stop, { id: reply.id });
      expect(await ended(url, reply.id)).toMatchObject({ status: 'STOPPED', content: begin(5) });
      await expect.poll(() => server.writing).toBe(0);

      server.release();
      server.plan({ kind: 'dies', after: 6 });
      await askFor(url, resume, { id: reply.id });
      expect(await ended(url, reply.id)).toMatchObject({
        status: 'FAILED',
        content: begin(11),
        errorMessage: 'The server openai broke off in the middle of the answer.',
      });
      await askFor(url, resume, { id: reply.id });
      const { text, message } = await readToEnd(followBySse(url, reply.id));
      expect(message).toMatchObject({ status: 'COMPLETE', content: answer, errorMessage: null });
      expect(text).toBe(answer);
      expect(message.receipt?.completionTokens).toBe(tokensOf(answer).length);
      expect(server.completions.map(({ max_tokens }) => max_tokens)).toEqual([1024, 1019, 1013]);
    },
  );

  it.each<ServerKind>(['ollama', 'openai'])(
    'by %s that broke off is FAILED with its text, and stays so: nothing is doubled',
    async (kind) => {
      const { server, url } = await start(kind);
      server.plan({ kind: 'dies', after: 6 });
      const reply = await askPortal(url);
      expect(await ended(url, reply.id)).toMatchObject({ status: 'FAILED', content: begin(6) });
      const asked = server.completions.length;
      await askFor(url, resume, { id: reply.id });
      const message = await ended(url, reply.id);
      expect(message).toMatchObject({ status: 'FAILED', content: begin(6) });
      expect(message.errorMessage).toContain('The server openai cannot go on with an answer that was begun');
      expect(server.completions).toHaveLength(asked);
    },
  );

  it('goes on by itself after a restart of the portal', async () => {
    const { server, portal, url } = await start('vllm');
    server.hold();
    const reply = await askPortal(url);
    server.release(8);
    await expect.poll(async () => (await readMessage(url, reply.id))?.content).toBe(begin(8));
    await portal.app.stop();
    expect(server.writing).toBe(0);
    server.release();
    const env = { OPENAI_BASE_URL: server.url };
    const next = await startPortal({ withModel: false, env, databaseUrl: portal.databaseUrl });
    const { text, message } = await readToEnd(followBySse(next.url, reply.id));
    expect(message).toMatchObject({ status: 'COMPLETE', content: answer });
    expect(text).toBe(answer);
  });

  it('fails with a code of the list where its server is gone, and what is sent then is refused before it is stored', async () => {
    const { server, url } = await start('openai');
    const sessionId = await createSession(url);
    await server.kill();
    const { reply } = await send(url, sessionId, question);
    expect(await ended(url, reply.id)).toMatchObject({
      status: 'FAILED',
      content: '',
      errorMessage: 'The server openai cannot be reached (ECONNREFUSED).',
    });
    const other = await createSession(url);
    const sendMessage = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }';
    const { errors } = await ask(url, sendMessage, { input: { sessionId: other, content: question } });
    expect(errors?.[0]?.extensions.code).toBe('MODEL_UNAVAILABLE');
    expect(errors?.[0]?.message).toContain('cannot be reached');
    expect((await rest<unknown[]>(url, 'GET', `/sessions/${other}/messages`)).body).toEqual([]);

    const health = await fetch(`${url}/health/deps`);
    expect(health.status).toBe(503);
    const { dependencies } = (await health.json()) as { dependencies: { model: { status: string; message: string } } };
    expect(dependencies.model).toMatchObject({ status: 'down', message: expect.stringContaining('cannot be reached') });
    const { body } = await rest<{ problem: string }[]>(url, 'GET', '/models');
    expect(body[0]?.problem).toContain('cannot be reached');

    await server.revive();
    await expect.poll(async () => (await fetch(`${url}/health/deps`)).status).toBe(200);
    const again = await send(url, other, question);
    expect(await ended(url, again.reply.id)).toMatchObject({ status: 'COMPLETE', content: answer });
  });

  it('stands beside those of our own models: each session has its model, and both write at once', async () => {
    const { server, portal, url } = await start('openai', {}, { withModel: true });
    server.hold();
    portal.engine.hold();
    const modelNames = ['openai/small', 'test-model'];
    const sent = await Promise.all(
      modelNames.map(
        async (modelName) => (await send(url, await createSession(url, { model: modelName }), question)).reply.id,
      ),
    );
    await expect.poll(() => [server.writing, portal.engine.running]).toEqual([1, 1]);
    portal.engine.release();
    server.release();
    const [remote, local] = await Promise.all(sent.map((id) => ended(url, id)));
    expect(remote?.content).toBe(answer);
    expect(local?.content).toMatch(/^You said: Why is the sky blue\?/);
    const { body } = await rest<{ name: string; provider: string; loaded: boolean; is_default: boolean }[]>(
      url,
      'GET',
      '/models',
    );
    expect(body.map(({ name, provider, is_default }) => [name, provider, is_default])).toEqual([
      ['test-model', 'llama.cpp', true],
      ['openai/small', 'openai', false],
    ]);
    const unload = 'mutation { unloadModel(name: "openai/small") { loaded } }';
    await askFor(url, unload);
    expect(portal.engine.status().loaded?.name).toBe('test-model');
    const named = await fetch(`${url}/api/v1/models/${encodeURIComponent('openai/small')}`);
    expect(await named.json()).toMatchObject({
      name: 'openai/small',
      size_bytes: null,
      modified_at: null,
      header: null,
    });
  });

  it('leaves no word of the conversation, and no key, in the log', async () => {
    const log = collectLog();
    const server = await startInferenceServer({ key: 'sk-very-secret' });
    const env = { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'sk-very-secret' };
    const { url } = await startPortal({ withModel: false, env, overrides: { logger: log.logger } });
    for (const kind of ['tells an error', 'sends garbage'] as const) {
      server.plan({ kind, after: 4 });
      await ended(url, (await askPortal(url, 'Xylophones are confidential')).id);
    }
    await ended(url, (await askPortal(url, 'Xylophones are confidential')).id);
    const quoting = { error: { message: 'I do not like "Xylophones are confidential" with sk-very-secret' } };
    server.plan({ kind: 'answers', status: 400, body: quoting });
    expect((await ended(url, (await askPortal(url, 'Xylophones are confidential')).id)).status).toBe('FAILED');
    expect(log.lines('reply ended')).toHaveLength(4);
    expect(log.text()).not.toMatch(/xylophone|very-secret/i);
  });
});

describe('a process that holds no models', () => {
  it('has those of the servers through its workers, and their troubles', async () => {
    const redis = await startRedis();
    const server = await startInferenceServer();
    const env = { REDIS_URL: redis.url, OPENAI_BASE_URL: server.url };
    const worker = await startPortal({ withModel: false, env: { ...env, ROLE: 'worker' } });
    const { databaseUrl } = worker;
    const { url } = await startPortal({ withModel: false, env: { REDIS_URL: redis.url, ROLE: 'api' }, databaseUrl });
    const health = async () => (await fetch(`${url}/health/deps`)).status;
    await expect.poll(health).toBe(200);
    expect((await rest<object[]>(url, 'GET', '/models')).body).toMatchObject([
      { name: 'openai/small', provider: 'openai', problem: null, is_default: true },
    ]);
    const reply = await askPortal(url);
    expect(await ended(url, reply.id)).toMatchObject({ status: 'COMPLETE', content: answer });
    await server.kill();
    expect(await ended(url, (await askPortal(url, 'Are you there?')).id)).toMatchObject({ status: 'FAILED' });
    await expect.poll(health).toBe(503);
    expect((await rest<{ problem: string }[]>(url, 'GET', '/models')).body[0]?.problem).toContain('cannot be reached');
  });
});

describe('clients of /v1', () => {
  it('are answered by the model of a server, and told its errors', async () => {
    const { server, url } = await start('openai', { EMBEDDING_MODEL: 'small', MODEL: 'small' });
    const complete = (body: object) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content: question }], ...body }),
      });
    expect(await (await complete({ model: 'small', max_tokens: 4 })).json()).toMatchObject({
      model: 'openai/small',
      choices: [{ message: { content: begin(4) }, finish_reason: 'length' }],
      usage: { completion_tokens: 4, prompt_tokens_details: { cached_tokens: 2 } },
    });
    server.plan({ kind: 'answers', status: 401 });
    const refused = await complete({ stream: true });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { message: 'The server openai refuses our key (401).' } });
    const embedded = await fetch(`${url}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: ['one', 'two and'], model: 'small' }),
    });
    const { data, usage } = (await embedded.json()) as {
      data: { embedding: number[] }[];
      usage: { prompt_tokens: number };
    };
    expect(data.map(({ embedding }) => Math.hypot(...embedding))).toEqual([expect.closeTo(1), expect.closeTo(1)]);
    expect(usage.prompt_tokens).toBe(3);
  });
});

describe('a portal as the server of another', () => {
  it('answers for it, is left when a reply is stopped, and its death is told', async () => {
    const back = await startPortal();
    const front = await startPortal({ withModel: false, env: { OPENAI_BASE_URL: `${back.url}/v1` } });
    const reply = await askPortal(front.url);
    const { text, message } = await readToEnd(followBySse(front.url, reply.id));
    expect(text).toMatch(/^You said: Why is the sky blue\?/);
    expect(message).toMatchObject({ status: 'COMPLETE', content: text });
    expect(message.receipt?.completionTokens).toBeGreaterThan(50);

    back.engine.hold();
    const stopped = await askPortal(front.url, 'Stop.');
    await expect.poll(() => back.engine.running).toBe(1);
    back.engine.release(20);
    await expect.poll(async () => (await readMessage(front.url, stopped.id))?.content).toMatch(/^You said/);
    await askFor(front.url, stop, { id: stopped.id });
    await expect.poll(() => back.engine.running).toBe(0);
    expect((await ended(front.url, stopped.id)).status).toBe('STOPPED');

    const cut = await askPortal(front.url, 'Die.');
    await expect.poll(() => back.engine.running).toBe(1);
    back.engine.release(20);
    await expect.poll(async () => (await readMessage(front.url, cut.id))?.content).toMatch(/^You said/);
    await back.app.stop();
    const failed = await ended(front.url, cut.id);
    expect(failed.status).toBe('FAILED');
    expect(failed.content).toMatch(/^You said/);
    expect(failed.errorMessage).toMatch(/^The server openai (broke off|failed) in the middle of the answer\.$/);
  });
});
