import type { Config } from '../../config.ts';
import type { Catalog, CatalogModel } from '../catalog.ts';
import type { ListedModel } from './dialect.ts';
import type { RemoteServer } from './remote-server.ts';

interface Parts {
  /** The models folder. */
  local: Catalog;
  servers: readonly RemoteServer[];
  config: Pick<Config['models'], 'preferred' | 'embedding'>;
  /** The built-in guide, which a server's model comes before; null for none. */
  guideFile?: string | null;
}

/** A server's list is good for so long; where it loads models when they are asked for, what is loaded is old sooner. */
const freshMs = 300_000;
const freshOfLoadedMs = 10_000;
/** Whoever asks for a model that is not known may know more than we do, but is not believed more often than this. */
const freshOfUnknownMs = 5_000;
/** So long the first look at a server is waited for, and a look for the list that people see. */
const waitForFirstMs = 3_000;
const waitForListMs = 1_000;

/**
 * The models folder, and behind it the models of each server, in the order of the settings. A server's models are named `server/model`,
 * which no file's name can be; the server's own name finds them too where it is the only one of that name. Of a server that is not
 * well the models that were known keep their place, with the reason as their problem.
 */
export function createRemoteCatalog({ local, servers, config, guideFile = null }: Parts): Catalog {
  async function listServer(server: RemoteServer, waitMs: number): Promise<CatalogModel[]> {
    const models = await server.models(server.loadsOnDemand() ? freshOfLoadedMs : freshMs, waitMs);
    return models.map((model) => describe(server, model));
  }

  async function remote(waitMs: number): Promise<CatalogModel[]> {
    const wait = (server: RemoteServer) => (server.isKnown() ? waitMs : waitForFirstMs);
    return (await Promise.all(servers.map((server) => listServer(server, wait(server))))).flat();
  }

  function pick(models: readonly CatalogModel[], name: string): CatalogModel | null {
    const exact = models.find((model) => model.name === name);
    if (exact !== undefined) return exact;
    const [only, another] = models.filter(({ path }) => path === name);
    return another === undefined ? (only ?? null) : null;
  }

  async function find(name: string): Promise<CatalogModel | null> {
    const file = await local.find(name);
    if (file !== null) return file;
    const known = pick(await remote(0), name);
    if (known !== null) return known;
    await Promise.all(servers.map((server) => server.models(freshOfUnknownMs, waitForFirstMs)));
    return pick(await remote(0), name);
  }

  /** What is wrong with servers, as the end of a sentence. */
  function complaints(): string {
    const problems = servers.flatMap((server) => server.problem() ?? []);
    return problems.length === 0 ? '' : ` ${problems.join(' ')}`;
  }

  async function chooseDefault(): Promise<{ model: CatalogModel; problem: null } | { model: null; problem: string }> {
    if (config.preferred !== null) {
      const model = await find(config.preferred);
      if (model === null) {
        const nowhere = 'which is neither in the models folder nor listed by a server.';
        return { model, problem: `MODEL names ${config.preferred}, ${nowhere}${complaints()}` };
      }
      if (model.problem === null) return { model, problem: null };
      return { model: null, problem: `MODEL names ${config.preferred}: ${model.problem}` };
    }
    const file = await local.defaultModel();
    const comesFirst = file !== null && file.name !== config.embedding && file.path !== guideFile;
    if (comesFirst) return { model: file, problem: null };
    const models = (await remote(0)).filter(({ name, path }) => config.embedding !== name && config.embedding !== path);
    const usable = models.find(({ problem }) => problem === null);
    if (usable !== undefined) return { model: usable, problem: null };
    // While a server is not well, nobody is answered by a lesser model in its place without a word.
    if (file !== null && complaints() === '') return { model: file, problem: null };
    return { model: null, problem: `No model can answer.${complaints()}` };
  }

  return {
    async list() {
      const [files, others] = await Promise.all([local.list(), remote(waitForListMs)]);
      return [...files, ...others];
    },
    find,
    defaultModel: async () => (await chooseDefault()).model,
    defaultProblem: async () => (await chooseDefault()).problem,
    forget: () => servers.reduce((sum, server) => sum + server.forget(), local.forget()),
  };
}

function describe(server: RemoteServer, listed: ListedModel): CatalogModel {
  const { id, digest, sizeBytes, modifiedAt, loaded, parameters, quantization, contextLength } = listed;
  const { name } = server.config;
  const problem = server.problem();
  return {
    name: `${name}/${id}`,
    path: id,
    sizeBytes,
    modifiedAt,
    header: null,
    problem,
    notice: null,
    memoryEstimateBytes: null,
    remote: {
      server: name,
      provider: server.provider(),
      digest,
      loaded: loaded && problem === null,
      parameters,
      quantization,
      contextLength: server.config.contextLength ?? contextLength,
    },
  };
}
