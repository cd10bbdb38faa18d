import { once } from 'node:events';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { type NoiseModelOptions, writeNoiseModel } from '../../server/inference/noise-model.ts';
import { makeFolder } from './llama.ts';
import { type PortalProcess, spawnPortal } from './portal-process.ts';
import { createTestDatabase } from './postgres.ts';

export interface Installation {
  /** The same after each start. */
  url: string;
  databaseUrl: string;
  /** Resolves once it is ready. */
  start(): Promise<PortalProcess>;
}

interface Options {
  env?: Record<string, string>;
  /** A server that the test brings; else a database of its own. */
  databaseUrl?: string;
  /** By default one that is slow enough to be cut anywhere. */
  model?: Partial<NoiseModelOptions>;
}

const slowModel = { layers: 4, width: 256, feedForward: 1024 };

/** A portal as a process with llama.cpp in it, that can be started again on what it left; removed when the test ends. */
export async function createInstallation({ env, databaseUrl, model = slowModel }: Options = {}): Promise<Installation> {
  const { folder, remove } = await makeFolder();
  onTestFinished(remove);
  await writeNoiseModel(`${folder}/models/noise.gguf`, model);
  const [url, port] = [databaseUrl ?? (await databaseOfTest()), await steadyPort()];
  const settings = {
    PORT: String(port),
    DATABASE_URL: url,
    MODELS_DIR: `${folder}/models`,
    MODEL_THREADS: '1',
    MODEL_GPU: 'false',
    TEMPERATURE: '0',
    MAX_TOKENS: '400',
    ...env,
  };
  return {
    url: `http://127.0.0.1:${port}`,
    databaseUrl: url,
    async start() {
      const portal = await spawnPortal(settings);
      await portal.waitFor(/\bready\b/);
      return portal;
    },
  };
}

async function databaseOfTest(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database.url;
}

/**
 * A port that nothing takes while the portal is down: below those that connections get by themselves, since one that tries
 * such a port again and again ends up connected to itself.
 */
export async function steadyPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const probe = createServer().listen(port, '127.0.0.1');
    const free = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    probe.close();
    if (free) return port;
  }
}
