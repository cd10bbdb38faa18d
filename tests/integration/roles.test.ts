import OpenAI, { APIError } from 'openai';
import { describe, expect, it } from 'vitest';
import { createScriptedEngine, type ScriptedEngineOptions } from '../../server/inference/scripted-engine.ts';
import { createSession, followBySse, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { startPortal, type TestPortal } from '../testkit/portal.ts';
import { startRedis, type TestRedis } from '../testkit/redis.ts';
import { rest } from '../testkit/rest.ts';

interface Fleet {
  apis: [TestPortal, TestPortal];
  workers: TestPortal[];
  redis: TestRedis;
}

/** Two processes' worth of API and some of worker, around one Postgres and one Redis. */
async function startFleet(
  workers = 2,
  engine: ScriptedEngineOptions = {},
  env: Record<string, string> = {},
): Promise<Fleet> {
  const redis = await startRedis();
  const shared = { REDIS_URL: redis.url, ...env };
  const first = await startPortal({ env: { ...shared, ROLE: 'worker' }, engine: createScriptedEngine(engine) });
  const { databaseUrl } = first;
  const start = (role: string) =>
    startPortal({
      env: { ...shared, ROLE: role },
      databaseUrl,
      engine: createScriptedEngine(engine),
      withModel: role !== 'api',
    });
  const others: TestPortal[] = [];
  for (let index = 1; index < workers; index++) others.push(await start('worker'));
  const apis: [TestPortal, TestPortal] = [await start('api'), await start('api')];
  await expect.poll(async () => (await modelOf(apis[1].url)).status).toBe('ok');
  return { apis, workers: [first, ...others], redis };
}

async function modelOf(url: string): Promise<{ status: string; message?: string }> {
  const { dependencies } = (await (await fetch(`${url}/health/deps`)).json()) as {
    dependencies: Record<string, { status: string; message?: string }>;
  };
  return dependencies.model ?? { status: 'missing' };
}

const clientOf = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
const question = { model: 'test-model', messages: [{ role: 'user' as const, content: 'Why?' }] };
const sum = (workers: readonly TestPortal[], of: (portal: TestPortal) => number) =>
  workers.reduce((total, worker) => total + of(worker), 0);

describe('ROLE=api', () => {
  it('starts no engine, and shows on each process what a worker writes', async () => {
    const { apis, workers } = await startFleet();
    const { reply } = await send(apis[0].url, await createSession(apis[0].url), 'Tell me of rivers');
    const ends = await Promise.all(apis.map(({ url }) => readToEnd(followBySse(url, reply.id))));
    for (const { text, message } of ends) {
      expect(message).toMatchObject({ status: 'COMPLETE', content: text });
      expect(text).toContain('Tell me of rivers');
    }
    expect(sum(workers, ({ engine }) => engine.requests.length)).toBe(1);
    for (const { engine } of apis) expect(engine.status().state).toBe('stopped');
  });

  it('lists the models of the workers, loads and lets go there', async () => {
    const { apis, workers } = await startFleet();
    const [{ url }] = apis;
    const models = '{ models { name isDefault loaded problem } }';
    expect((await askFor<{ models: unknown[] }>(url, models)).models).toMatchObject([
      { name: 'test-model', isDefault: true, problem: null },
    ]);
    await askFor(url, 'mutation { unloadModel(name: "test-model") { name } }');
    for (const { engine } of workers) expect(engine.status().loaded).toBeNull();
    expect((await askFor<{ models: unknown[] }>(url, models)).models).toMatchObject([{ loaded: false }]);
    expect(await askFor(url, 'mutation { loadModel(name: "test-model") { loaded } }')).toEqual({
      loadModel: { loaded: true },
    });
    for (const { engine } of workers) expect(engine.status().loaded?.name).toBe('test-model');
    const unknown = await ask(url, 'mutation { loadModel(name: "nothing") { name } }');
    expect(unknown.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(await rest(url, 'GET', '/models/downloads')).toMatchObject({ status: 200, body: [] });
  });

  it('refuses a message that cannot fit at the door, with the numbers of the worker that counts', async () => {
    const { apis } = await startFleet(1, { contextLength: 1024, script: () => 'ok' }, { SYSTEM_PROMPT: 'Be brief.' });
    const [{ url }] = apis;
    const sessionId = await createSession(url);
    const sending = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }';
    const { errors } = await ask(url, sending, { input: { sessionId, content: 'x'.repeat(758 * 4) } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', errors: [{ path: 'input.content' }] });
    expect(errors?.[0]?.message).toMatch(/769 tokens.*1024.*256/);
  });

  it('answers the clients of OpenAI by a worker, piece by piece, and stops it when they go away', async () => {
    const { apis, workers } = await startFleet();
    const client = clientOf(apis[0].url);
    const whole = (await client.chat.completions.create(question)).choices[0]?.message.content;
    expect(whole).toContain('You said: Why?');
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(whole);
    // What went before is in the memory of one of them, so the other was not asked.
    expect(workers.map(({ engine }) => engine.requests.length).sort()).toEqual([0, 2]);

    for (const { engine } of workers) engine.hold();
    const leaving = new AbortController();
    const left = client.chat.completions.create(question, { signal: leaving.signal }).catch(() => 'left');
    await expect.poll(() => sum(workers, ({ engine }) => engine.running)).toBe(1);
    leaving.abort();
    expect(await left).toBe('left');
    await expect.poll(() => sum(workers, ({ engine }) => engine.running)).toBe(0);
  });

  it('goes elsewhere with a conversation whose worker is busy, and says with the code why one cannot be answered', async () => {
    const { apis, workers } = await startFleet(2, {}, { MODEL_SEQUENCES: '2' });
    const client = clientOf(apis[1].url);
    for (const { engine } of workers) engine.hold();
    const asked = [client.chat.completions.create(question), client.chat.completions.create(question)];
    await expect.poll(() => workers.map(({ engine }) => engine.running)).toEqual([1, 1]);
    for (const { engine } of workers) engine.release();
    const [first, second] = await Promise.all(asked);
    expect(first?.choices[0]?.message.content).toBe(second?.choices[0]?.message.content);

    const refused = await client.chat.completions
      .create({ ...question, messages: [{ role: 'user', content: 'x'.repeat(30_000) }] })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(APIError);
    expect(refused).toMatchObject({ status: 400, message: expect.stringContaining('tokens') });
  });

  it('embeds by a worker', async () => {
    const { apis } = await startFleet(1, {}, { EMBEDDING_MODEL: 'test-model' });
    const answer = await clientOf(apis[0].url).embeddings.create({ model: 'test-model', input: ['one', 'two'] });
    expect(answer.data).toHaveLength(2);
    expect(Math.hypot(...(answer.data[1]?.embedding ?? []))).toBeCloseTo(1);
  });

  it('without Redis answers messages all the same, by way of the database, and refuses what nobody can be asked for', async () => {
    const worker = await startPortal({ env: { ROLE: 'worker' } });
    const api = await startPortal({ env: { ROLE: 'api' }, databaseUrl: worker.databaseUrl, withModel: false });
    await expect.poll(async () => (await modelOf(api.url)).status).toBe('ok');
    const { reply } = await send(api.url, await createSession(api.url), 'Tell me of clouds');
    const { text, message } = await readToEnd(followBySse(api.url, reply.id));
    expect(message).toMatchObject({ status: 'COMPLETE', content: text });
    const refused = await clientOf(api.url)
      .chat.completions.create(question)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 503 });
  });

  it('takes messages while every worker is being restarted, and none before one was ever there', async () => {
    const redis = await startRedis();
    const env = { REDIS_URL: redis.url };
    const api = await startPortal({ env: { ...env, ROLE: 'api' }, withModel: false });
    const { databaseUrl, url } = api;
    expect(await modelOf(url)).toMatchObject({ status: 'down' });
    const sending = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }';
    const sessionId = await createSession(url);
    const input = { sessionId, content: 'Tell me of stars' };
    expect((await ask(url, sending, { input })).errors?.[0]?.extensions.code).toBe('MODEL_UNAVAILABLE');

    const before = await startPortal({ env: { ...env, ROLE: 'worker' }, databaseUrl });
    await expect.poll(async () => (await modelOf(url)).status).toBe('ok');
    await before.app.stop();
    await expect.poll(async () => (await modelOf(url)).status).toBe('down');
    const { reply } = await send(url, sessionId, input.content);
    await startPortal({ env: { ...env, ROLE: 'worker' }, databaseUrl });
    const { text, message } = await readToEnd(followBySse(url, reply.id));
    expect(message).toMatchObject({ status: 'COMPLETE', content: text });
  });
});

