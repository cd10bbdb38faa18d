import { lstat, mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { v7 as uuid } from 'uuid';
import type { Config } from '../../config.ts';
import { PortalError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { pause } from '../../pause.ts';
import { type Download, type Downloads, downloadLimits, type PullableModel } from '../downloads.ts';
import { estimateMemory, planMemory } from '../memory-estimate.ts';
import { type CuratedModel, curatedModels } from './curated-models.ts';
import { DownloadProblem } from './download-problem.ts';
import { createDownloadRecords, type DownloadRecord } from './download-records.ts';
import { createModelHost } from './model-host.ts';
import { curatedName, fileNameOf, type ModelSource, sourceOf } from './model-source.ts';
import { placeModel, prepareFolder, removeCopy } from './place-model.ts';
import { createSpeed, type Speed } from './speed.ts';
import { sizeOf, type TransferLimits, transfer } from './transfer.ts';

interface Options {
  config: Config['downloads'];
  models: Pick<Config['models'], 'dir' | 'sequences' | 'contextLength'>;
  dataDir: string;
  logger: Logger;
  /** Tests bring other files, limits and disks. */
  curated?: readonly CuratedModel[];
  limits?: Partial<TransferLimits>;
  freeBytes?: (folder: string) => Promise<number>;
}

interface Running {
  record: DownloadRecord;
  target: string;
  speed: Speed;
  controller: AbortController;
  ended: Promise<void>;
}

/** Why a download is broken off from outside. */
type Interruption = 'cancelled' | 'stopping';

const followEveryMs = 250;

/** Pulls from Hugging Face or a mirror of it, with `fetch`. */
export function createHubDownloads(options: Options): Downloads {
  const { config, models, dataDir, logger, curated = curatedModels, freeBytes = freeBytesOf } = options;
  const limits: TransferLimits = { ...downloadLimits, ...options.limits };
  const folder = path.join(dataDir, 'downloads');
  const records = createDownloadRecords(folder);
  const host = createModelHost(config);
  const running = new Map<string, Running>();
  const known = new Map<string, DownloadRecord>();
  let loading: Promise<void> | null = null;
  let stopped = false;

  async function load(): Promise<void> {
    for (const record of await records.load()) {
      if (record.status === 'running') {
        const error = 'The portal stopped before it was whole. Pull it again: it goes on where it stopped.';
        Object.assign(record, { status: 'failed', error, receivedBytes: await sizeOf(records.partOf(record.id)) });
        await removeCopy(records.partOf(record.id), models.dir);
      }
      known.set(record.id, record);
    }
  }

  function loaded(): Promise<void> {
    loading ??= load();
    return loading;
  }

  function begin(source: ModelSource, target: string): Running {
    const failed = [...known.values()].find(({ name, status }) => name === source.name && status === 'failed');
    const record: DownloadRecord = failed ?? {
      id: uuid(),
      name: source.name,
      status: 'running',
      error: null,
      receivedBytes: 0,
      totalBytes: source.sizeBytes,
      sha256: null,
      etag: null,
      startedAt: Date.now(),
    };
    Object.assign(record, { status: 'running', error: null, startedAt: Date.now() });
    // The newest is last.
    known.delete(record.id);
    known.set(record.id, record);
    const download: Running = {
      record,
      target,
      speed: createSpeed(),
      controller: new AbortController(),
      ended: Promise.resolve(),
    };
    running.set(record.id, download);
    download.ended = run(download, source);
    return download;
  }

  /** Never rejects: how it ended stands in the record. */
  async function run(download: Running, source: ModelSource): Promise<void> {
    const { record, controller, speed, target } = download;
    const part = records.partOf(record.id);
    try {
      await mkdir(folder, { recursive: true });
      await records.save(record);
      await prepareFolder(models.dir);
      logger.info(`pulling ${source.name}`);
      await transfer({
        source,
        part,
        state: record,
        host,
        limits,
        freeBytes: () => freeBytes(folder),
        signal: controller.signal,
        saveState: () => records.save(record),
        onProgress: (received) => {
          record.receivedBytes = received;
          speed.note(received);
        },
      });
      controller.signal.throwIfAborted();
      await placeModel(part, target);
      record.status = 'complete';
      logger.info(`${source.name} is in the models folder`);
    } catch (error) {
      await endBadly(record, part, error, controller.signal);
    }
    await finish(record);
  }

  async function endBadly(record: DownloadRecord, part: string, error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted && (signal.reason as Interruption) === 'stopping') return;
    if (signal.aborted) {
      record.status = 'cancelled';
      await rm(part, { force: true });
      return;
    }
    record.status = 'failed';
    record.error = error instanceof DownloadProblem ? error.message : 'It failed for a reason that the log has.';
    record.receivedBytes = await sizeOf(part);
    if (error instanceof DownloadProblem) logger.warn(`${record.name} could not be pulled: ${error.message}`);
    else logger.error({ err: error }, `${record.name} could not be pulled`);
  }

  async function finish(record: DownloadRecord): Promise<void> {
    running.delete(record.id);
    try {
      await records.save(record);
      const ended = [...known.values()].filter(({ status }) => status !== 'running');
      for (const { id } of ended.slice(0, Math.max(0, ended.length - downloadLimits.remembered))) {
        known.delete(id);
        await records.remove(id);
      }
    } catch (error) {
      logger.warn({ err: error }, 'what is known of a download could not be saved');
    }
  }

  function view({ id, name, status, receivedBytes, totalBytes, error }: DownloadRecord): Download {
    const bytesPerSecond = status === 'running' ? (running.get(id)?.speed.perSecond() ?? 0) : 0;
    return { id, name, status, receivedBytes, totalBytes, bytesPerSecond, error };
  }

  async function* watch(record: DownloadRecord, signal: AbortSignal): AsyncGenerator<Download, void> {
    for (let shown = ''; !signal.aborted; ) {
      const now = view(record);
      if (shown !== JSON.stringify(now)) yield now;
      shown = JSON.stringify(now);
      if (!running.has(record.id)) return;
      await pause(followEveryMs, signal);
    }
  }

  return {
    catalogue: () => curated.map((model) => pullable(model, models)),

    async pull(name) {
      const source = sourceOf(name, curated);
      const target = path.join(models.dir, fileNameOf(source));
      await loaded();
      const present = await lstat(target).catch(() => null);
      // From here to `begin` without a wait, so that two who ask at once find one another.
      const same = [...running.values()].find((one) => one.target.toLowerCase() === target.toLowerCase());
      if (same?.record.name === name) return view(same.record);
      const file = path.basename(target);
      if (same !== undefined) throw new PortalError('conflict', `${same.record.name} is becoming ${file} already.`);
      if (present !== null) throw new PortalError('conflict', `${file} is in the models folder already.`);
      if (stopped || running.size >= downloadLimits.atOnce) {
        const message = `${downloadLimits.atOnce} models are being pulled already: wait for one, or cancel it.`;
        throw new PortalError('overloaded', message, { retryAfterSeconds: 60 });
      }
      return view(begin(source, target).record);
    },

    async find(id) {
      await loaded();
      const record = known.get(id);
      return record === undefined ? null : view(record);
    },

    async list() {
      await loaded();
      return [...known.values()].reverse().map(view);
    },

    async cancel(id) {
      await loaded();
      const record = known.get(id);
      if (record === undefined) return null;
      const download = running.get(id);
      if (download !== undefined) {
        download.controller.abort('cancelled' satisfies Interruption);
        await download.ended;
      } else if (record.status === 'failed') {
        Object.assign(record, { status: 'cancelled', error: null });
        await rm(records.partOf(id), { force: true });
        await finish(record);
      }
      return view(record);
    },

    async follow(id, signal) {
      await loaded();
      const record = known.get(id);
      return record === undefined ? null : watch(record, signal);
    },

    async stop() {
      stopped = true;
      for (const { controller } of running.values()) controller.abort('stopping' satisfies Interruption);
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}

function pullable(model: CuratedModel, config: Options['models']): PullableModel {
  const { repository, parameters, quantization, license, sizeBytes, contextLength, vocabularySize } = model;
  const kvBytesPerToken = model.layers * model.kvHeads * model.headSize * 2 * 2;
  const size = { header: { contextLength, vocabularySize, kvBytesPerToken }, sizeBytes };
  return {
    name: curatedName(model),
    repository,
    parameters,
    quantization,
    license,
    sizeBytes,
    memoryEstimateBytes: estimateMemory(size, config),
    leastMemoryBytes: planMemory(size, config, 0).bytes,
  };
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
