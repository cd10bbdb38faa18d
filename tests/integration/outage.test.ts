import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { buildApp } from '../../server/app.ts';
import { readConfig } from '../../server/config.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createEmbeddedPostgres } from '../../server/stores/embedded-postgres.ts';
import { createSession, followBySse, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { freePort } from '../testkit/free-port.ts';
import { askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';
import { patient } from '../testkit/rounds.ts';

const forever = new AbortController().signal;
const ping = JSON.stringify({ query: '{ viewer { email } }' });

async function statusOf(url: string): Promise<number> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: ping,
  });
  await response.arrayBuffer();
  return response.status;
}

/** With which code a socket is closed that asks to be taken. */
async function closeOfNewSocket(url: string): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
  const [code] = await once(socket, 'close');
  return code;
}

/** A portal whose Postgres can be stopped and started. */
async function portalOnItsOwnPostgres() {
  const folder = await mkdtemp(path.join(tmpdir(), 'portal-outage-'));
  await chmod(folder, 0o755);
  const logger = pino({ level: 'silent' });
  const port = await freePort();
  const postgres = createEmbeddedPostgres({ dataDir: path.join(folder, 'pg'), logger, port });
  const url = await postgres.start(forever);
  await postgres.stop();
  const engine = createScriptedEngine();
  const config = readConfig(
    { PORT: '0', DATA_DIR: folder, MODELS_DIR: folder, DATABASE_URL: url, LOG_LEVEL: 'silent' },
    folder,
  );
  const app = await buildApp(config, { engine, logger });
  onTestFinished(async () => {
    await app.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await app.start();
  return { app, url: app.url, postgres, engine };
}

describe('without Postgres', () => {
  it('the portal lives, says 503 with words of its own, and recovers by itself; a reply under way is stored when it is back', {
    timeout: 120_000,
  }, async () => {
    const { app, url, postgres, engine } = await portalOnItsOwnPostgres();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await statusOf(url)).toBe(503);
    expect((await fetch(`${url}/health/deps`)).status).toBe(503);
    expect((await fetch(`${url}/`, { headers: { accept: 'text/html' } })).status).toBe(503);

    await postgres.start(forever);
    await app.whenReady();
    expect(await statusOf(url)).toBe(200);
    engine.hold();
    const { reply } = await send(url, await createSession(url), 'Hello');
    engine.release(10);
    await expect.poll(async () => (await readMessage(url, reply.id))?.status).toBe('IN_PROGRESS');

    await postgres.stop();
    const askedAt = performance.now();
    await expect.poll(() => statusOf(url)).toBe(503);
    expect(performance.now() - askedAt).toBeLessThan(patient(5_000));
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: ping,
    });
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'DEPENDENCY_UNAVAILABLE' } }] });
    // Nothing is computed that could not be written down, and nothing is opened that would hear of nothing.
    const asked = engine.requests.length;
    const completion = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'any', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect(completion.status).toBe(503);
    expect(engine.requests.length).toBe(asked);
    expect(await closeOfNewSocket(url)).toBe(1013);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await (await fetch(`${url}/health/deps`)).json()).toMatchObject({
      status: 'down',
      dependencies: { postgres: { status: 'down' } },
    });
    engine.release();

    await postgres.start(forever);
    await expect.poll(() => statusOf(url), { timeout: 10_000 }).toBe(200);
    await expect.poll(async () => (await readMessage(url, reply.id))?.status, { timeout: 20_000 }).toBe('COMPLETE');
    const { text, message } = await readToEnd(followBySse(url, reply.id));
    expect(text).toBe(message.content);
  });
});

describe('health', () => {
  it('says that the process lives, and how each part is doing', async () => {
    const { url } = await startPortal();
    const health = await fetch(`${url}/health`);
    expect(health.headers.get('x-request-id')).toMatch(/^[\w-]+$/);
    expect(await health.json()).toEqual({ status: 'ok', app_env: 'development' });
    const deps = await fetch(`${url}/health/deps`, { headers: { 'x-request-id': 'mine-1' } });
    expect(deps.headers.get('x-request-id')).toBe('mine-1');
    expect(await deps.json()).toEqual({
      status: 'ok',
      dependencies: {
        postgres: { status: 'ok', latency_ms: expect.any(Number) },
        redis: { status: 'disabled', message: expect.any(String) },
        model: { status: 'ok', message: expect.any(String) },
        websocket: { status: 'ok', latency_ms: expect.any(Number) },
      },
    });
    const { dependencies } = await askFor<{ dependencies: { name: string; status: string }[] }>(
      url,
      '{ dependencies { name status latencyMs message } }',
    );
    expect(dependencies.map(({ name, status }) => [name, status])).toEqual([
      ['postgres', 'ok'],
      ['redis', 'disabled'],
      ['model', 'ok'],
      ['websocket', 'ok'],
    ]);
  });

  it('is 503 when no model can answer', async () => {
    const { url } = await startPortal({ env: { MODEL: 'missing' } });
    const deps = await fetch(`${url}/health/deps`);
    expect(deps.status).toBe(503);
    expect(await deps.json()).toMatchObject({
      dependencies: { model: { status: 'down', message: expect.stringContaining('missing') } },
    });
  });

  it('an unknown address is a problem with a code, and so is a method that is not there', async () => {
    const { url } = await startPortal();
    const unknown = await fetch(`${url}/api/v1/nothing`);
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('content-type')).toContain('application/problem+json');
    expect(await unknown.json()).toMatchObject({
      code: 'not_found',
      status: 404,
      request_id: unknown.headers.get('x-request-id'),
    });
  });
});