describe('ROLE=worker', () => {
  it('serves its health and its figures, and nobody else', async () => {
    const { workers } = await startFleet(1);
    const url = workers[0]?.url ?? '';
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const health = await fetch(`${url}/health/deps`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      dependencies: { model: { status: 'ok' }, websocket: { status: 'disabled' } },
    });
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    for (const address of ['/', '/graphql', '/api/v1/sessions', '/v1/models', '/docs']) {
      const answer = await fetch(`${url}${address}`, { headers: { accept: 'text/html' } });
      expect(answer.status, address).toBe(404);
    }
    const posted = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ sessions { totalCount } }' }),
    });
    expect(posted.status).toBe(404);
  });

  it('drops what its model keeps of a conversation that is deleted elsewhere, one that was down meanwhile too', async () => {
    const { apis, workers, redis } = await startFleet();
    const [{ url }] = apis;
    const forgotten = new Set<string>();
    const remember = (name: string, { engine }: { engine: TestPortal['engine'] }) => {
      const forget = engine.forget;
      engine.forget = async (conversation) => {
        forgotten.add(`${name} ${conversation}`);
        return forget(conversation);
      };
    };
    for (const [index, worker] of workers.entries()) remember(`worker ${index}`, worker);
    const sessionId = await createSession(url);
    const { reply } = await send(url, sessionId, 'Tell me a secret');
    await readToEnd(followBySse(url, reply.id));
    await askFor(url, 'mutation ($id: ID!) { deleteSession(id: $id) }', { id: sessionId });
    expect(await readMessage(url, reply.id)).toBeNull();
    await expect
      .poll(() => [...forgotten].filter((line) => line.endsWith(sessionId)).sort())
      .toEqual([`worker 0 ${sessionId}`, `worker 1 ${sessionId}`]);
    const late = createScriptedEngine();
    remember('late', { engine: late });
    await startPortal({
      env: { REDIS_URL: redis.url, ROLE: 'worker' },
      databaseUrl: apis[0].databaseUrl,
      engine: late,
    });
    await expect.poll(() => forgotten.has(`late ${sessionId}`)).toBe(true);
  });
});
