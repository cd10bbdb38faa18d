import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import type { Catalog } from '../catalog.ts';
import { createCompositeEngine } from '../composite-engine.ts';
import type { Engine } from '../engine.ts';
import { createOpenAiEngine } from './openai-engine.ts';
import { createRemoteCatalog } from './remote-catalog.ts';
import { createRemoteServer } from './remote-server.ts';

interface Parts {
  config: Pick<Config, 'servers' | 'serverTimeouts' | 'models'>;
  /** Files, and what runs them. */
  local: { engine: Engine; catalog: Catalog };
  /** The built-in guide, which a server's model comes before; null for none. */
  guideFile: string | null;
  logger: Logger;
}

/** Files and the models of servers beside each other, as one engine and one catalogue. */
export function addRemoteModels({ config, local, guideFile, logger }: Parts) {
  const timeouts = config.serverTimeouts;
  const servers = config.servers.map((server) => createRemoteServer(server, timeouts, logger));
  const remote = createOpenAiEngine({ servers, sequences: config.models.sequences, timeouts });
  return {
    engine: createCompositeEngine({ local: local.engine, remote }),
    catalog: createRemoteCatalog({ local: local.catalog, servers, config: config.models, guideFile }),
    servers: servers.map(({ config: { name }, problem }) => ({ name, problem })),
  };
}
