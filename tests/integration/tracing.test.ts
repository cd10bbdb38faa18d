import { trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../server/inference/engine.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { type CollectedSpan, type Collector, startCollector, startSilentServer } from '../testkit/collector.ts';
import { connect } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';
import { spawnPortal } from '../testkit/portal-process.ts';
import { createTestDatabase } from '../testkit/postgres.ts';
import { startRedis } from '../testkit/redis.ts';
import { rest } from '../testkit/rest.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const clientSpan = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${clientSpan}-01`;

const sendMessage = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { reply { id } } }';

/** Sends as a client that traces does; answers the reply's id. */
async function sendTraced(url: string, sessionId: string, content: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent },
    body: JSON.stringify({ query: sendMessage, variables: { input: { sessionId, content } } }),
  });
  const { data } = (await response.json()) as { data: { sendMessage: { reply: { id: string } } } };
  return data.sendMessage.reply.id;
}

/** The spans of the client's trace, once there is one of each of these names. */
async function spansOfTrace(collector: Collector, ...names: string[]): Promise<CollectedSpan[]> {
  const spans = () => collector.spans().filter((span) => span.traceId === traceId);
  await expect.poll(() => spans().map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  return spans();
}

/** Its name and those above it, up to what the client began. */
function pathOf(spans: readonly CollectedSpan[], span: CollectedSpan | undefined): string[] {
  if (span === undefined) return ['(nowhere)'];
  if (span.parentSpanId === clientSpan) return ['(client)', span.name];
  return [
    ...pathOf(
      spans,
      spans.find(({ spanId }) => spanId === span.parentSpanId),
    ),
    span.name,
  ];
}

function find(spans: readonly CollectedSpan[], name: string): CollectedSpan | undefined {
  return spans.find((span) => span.name === name);
}

describe('the trace of a send', () => {
  it('goes on with the client’s, from the door over field and rule to database, Redis and the engine', async () => {
    const [collector, redis] = await Promise.all([startCollector(), startRedis()]);
    const { url } = await startPortal({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer abc=',
        REDIS_URL: redis.url,
      },
    });
    const sessionId = await createSession(url);
    const replyId = await sendTraced(url, sessionId, 'Why is the sky blue?');
    await readToEnd(followBySse(url, replyId));
    const spans = await spansOfTrace(collector, 'reply', 'engine.generate', 'POST /graphql');

    for (const span of spans) expect(pathOf(spans, span)[0]).toBe('(client)');
    const asked = ['(client)', 'POST /graphql', 'Mutation.sendMessage', 'replies.send'];
    expect(pathOf(spans, find(spans, 'replies.send'))).toEqual(asked);
    const paths = spans.map((span) => pathOf(spans, span).join(' > '));
    expect(paths).toContain([...asked, 'prisma:client:operation', 'prisma:client:db_query'].join(' > '));
    expect(paths.some((path) => /> replies\.send > redis eval(sha)?$/.test(path))).toBe(true);
    const written = paths.find((path) => path.endsWith('> reply > engine.generate')) ?? '';
    expect(written.startsWith(asked.join(' > '))).toBe(true);
    expect(paths.some((path) => /> reply > redis eval(sha)?$/.test(path))).toBe(true);
    expect(paths.some((path) => /> reply > .*prisma:client:db_query$/.test(path))).toBe(true);
    // The 600 tokens of the answer are none each.
    expect(spans.length).toBeLessThan(150);
    expect(find(spans, 'POST /graphql')?.attributes).toMatchObject({
      'http.route': '/graphql',
      'http.response.status_code': 200,
    });
    expect(find(spans, 'engine.generate')?.attributes).toMatchObject({
      'gen_ai.request.model': 'test-model',
      'gen_ai.usage.output_tokens': expect.any(Number),
    });
    expect(collector.headers()[0]?.authorization).toBe('Bearer abc=');
  });

  it('goes on in the process that writes the reply', async () => {
    const [collector, redis, database] = await Promise.all([startCollector(), startRedis(), createTestDatabase()]);
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      REDIS_URL: redis.url,
      DATABASE_URL: database.url,
      MODEL_SEQUENCES: '1',
    };
    const { url, engine, config } = await startPortal({
      env: { ...env, OTEL_SERVICE_NAME: 'asked' },
      databaseUrl: database.url,
    });
    engine.hold();
    await send(url, await createSession(url), 'This one takes the only place.');
    await expect.poll(() => engine.running).toBe(1);
    const replyId = await sendTraced(url, await createSession(url), 'Why is the sky blue?');
    await writeNoiseModel(`${config.models.dir}/test-model.gguf`);
    const writer = await spawnPortal({
      ...env,
      PORT: '0',
      MODELS_DIR: config.models.dir,
      MAX_TOKENS: '8',
      OTEL_SERVICE_NAME: 'wrote',
    });
    await readToEnd(followBySse(url, replyId));
    const spans = await spansOfTrace(collector, 'reply', 'engine.generate', 'replies.send');
    expect(find(spans, 'replies.send')?.service).toBe('asked');
    expect(find(spans, 'engine.generate')?.service).toBe('wrote');
    const path = pathOf(spans, find(spans, 'engine.generate'));
    expect(path.slice(0, 4)).toEqual(['(client)', 'POST /graphql', 'Mutation.sendMessage', 'replies.send']);
    expect(path.slice(-2)).toEqual(['reply', 'engine.generate']);
    writer.kill('SIGTERM');
    await writer.exited;
  });

  it('begins with the request where the client has none, by REST and over a socket, which may name one', async () => {
    const collector = await startCollector();
    const { url } = await startPortal({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
    const sessionId = await createSession(url);
    await rest(url, 'POST', '/chat', { session_id: sessionId, prompt: 'Why is the sky blue?' });
    const byRest = () => find(collector.spans(), 'POST /api/v1/chat');
    await expect.poll(byRest).toMatchObject({ parentSpanId: undefined });
    await expect.poll(() => find(collector.spans(), 'engine.generate')).toMatchObject({ traceId: byRest()?.traceId });

    const events = connect(url).iterate({
      query: sendMessage,
      variables: { input: { sessionId, content: 'And the sea?' } },
      extensions: { traceparent },
    });
    await events.next();
    const spans = await spansOfTrace(collector, 'WS /graphql', 'reply');
    expect(pathOf(spans, find(spans, 'replies.send'))).toEqual([
      '(client)',
      'WS /graphql',
      'Mutation.sendMessage',
      'replies.send',
    ]);
  });

  it('tells no text and no parameter of a statement, whatever fails', async () => {
    const [collector, redis] = await Promise.all([startCollector(), startRedis()]);
    const { url, engine } = await startPortal({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, REDIS_URL: redis.url },
    });
    const secret = 'Xylophonist';
    const sessionId = await createSession(url, { title: secret, systemPrompt: `You are a ${secret}.` });
    const { reply } = await send(url, sessionId, `Who is the ${secret}?`, { context: { about: secret } });
    const { text } = await readToEnd(followBySse(url, reply.id));
    expect(text).toContain(secret);
    await send(url, sessionId, `Who is the ${secret}?`);
    engine.failNext(new EngineError('cannot_load', `${secret} has no memory`), 2);
    await rest(url, 'POST', '/chat', { session_id: sessionId, prompt: `And another ${secret}?` });
    await rest(url, 'GET', `/search?q=${secret}`);
    await rest(url, 'GET', `/models/${secret}`);
    const missing = () => find(collector.spans(), 'GET /api/v1/models/:name');
    await expect.poll(missing).toMatchObject({ attributes: { 'http.response.status_code': 404 } });
    await expect
      .poll(() => collector.spans().find(({ name, failed }) => name === 'engine.generate' && failed))
      .toBeDefined();
    expect(collector.text()).toMatch(/insert into .*\$1/i);
    expect(collector.text()).not.toMatch(new RegExp(secret, 'i'));
  });
});

describe('a collector', () => {
  it('that is away, or takes what comes and never answers, changes nothing, and does not keep the portal from ending', async () => {
    const silent = await startSilentServer();
    for (const address of [silent, 'http://127.0.0.1:9']) {
      const { app, url } = await startPortal({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: address } });
      const replyId = await sendTraced(url, await createSession(url), 'Why is the sky blue?');
      const { message } = await readToEnd(followBySse(url, replyId));
      expect(message.status).toBe('COMPLETE');
      const stoppingAt = performance.now();
      await app.stop();
      expect(performance.now() - stoppingAt).toBeLessThan(10_000);
    }
  });

  it('that nobody set is told nothing: no span is made', async () => {
    const collector = await startCollector();
    const { url } = await startPortal();
    await sendTraced(url, await createSession(url), 'Why is the sky blue?');
    expect(trace.getTracer('test').startSpan('test').isRecording()).toBe(false);
    expect(collector.spans()).toEqual([]);
  });
});
