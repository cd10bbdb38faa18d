import { describe, expect, it } from 'vitest';
import { EngineError } from '../../server/inference/engine.ts';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { askFor, connect } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';
import { startRedis } from '../testkit/redis.ts';
import { rest } from '../testkit/rest.ts';

/** The figures that all processes share, by the graph's names; those of a process and its host are compared apart. */
interface Figures {
  totalRequests: number;
  errorCount: number;
  cacheHits: number;
  cacheMisses: number;
  cacheHitRate: number;
  averageLatencyMs: number;
  p50LatencyMs: number;
  p95LatencyMs: number;
  timeToFirstTokenMs: number;
  tokensPerSecond: number;
  complete: number;
  cached: number;
  stopped: number;
  failed: number;
  activeReplies: number;
  queuedReplies: number;
  activeSessions: number;
  cacheBackend: string;
  cacheEntries: number;
  cacheSizeBytes: number;
}

const ends = ['complete', 'cached', 'stopped', 'failed'] as const;
const plain = [
  ...['totalRequests', 'errorCount', 'cacheHits', 'cacheMisses', 'cacheHitRate', 'averageLatencyMs', 'p50LatencyMs'],
  ...['p95LatencyMs', 'timeToFirstTokenMs', 'tokensPerSecond', 'activeReplies', 'queuedReplies', 'activeSessions'],
  ...['cacheBackend', 'cacheEntries', 'cacheSizeBytes'],
];
const fields = `${plain.join(' ')} endedReplies { ${ends.join(' ')} }`;

type Graph = Omit<Figures, (typeof ends)[number]> & { endedReplies: Pick<Figures, (typeof ends)[number]> };

function flat({ endedReplies, ...others }: Graph): Figures {
  return { ...others, ...endedReplies };
}

async function byQuery(url: string): Promise<Figures> {
  return flat((await askFor<{ telemetry: Graph }>(url, `{ telemetry { ${fields} } }`)).telemetry);
}

async function bySubscription(url: string): Promise<Figures> {
  const events = connect(url).iterate<{ telemetry: Graph }>({
    query: `subscription { telemetry(intervalMs: 500) { ${fields} } }`,
  });
  const { value } = await events.next();
  await events.return?.();
  return flat(value?.data?.telemetry as Graph);
}

