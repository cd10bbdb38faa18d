import type { FastifyInstance } from 'fastify';
import type { Dependencies } from '../telemetry/dependencies.ts';

interface Options {
  production: boolean;
  dependencies: Dependencies;
}

/** `/health` says that the process lives and asks nothing of anyone; `/health/deps` asks every part. */
export function registerHealth(app: FastifyInstance, { production, dependencies }: Options): void {
  app.get('/health', async () => ({ status: 'ok', app_env: production ? 'production' : 'development' }));

  app.get('/health/deps', async (_request, reply) => {
    const all = await dependencies();
    const healthy = all.every((dependency) => dependency.status !== 'down');
    reply.status(healthy ? 200 : 503);
    return {
      status: healthy ? 'ok' : 'down',
      dependencies: Object.fromEntries(
        all.map(({ name, status, latencyMs, message }) => [
          name,
          { status, ...(latencyMs !== null && { latency_ms: latencyMs }), ...(message !== null && { message }) },
        ]),
      ),
    };
  });
}
