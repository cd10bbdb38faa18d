import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createSession, followBySse, readMessage, readToEnd, send } from '../testkit/chat.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { portalOnItsOwnPostgres } from '../testkit/own-postgres.ts';
import { startPortal } from '../testkit/portal.ts';
import { patient } from '../testkit/rounds.ts';

const sending =
  'mutation ($session: ID!, $content: String!) { sendMessage(input: { sessionId: $session, content: $content }) { message { id } } }';
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

describe('without Postgres', () => {
  it('the portal lives, says 503 with words of its own, and recovers by itself; a reply under way is stored when it is back', {
    timeout: 120_000,
  }, async () => {
    const { app, url, postgres, engine } = await portalOnItsOwnPostgres();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await statusOf(url)).toBe(503);
    expect((await fetch(`${url}/health/deps`)).status).toBe(503);
    expect((await fetch(`${url}/`, { headers: { accept: 'text/html' } })).status).toBe(503);

    await postgres.start();
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

    await postgres.start();
    await expect.poll(() => statusOf(url), { timeout: 10_000 }).toBe(200);
    await expect.poll(async () => (await readMessage(url, reply.id))?.status, { timeout: 20_000 }).toBe('COMPLETE');
    const { text, message } = await readToEnd(followBySse(url, reply.id));
    expect(text).toBe(message.content);
  });
});

describe('with a Postgres that says nothing', () => {
  it('a message is refused once it was waited for, not twice as late, and goes when it speaks again', {
    timeout: 120_000,
  }, async () => {
    const { app, url, postgres } = await portalOnItsOwnPostgres();
    await postgres.start();
    await app.whenReady();
    const session = await createSession(url);
    await readToEnd(followBySse(url, (await send(url, session, 'Hello')).reply.id));

    await postgres.freeze();
    const sentAt = performance.now();
    const refused = await ask(url, sending, { session, content: 'Are you there?' });
    const waitedMs = performance.now() - sentAt;
    await postgres.thaw();
    expect(refused.errors?.[0]?.extensions?.code).toBe('DEPENDENCY_UNAVAILABLE');
    expect(waitedMs).toBeLessThan(patient(6_000));

    await expect.poll(() => statusOf(url), { timeout: 10_000 }).toBe(200);
    const { reply } = await send(url, session, 'Are you there now?');
    expect((await readToEnd(followBySse(url, reply.id))).message.status).toBe('COMPLETE');
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