async function byRest(url: string): Promise<Figures> {
  const { body } = await rest<Record<string, unknown>>(url, 'GET', '/metrics');
  const { avg_latency_ms, ...others } = body;
  const named = Object.entries({ ...others, average_latency_ms: avg_latency_ms }).map(([name, value]) => [
    name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  const all = flat(Object.fromEntries(named) as Graph) as unknown as Record<string, unknown>;
  return Object.fromEntries([...plain, ...ends].map((name) => [name, all[name]])) as unknown as Figures;
}

/** As somebody works them out who has Prometheus alone. */
async function byPrometheus(url: string): Promise<Figures> {
  const samples = await scrape(url);
  const value = (name: string) => samples.get(name) ?? 0;
  const mean = (name: string) => (value(`${name}_count`) === 0 ? 0 : value(`${name}_sum`) / value(`${name}_count`));
  const [hits, misses] = [value('portal_cache_hits_total'), value('portal_cache_misses_total')];
  const ended = (status: string, cached = false) =>
    value(`portal_replies_ended_total{status="${status}",cached="${cached}"}`);
  const cacheBackend = [...samples.keys()].find((name) => name.startsWith('portal_cache_entries'))?.split('"')[1] ?? '';
  return {
    totalRequests: value('portal_replies_total'),
    errorCount: ended('failed'),
    cacheHits: hits,
    cacheMisses: misses,
    cacheHitRate: hits / (hits + misses),
    averageLatencyMs: mean('portal_reply_latency_ms'),
    p50LatencyMs: quantile(samples, 0.5),
    p95LatencyMs: quantile(samples, 0.95),
    timeToFirstTokenMs: mean('portal_time_to_first_token_ms'),
    tokensPerSecond: mean('portal_tokens_per_second'),
    complete: ended('complete'),
    cached: ended('complete', true),
    stopped: ended('stopped'),
    failed: ended('failed'),
    activeReplies: value('portal_replies_active'),
    queuedReplies: value('portal_replies_queued'),
    activeSessions: value('portal_sessions_active'),
    cacheBackend,
    cacheEntries: value(`portal_cache_entries{backend="${cacheBackend}"}`),
    cacheSizeBytes: value(`portal_cache_size_bytes{backend="${cacheBackend}"}`),
  };
}

async function scrape(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

/** Prometheus' histogram_quantile over the latencies of replies. */
function quantile(samples: ReadonlyMap<string, number>, share: number): number {
  const buckets = [...samples].flatMap(([name, count]) => {
    const bound = /^portal_reply_latency_ms_bucket\{le="(\d+)"\}$/.exec(name)?.[1];
    return bound === undefined ? [] : [{ bound: Number(bound), count }];
  });
  const rank = share * (samples.get('portal_reply_latency_ms_count') ?? 0);
  const at = buckets.findIndex(({ count }) => count >= rank);
  const [below, here] = [buckets[at - 1] ?? { bound: 0, count: 0 }, buckets[at] ?? { bound: 0, count: 0 }];
  return below.bound + ((here.bound - below.bound) * (rank - below.count)) / (here.count - below.count);
}

const doors = { query: byQuery, subscription: bySubscription, REST: byRest, Prometheus: byPrometheus };

/** Numbers are equal but for the last digits of a mean that is worked out elsewhere. */
function closely(figures: Figures): Figures {
  const entries = Object.entries(figures).map(([name, value]) => [
    name,
    typeof value === 'number' && !Number.isInteger(value) ? expect.closeTo(value, 6) : value,
  ]);
  return Object.fromEntries(entries) as unknown as Figures;
}

async function askAndWait(url: string, sessionId: string, content: string): Promise<string> {
  const { reply } = await send(url, sessionId, content);
  await readToEnd(followBySse(url, reply.id));
  return reply.id;
}

describe('every door', () => {
  it('tells the same figures: of all processes, by each of them', async () => {
    const env = { REDIS_URL: (await startRedis()).url, MODEL_SEQUENCES: '1' };
    const one = await startPortal({ env });
    // The same files, and so the same model.
    const another = await startPortal({
      env: { ...env, MODELS_DIR: one.config.models.dir },
      databaseUrl: one.databaseUrl,
    });
    const portals = [one, another];
    const engines = portals.map(({ engine }) => engine);
    const sessionId = await createSession(one.url);
    await askAndWait(one.url, sessionId, 'Why is the sky blue?');
    // A hit, asked of the other process.
    await expect.poll(async () => (await byQuery(another.url)).cacheEntries).toBe(1);
    await askAndWait(another.url, sessionId, 'Why is the sky blue?');
    for (const engine of engines) engine.failNext(new EngineError('cannot_load', 'no memory'), 2);
    await askAndWait(another.url, sessionId, 'Who wrote Hamlet?');
    await askAndWait(one.url, sessionId, 'How do I bake bread?');
    // Two run, held; one waits in the queue.
    for (const engine of engines) engine.hold();
    const held: string[] = [];
    for (const content of ['What is osmosis?', 'Is 91 a prime number?', 'Where is Timbuktu?']) {
      held.push((await send(one.url, await createSession(one.url), content)).reply.id);
    }
    await expect.poll(async () => (await byQuery(one.url)).activeReplies).toBe(2);
    await expect.poll(async () => (await byQuery(one.url)).cacheMisses).toBe(5);

    const known = await byQuery(one.url);
    expect(known).toMatchObject({
      totalRequests: 7,
      errorCount: known.failed,
      cacheHits: 1,
      cacheMisses: 5,
      activeReplies: 2,
      queuedReplies: 1,
      activeSessions: 4,
      cacheBackend: 'redis',
      cached: 1,
    });
    expect(known.complete + known.failed).toBe(3);
    expect(known.failed).toBeGreaterThan(0);
    expect(known.p95LatencyMs).toBeGreaterThanOrEqual(known.p50LatencyMs);
    expect(known.timeToFirstTokenMs).toBeGreaterThan(0);
    for (const { url } of portals) {
      for (const [name, read] of Object.entries(doors)) {
        expect({ [name]: await read(url) }).toEqual({ [name]: closely(known) });
      }
    }

    await rest(one.url, 'POST', `/messages/${held[2]}/stop`);
    for (const engine of engines) engine.release();
    await readToEnd(followBySse(one.url, held[0] ?? ''));
    await readToEnd(followBySse(another.url, held[1] ?? ''));
    // Whichever process took what, an engine that has not failed yet does so now.
    await expect
      .poll(async () => {
        const { activeReplies, queuedReplies, complete, failed, stopped } = await byPrometheus(another.url);
        return [activeReplies, queuedReplies, complete + failed - known.complete - known.failed, stopped];
      })
      .toEqual([0, 0, 2, 1]);
    for (const [name, read] of Object.entries(doors)) {
      expect({ [name]: await read(one.url) }).toEqual({ [name]: closely(await byQuery(another.url)) });
    }
  });

  it('tells how this process and its host are, and the health of each part', async () => {
    const redis = await startRedis();
    const { url } = await startPortal({ env: { REDIS_URL: redis.url } });
    const own = 'uptimeSeconds cpuPercent memoryBytes memoryTotalBytes eventLoopDelayMs';
    const { telemetry } = await askFor<{ telemetry: Record<string, number> }>(url, `{ telemetry { ${own} } }`);
    const { body } = await rest<Record<string, number>>(url, 'GET', '/metrics');
    const samples = await scrape(url);
    // What does not stand still is near; the rest is equal.
    expect(samples.get('portal_host_memory_bytes')).toBe(telemetry.memoryTotalBytes);
    expect(body.memory_total_bytes).toBe(telemetry.memoryTotalBytes);
    for (const uptime of [samples.get('portal_uptime_seconds'), body.uptime_seconds]) {
      expect(uptime).toBeGreaterThan(telemetry.uptimeSeconds ?? Number.NaN);
      expect(uptime).toBeLessThan((telemetry.uptimeSeconds ?? 0) + 60);
    }
    for (const memory of [telemetry.memoryBytes, body.memory_bytes, samples.get('portal_memory_bytes')]) {
      expect(memory).toBeGreaterThan(10_000_000);
      expect(memory).toBeLessThan(telemetry.memoryTotalBytes ?? 0);
    }
    for (const cpu of [telemetry.cpuPercent, body.cpu_percent, samples.get('portal_host_cpu_percent')]) {
      expect(cpu).toBeGreaterThanOrEqual(0);
      expect(cpu).toBeLessThanOrEqual(100);
    }
    for (const delay of [
      telemetry.eventLoopDelayMs,
      body.event_loop_delay_ms,
      samples.get('portal_event_loop_delay_ms'),
    ]) {
      expect(delay).toBeGreaterThanOrEqual(0);
    }

    for (const isUp of [true, false]) {
      const health = async () =>
        (await (await fetch(`${url}/health/deps`)).json()) as { dependencies: Record<string, { status: string }> };
      await expect.poll(async () => (await health()).dependencies.redis?.status).toBe(isUp ? 'ok' : 'down');
      const { dependencies } = await health();
      const { dependencies: byGraph } = await askFor<{ dependencies: { name: string; status: string }[] }>(
        url,
        '{ dependencies { name status } }',
      );
      expect(Object.fromEntries(byGraph.map(({ name, status }) => [name, { status }]))).toEqual(
        Object.fromEntries(Object.entries(dependencies).map(([name, { status }]) => [name, { status }])),
      );
      const up = await scrape(url);
      for (const [name, { status }] of Object.entries(dependencies)) {
        expect({ [name]: up.get(`portal_dependency_up{name="${name}"}`) }).toEqual({ [name]: status === 'ok' ? 1 : 0 });
      }
      await redis.kill();
    }
  });

  it('counts operations by what they ask for, over each transport, and requests by their route', async () => {
    const { url } = await startPortal();
    await createSession(url);
    await connect(url).iterate({ query: 'mutation { createSession { id } }' }).next();
    await fetch(`${url}/api/v1/sessions/unknown`);
    await expect
      .poll(async () =>
        (await scrape(url)).get('portal_operations_total{operation="mutation createSession",status="200"}'),
      )
      .toBe(2);
    expect(
      (await scrape(url)).get('portal_http_requests_total{method="GET",route="/api/v1/sessions/:id",status="404"}'),
    ).toBe(1);
  });
});
