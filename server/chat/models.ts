import { requireAdmin, type Viewer } from '../accounts/viewer.ts';
import { type ErrorCode, PortalError } from '../errors.ts';
import type { Catalog, CatalogModel } from '../inference/catalog.ts';
import { type Engine, EngineError } from '../inference/engine.ts';
import { notFound } from './input.ts';

/** A model as people see it: its file, and where it stands in the engine. */
export interface ModelInfo extends CatalogModel {
  loaded: boolean;
  isDefault: boolean;
  /** What runs it: `llama.cpp` here, else the kind of its server. */
  provider: string;
  parameters: string | null;
  quantization: string | null;
  contextLength: number | null;
  threads: number | null;
}

/** Tells models apart whose tokens mean different things: another file is another model, also under the same name. */
export function modelKey({ name, sizeBytes, modifiedAt, remote }: CatalogModel): string {
  if (remote !== null) return `${name} ${sizeBytes ?? '-'} ${remote.digest ?? '-'}`;
  return `${name} ${sizeBytes} ${modifiedAt?.getTime() ?? '-'}`;
}

export type Models = ReturnType<typeof createModels>;

/** The models that could answer. */
export function createModels({
  catalog,
  engine,
}: {
  catalog: Catalog;
  engine: Pick<Engine, 'status' | 'load' | 'unload'>;
}) {
  async function list(): Promise<ModelInfo[]> {
    const [models, preferred] = await Promise.all([catalog.list(), catalog.defaultModel()]);
    const { loaded } = engine.status();
    return models.map((model) => {
      const { header, remote } = model;
      const here = remote === null && loaded?.name === model.name ? loaded : null;
      return {
        ...model,
        loaded: remote?.loaded ?? here !== null,
        isDefault: preferred?.name === model.name,
        provider: remote?.provider ?? 'llama.cpp',
        parameters: remote?.parameters ?? header?.parameters ?? null,
        quantization: remote?.quantization ?? header?.quantization ?? null,
        contextLength: remote?.contextLength ?? header?.contextLength ?? null,
        threads: here?.threads ?? null,
        notice: here?.notice ?? model.notice,
      };
    });
  }

  async function find(name: string): Promise<ModelInfo | null> {
    const known = await catalog.find(name);
    return known && ((await list()).find((model) => model.name === known.name) ?? null);
  }

  /** The model as it is now. Throws `forbidden`, `not_found`. */
  async function managed(viewer: Viewer, name: string): Promise<ModelInfo> {
    await requireAdmin(viewer);
    const model = await find(name);
    if (model === null) throw notFound('model');
    return model;
  }

  return {
    list,
    find,

    /**
     * Makes this model the loaded one, after the replies that run with the one before; of a server, only looks whether it answers, since
     * what it holds in memory is its own business. Throws `forbidden`, `not_found`, and
     * `model_unavailable` with the reason where it cannot be loaded.
     */
    async load(viewer: Viewer, name: string): Promise<ModelInfo> {
      const model = await managed(viewer, name);
      if (model.problem !== null) throw unavailable(unusable(name, model));
      try {
        await engine.load(model);
      } catch (error) {
        if (error instanceof EngineError) throw unavailable(error.message, error);
        throw error;
      }
      return managed(viewer, name);
    },

    /**
     * Lets this model go, after the replies that run with it; one that is not loaded stays so, and one of a server is left to that. The next message loads it
     * again. Throws `forbidden`, `not_found`.
     */
    async unload(viewer: Viewer, name: string): Promise<ModelInfo> {
      const { loaded, remote } = await managed(viewer, name);
      if (loaded && remote === null) await engine.unload();
      return managed(viewer, name);
    },

    /** Forgets what was read of the models, so that it is read anew; says of how many. */
    forget: () => catalog.forget(),

    /** The model of sessions that chose none; null where none is usable. */
    async default(): Promise<ModelInfo | null> {
      return (await list()).find((model) => model.isDefault) ?? null;
    },

    /** The model that answers in a session which chose `name`. Throws `model_unavailable` where none can. */
    async usable(name: string | null): Promise<CatalogModel> {
      const model = name === null ? await catalog.defaultModel() : await catalog.find(name);
      if (model !== null && model.problem === null) return model;
      const reason = name === null ? await catalog.defaultProblem() : unusable(name, model);
      throw unavailable(reason ?? 'No model can answer.');
    },
  };
}

function unavailable(reason: string, cause?: unknown): PortalError {
  return new PortalError('model_unavailable', reason, { retryAfterSeconds: 30, cause });
}

function unusable(name: string, model: CatalogModel | null): string {
  if (model === null) return `There is no model ${name}: it is neither in the models folder nor listed by a server.`;
  return `The model ${name} cannot be used: ${model.problem}`;
}

/** What an engine could not do, in words for people and a code of the closed list. */
export function engineFailure({ code, message }: EngineError): { code: ErrorCode; message: string } {
  switch (code) {
    case 'prompt_too_long':
      return { code: 'invalid_input', message };
    case 'failed':
      return {
        code: 'internal',
        message: 'Something went wrong inside the engine with this request; the log has the details.',
      };
    case 'crashed':
      return { code: 'internal', message: 'The model stopped unexpectedly while it wrote this answer.' };
    case 'cannot_load':
    case 'stopped':
    case 'unavailable':
      return { code: 'model_unavailable', message };
    case 'overloaded':
    case 'timeout':
      return { code, message };
  }
}
