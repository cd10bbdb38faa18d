import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Dependencies, Dependency } from '../telemetry/dependencies.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { TelemetryFigures } from '../telemetry/telemetry.ts';

interface Options {
  metrics: Pick<Metrics, 'prometheus'>;
  /** What stands at a number now; null while the database is away. */
  figures: () => Promise<TelemetryFigures | null>;
  dependencies: Dependencies;
}

/** `/metrics` in Prometheus' text format: what all processes counted together, how things stand, and how this process is doing. */
export function registerPrometheus(app: FastifyInstance, { metrics, figures, dependencies }: Options): void {
  const process = new Registry();
  collectDefaultMetrics({ register: process });
  app.addHook('onClose', async () => process.clear());

  app.get('/metrics', async (_request, reply) => {
    reply.type(process.contentType);
    const [counted, standing, parts, own] = await Promise.all([
      metrics.prometheus(),
      figures(),
      dependencies(),
      process.metrics(),
    ]);
    return [counted, ...(standing === null ? [] : gaugesOf(standing)), ...healthOf(parts), own].join('');
  });
}

/** By the names of the graph's Telemetry, in Prometheus' way. */
function gaugesOf(figures: TelemetryFigures): string[] {
  return [
    gauge('portal_replies_active', figures.activeReplies),
    gauge('portal_replies_queued', figures.queuedReplies),
    gauge('portal_sessions_active', figures.activeSessions),
    gauge('portal_cache_entries', figures.cacheEntries, { backend: figures.cacheBackend }),
    gauge('portal_cache_size_bytes', figures.cacheSizeBytes, { backend: figures.cacheBackend }),
    gauge('portal_uptime_seconds', figures.uptimeSeconds),
    gauge('portal_host_cpu_percent', figures.cpuPercent),
    gauge('portal_memory_bytes', figures.memoryBytes),
    gauge('portal_host_memory_bytes', figures.memoryTotalBytes),
    gauge('portal_event_loop_delay_ms', figures.eventLoopDelayMs),
  ];
}

/** 1 where a part is up, 0 where it is down; one that the portal does without is left out. */
function healthOf(parts: readonly Dependency[]): string[] {
  const used = parts.filter(({ status }) => status !== 'disabled');
  const samples = used.map(({ name, status }) => sample('portal_dependency_up', status === 'ok' ? 1 : 0, { name }));
  return ['# TYPE portal_dependency_up gauge\n', ...samples];
}

function gauge(name: string, value: number, labels: Record<string, string> = {}): string {
  return `# TYPE ${name} gauge\n${sample(name, value, labels)}`;
}

/** The values of labels are our own words: nothing in them has to be escaped. */
function sample(name: string, value: number, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}
