import { z } from 'zod';
import type { Viewer } from '../accounts/viewer.ts';
import type { Config } from '../config.ts';
import { PortalError } from '../errors.ts';
import { type Catalog, type CatalogModel, canEmbed } from '../inference/catalog.ts';
import { type Embedding, type Engine, EngineError, noUsage } from '../inference/engine.ts';
import type { Usage } from '../telemetry/usage.ts';
import { limits, notFound, parseInput, requiredText } from './input.ts';
import { engineFailure } from './models.ts';
import { besideTurn, type Turns } from './turns.ts';

export interface EmbeddingInput {
  /** Null for the configured one, which is the only one. */
  model: string | null;
  texts: readonly string[];
}

interface Parts {
  engine: Pick<Engine, 'embed'>;
  catalog: Pick<Catalog, 'find'>;
  turns: Turns;
  usage: Pick<Usage, 'record'>;
  config: Pick<Config['replies'], 'timeoutMs'>;
  /** Its name in the catalogue; null where none is set. */
  modelName: string | null;
}

export type Embeddings = ReturnType<typeof createEmbeddings>;

/** With the protocol's name for it, since that is what its clients are told. */
const textsInput = z.object({
  input: z
    .array(requiredText(limits.prompt))
    .min(1, 'must hold a text')
    .max(limits.embeddingTexts, `must be at most ${limits.embeddingTexts} texts`),
});

/** What texts mean, as vectors, for clients that compare them. Nothing is stored but the count of tokens. */
export function createEmbeddings({ engine, catalog, turns, usage, config, modelName }: Parts) {
  async function choose(): Promise<{ model: CatalogModel; problem: null } | { model: null; problem: string }> {
    if (modelName === null)
      return { model: null, problem: 'This portal has no embedding model: EMBEDDING_MODEL is not set.' };
    const model = await catalog.find(modelName);
    if (model === null)
      return { model, problem: `EMBEDDING_MODEL names ${modelName}, which is not in the models folder.` };
    if (!canEmbed(model)) return { model: null, problem: `EMBEDDING_MODEL names ${modelName}: ${model.problem}` };
    return { model, problem: null };
  }

  async function usableModel(name: string | null): Promise<CatalogModel> {
    const { model, problem } = await choose();
    if (model === null) throw new PortalError('model_unavailable', problem);
    // The setting may leave the server's name out, and so may who asks.
    if (name !== null && name !== model.name && name !== modelName) {
      throw notFound(`embedding model as ${JSON.stringify(name)}; this portal has ${model.name}`);
    }
    return model;
  }

  return {
    /** The model that is set; null where none is, or it cannot be used. */
    model: async (): Promise<CatalogModel | null> => (await choose()).model,

    /** Why the model that is set cannot be used; null where it can, or none is set. */
    async problem(): Promise<string | null> {
      return modelName === null ? null : (await choose()).problem;
    },

    /**
     * Waits for its turn, users in turn; one vector of length 1 a text, in order. Rejects with the signal's reason where that aborts.
     * Throws `invalid_input`, `not_found` for another model than the one that is set, `model_unavailable`,
     * `overloaded`, `timeout`, `internal`.
     */
    async embed(
      viewer: Pick<Viewer, 'id'>,
      input: EmbeddingInput,
      signal: AbortSignal,
    ): Promise<Embedding & { model: string }> {
      const { input: texts } = parseInput(textsInput, { input: input.texts });
      const turn = turns.take(viewer.id, signal);
      const model = await besideTurn(turn, usableModel(input.model));
      const leave = await turn;
      const startedAt = performance.now();
      const late = AbortSignal.timeout(config.timeoutMs);
      try {
        const embedding = await engine.embed(model, texts, AbortSignal.any([signal, late]));
        await usage.record(viewer, {
          modelName: model.name,
          usage: { ...noUsage, promptTokens: embedding.tokens },
          generationMs: performance.now() - startedAt,
        });
        return { ...embedding, model: model.name };
      } catch (error) {
        if (late.aborted && !signal.aborted) {
          throw new PortalError('timeout', `The embeddings took longer than ${config.timeoutMs / 1000} seconds.`);
        }
        throw error instanceof EngineError ? failure(error) : error;
      } finally {
        leave();
      }
    },
  };
}

function failure(error: EngineError): PortalError {
  if (error.code === 'crashed') {
    return new PortalError('internal', 'The embedding model stopped unexpectedly.', { cause: error });
  }
  const { code, message } = engineFailure(error);
  return new PortalError(code, message, {
    cause: error,
    ...(code === 'invalid_input' ? { errors: [{ path: 'input', message }] } : { retryAfterSeconds: 30 }),
  });
}
