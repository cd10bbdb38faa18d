import type { Catalog } from '../../inference/catalog.ts';
import type { Engine } from '../../inference/engine.ts';
import type { Logger } from '../../logger.ts';
import { pause } from '../../pause.ts';
import type { Embeddings } from '../embeddings.ts';
import type { WorkerDirectory, WorkerRecord } from './worker-directory.ts';

interface Parts {
  directory: WorkerDirectory;
  owner: string;
  /** Replies at once. */
  places: number;
  engine: Pick<Engine, 'status'>;
  catalog: Catalog;
  embeddings: Pick<Embeddings, 'model' | 'problem'>;
  memoryBytes: number;
  logger: Logger;
}

const everyMs = 3_000;

/** Tells the other processes that this one holds models, and how it is doing. */
export function createWorkerAnnouncement(parts: Parts) {
  const { directory, owner, places, engine, catalog, embeddings, memoryBytes, logger } = parts;

  async function describe(): Promise<WorkerRecord> {
    const [models, model, defaultProblem, embedder, embeddingProblem] = await Promise.all([
      catalog.list(),
      catalog.defaultModel(),
      catalog.defaultProblem(),
      embeddings.model(),
      embeddings.problem(),
    ]);
    return {
      status: engine.status(),
      models,
      defaultModel: model?.name ?? null,
      defaultProblem,
      embeddingModel: embedder?.name ?? null,
      embeddingProblem,
      memoryBytes,
    };
  }

  async function now(): Promise<void> {
    const record = await describe();
    await directory.announce(owner, Math.min(places, record.status.loaded?.sequences ?? places), record);
  }

  return {
    /** Rejects where the database cannot be reached. */
    now,

    /** Again and again until the signal aborts; then takes leave. Never rejects. */
    async keepUp(signal: AbortSignal): Promise<void> {
      for (; !signal.aborted; await pause(everyMs, signal)) {
        await now().catch((error: unknown) =>
          logger.debug({ err: error }, 'the others could not be told of this process'),
        );
      }
      await directory.leave(owner).catch((error: unknown) => logger.debug({ err: error }, 'left without a word'));
    },
  };
}
