import { type ErrorCode, PortalError } from '../errors.ts';
import type { Catalog, CatalogModel } from '../inference/catalog.ts';
import type { Engine, EngineError } from '../inference/engine.ts';

/** A model as people see it: its file, and where it stands in the engine. */
export interface ModelInfo extends CatalogModel {
  loaded: boolean;
  isDefault: boolean;
  threads: number | null;
}

/** Tells models apart whose tokens mean different things: another file is another model, also under the same name. */
export function modelKey({ name, sizeBytes, modifiedAt }: CatalogModel): string {
  return `${name} ${sizeBytes} ${modifiedAt.getTime()}`;
}

export type Models = ReturnType<typeof createModels>;

/** The models that could answer. */
export function createModels({ catalog, engine }: { catalog: Catalog; engine: Engine }) {
  async function list(): Promise<ModelInfo[]> {
    const [models, preferred] = await Promise.all([catalog.list(), catalog.defaultModel()]);
    const { loaded } = engine.status();
    return models.map((model) => ({
      ...model,
      loaded: loaded?.name === model.name,
      isDefault: preferred?.name === model.name,
      threads: loaded?.name === model.name ? loaded.threads : null,
    }));
  }

  return {
    list,

    async find(name: string): Promise<ModelInfo | null> {
      return (await list()).find((model) => model.name === name) ?? null;
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
      throw new PortalError('model_unavailable', reason ?? 'No model can answer.', { retryAfterSeconds: 30 });
    },
  };
}

function unusable(name: string, model: CatalogModel | null): string {
  if (model === null) return `The model ${name} is not in the models folder.`;
  return `The model ${name} cannot be used: ${model.problem}`;
}

/** What an engine could not do, in words for people and a code of the closed list. */
export function engineFailure({ code, message }: EngineError): { code: ErrorCode; message: string } {
  switch (code) {
    case 'prompt_too_long':
      return { code: 'invalid_input', message };
    case 'crashed':
      return { code: 'internal', message: 'The model stopped unexpectedly while it wrote this answer.' };
    case 'cannot_load':
    case 'stopped':
      return { code: 'model_unavailable', message };
  }
}
