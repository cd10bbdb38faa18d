import { onTestFinished } from 'vitest';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { steadyPort } from './installation.ts';
import { makeFolder } from './llama.ts';
import { type PortalProcess, spawnPortal } from './portal-process.ts';
import { createTestDatabase } from './postgres.ts';
import { startRedis, type TestRedis } from './redis.ts';

/** One process of several, at an address that stays. */
export interface Member {
  url: string;
  process(): PortalProcess;
  /** Resolves once it is gone. */
  kill(): Promise<void>;
  /** Resolves once it is ready again. */
  restart(): Promise<void>;
}

export interface Fleet {
  apis: Member[];
  workers: Member[];
  redis: TestRedis;
  databaseUrl: string;
}

interface Options {
  apis: number;
  workers: number;
  env?: Record<string, string>;
  /** The file that each process runs; by default the portal itself, with llama.cpp. */
  entry?: string;
}

/** API processes and workers around one Postgres and one Redis, all real; removed when the test ends. */
export async function startFleet({ apis, workers, env, entry }: Options): Promise<Fleet> {
  const { folder, remove } = await makeFolder();
  onTestFinished(remove);
  await writeNoiseModel(`${folder}/models/noise.gguf`);
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const redis = await startRedis();
  const start = (role: string) =>
    startMember(
      {
        ...{
          ROLE: role,
          DATABASE_URL: database.url,
          REDIS_URL: redis.url,
          QUEUE_MAX: '1000',
          MAX_SOCKETS_PER_USER: '1000',
        },
        ...{ MODEL_THREADS: '1', MODEL_GPU: 'false', TEMPERATURE: '0' },
        // Whoever holds no model has no folder of models either.
        ...(role === 'api' ? {} : { MODELS_DIR: `${folder}/models` }),
        ...env,
      },
      entry,
    );
  const all = (role: string, count: number) => Promise.all(Array.from({ length: count }, () => start(role)));
  const working = await all('worker', workers);
  return { apis: await all('api', apis), workers: working, redis, databaseUrl: database.url };
}

async function startMember(env: Record<string, string>, entry: string | undefined): Promise<Member> {
  const port = await steadyPort();
  const launch = async () => {
    const launched = await spawnPortal({ ...env, PORT: String(port) }, entry);
    await launched.waitFor(/\bready\b/);
    return launched;
  };
  let running = await launch();
  return {
    url: `http://127.0.0.1:${port}`,
    process: () => running,
    async kill() {
      running.kill('SIGKILL');
      await running.exited;
    },
    async restart() {
      running = await launch();
    },
  };
}
