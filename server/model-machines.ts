import { type CountPrompt, countPrompt } from './chat/message-room.ts';
import { createDistantCount } from './chat/workers/distant-count.ts';
import {
  createDistantCatalog,
  createDistantDownloads,
  createDistantEngine,
  type DistantEngine,
} from './chat/workers/distant-models.ts';
import { createWorkerView, type WorkerView } from './chat/workers/worker-view.ts';
import type { Config } from './config.ts';
import { type Catalog, createCatalog } from './inference/catalog.ts';
import { createHubDownloads } from './inference/downloads/hub-downloads.ts';
import type { Downloads } from './inference/downloads.ts';
import type { Engine } from './inference/engine.ts';
import { guideFile } from './inference/guide-model.ts';
import { createLlamaEngine } from './inference/llama/llama-engine.ts';
import { memoryForOneModel } from './inference/memory.ts';
import { addRemoteModels } from './inference/openai/remote-models.ts';
import { traceEngine } from './inference/traced-engine.ts';
import type { Logger } from './logger.ts';
import type { Calls } from './stores/calls.ts';

/** The models, wherever they are. */
export interface ModelMachines {
  engine: DistantEngine;
  catalog: Catalog;
  downloads: Downloads;
  count: CountPrompt;
  /** What a model may take of the machine that would hold it. */
  memoryBytes: () => number;
  /** The engine of this process; null where it holds no model. */
  own: Engine | null;
  /** The processes that hold models, for one that holds none; null for one that does. */
  view: WorkerView | null;
  /** Other people's servers that run models, and why one cannot be used. */
  servers: readonly { name: string; problem(): string | null }[];
}

interface Options {
  config: Config;
  /** In place of the configured engine and of our own guide. */
  overrides: { engine?: Engine; guideFile?: string | null };
  calls: Calls | null;
  /** Whether somebody collects traces. */
  traced: boolean;
  logger: Logger;
}

/** Models in this process or, for `ROLE=api`, in others: then no engine is made here at all. */
export function createModelMachines({ config, overrides, calls, traced, logger }: Options): ModelMachines {
  const { dataDir } = config;
  const downloads = createHubDownloads({ config: config.downloads, models: config.models, dataDir, logger });
  if (config.role === 'api') {
    const view = createWorkerView({ calls, logger });
    return {
      engine: createDistantEngine({ view }),
      catalog: createDistantCatalog({ view }),
      downloads: createDistantDownloads({ view, catalogue: downloads.catalogue }),
      count: createDistantCount({ view }),
      memoryBytes: () => Math.max(0, ...view.known().map(({ record }) => record.memoryBytes)),
      own: null,
      view,
      servers: [],
    };
  }
  const alone = config.servers.length === 0;
  const guide = overrides.guideFile === undefined ? guideFile : overrides.guideFile;
  const local = {
    engine:
      overrides.engine ??
      createLlamaEngine({ config: config.models, sharedSystemPrompt: config.replies.systemPrompt, logger }),
    catalog: createCatalog({ config: config.models, dataDir, guideFile: guide, logger, standIn: alone }),
  };
  const {
    engine: bare,
    catalog,
    servers,
  } = alone ? { ...local, servers: [] } : addRemoteModels({ config, local, guideFile: guide, logger });
  const own = traced ? traceEngine(bare) : bare;
  return {
    engine: own,
    catalog,
    downloads,
    count: (...question) => countPrompt(own, ...question),
    memoryBytes: memoryForOneModel,
    own,
    view: null,
    servers,
  };
}
