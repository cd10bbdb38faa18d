import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Metrics } from '../telemetry/metrics.ts';

/** `/metrics` in Prometheus' text format: what all processes counted together, and how this one is doing. */
export function registerPrometheus(app: FastifyInstance, { metrics }: { metrics: Metrics }): void {
  const process = new Registry();
  collectDefaultMetrics({ register: process });
  app.addHook('onClose', async () => process.clear());

  app.get('/metrics', async (_request, reply) => {
    reply.type(process.contentType);
    return `${await metrics.prometheus()}${await process.metrics()}`;
  });
}
