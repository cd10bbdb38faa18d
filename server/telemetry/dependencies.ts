import type { Models } from '../chat/models.ts';
import type { Engine } from '../inference/engine.ts';
import { isDatabaseUnavailable } from '../stores/database-errors.ts';

/** How a part that the portal needs is doing. `disabled` is one that it does without. */
export interface Dependency {
  name: 'postgres' | 'redis' | 'model' | 'websocket';
  status: 'ok' | 'down' | 'disabled';
  latencyMs: number | null;
  message: string | null;
}

interface Parts {
  engine: Pick<Engine, 'status'>;
  models: Pick<Models, 'usable'>;
  /** Servers that run models, and why one cannot be used. */
  servers: readonly { name: string; problem(): string | null }[];
  /** Round trips in milliseconds; they throw where the part cannot be reached. */
  pingDatabase: () => Promise<number>;
  /** Null where there is no Redis. */
  pingRedis: (() => Promise<number>) | null;
  /** Null where this process serves no people. */
  pingWebSocket: (() => Promise<number>) | null;
}

export type Dependencies = () => Promise<Dependency[]>;

export function createDependencies({
  engine,
  models,
  servers,
  pingDatabase,
  pingRedis,
  pingWebSocket,
}: Parts): Dependencies {
  async function model(): Promise<Dependency> {
    const { state, loaded, problem } = engine.status();
    const troubled = servers.flatMap((server) => server.problem() ?? []);
    try {
      const usable = await models.usable(null);
      if (usable.remote === null && (state === 'stopped' || state === 'restarting')) {
        return { name: 'model', status: 'down', latencyMs: null, message: problem ?? 'The engine is starting again.' };
      }
      const message =
        usable.remote !== null
          ? `${usable.name} answers`
          : loaded
            ? `${loaded.name} is loaded`
            : `${usable.name} loads with the first message`;
      return { name: 'model', status: 'ok', latencyMs: null, message: [message, ...troubled].join('. ') };
    } catch (error) {
      return { name: 'model', status: 'down', latencyMs: null, message: messageOf(error) };
    }
  }

  return () =>
    Promise.all([
      measured('postgres', pingDatabase),
      pingRedis === null ? withoutRedis : measured('redis', pingRedis),
      model(),
      pingWebSocket === null ? withoutWebSocket : measured('websocket', pingWebSocket),
    ]);
}

const withoutRedis: Dependency = {
  name: 'redis',
  status: 'disabled',
  latencyMs: null,
  message: 'Everything is kept in this process.',
};

const withoutWebSocket: Dependency = {
  name: 'websocket',
  status: 'disabled',
  latencyMs: null,
  message: 'Not served: this process only runs models.',
};

async function measured(name: Dependency['name'], ping: () => Promise<number>): Promise<Dependency> {
  try {
    return { name, status: 'ok', latencyMs: Math.round((await ping()) * 100) / 100, message: null };
  } catch (error) {
    return { name, status: 'down', latencyMs: null, message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  if (isDatabaseUnavailable(error)) return 'It cannot be reached; the portal tries again.';
  return error instanceof Error ? error.message : String(error);
}
