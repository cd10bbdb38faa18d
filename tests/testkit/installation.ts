import { onTestFinished } from 'vitest';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { makeFolder } from './llama.ts';
import { type PortalProcess, spawnPortal } from './portal-process.ts';
import { createTestDatabase } from './postgres.ts';

export interface Installation {
  databaseUrl: string;
  /** Resolves once the portal is ready; with a port, at the address that it had before. */
  start(port?: string): Promise<{ portal: PortalProcess; url: string }>;
}

/** A portal as a process with llama.cpp in it, that can be started again on what it left; removed when the test ends. */
export async function createInstallation(more: Record<string, string> = {}): Promise<Installation> {
  const { folder, remove } = await makeFolder();
  onTestFinished(remove);
  await writeNoiseModel(`${folder}/models/noise.gguf`, { layers: 4, width: 256, feedForward: 1024 });
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return {
    databaseUrl: database.url,
    async start(port = '0') {
      const portal = await spawnPortal({
        PORT: port,
        DATABASE_URL: database.url,
        MODELS_DIR: `${folder}/models`,
        MODEL_THREADS: '1',
        MODEL_GPU: 'false',
        TEMPERATURE: '0',
        MAX_TOKENS: '400',
        ...more,
      });
      const [, url = ''] = await portal.waitFor(/is at (http:\/\/\S+)/);
      await portal.waitFor(/ready/);
      return { portal, url };
    },
  };
}
