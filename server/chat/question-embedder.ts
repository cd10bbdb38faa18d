import type { Embedder } from '../cache/question-vectors.ts';
import { type Catalog, canEmbed } from '../inference/catalog.ts';
import type { Engine } from '../inference/engine.ts';
import { modelKey } from './models.ts';

interface Parts {
  engine: Pick<Engine, 'embed'>;
  catalog: Pick<Catalog, 'find'>;
  /** Its name in the catalogue. */
  modelName: string;
}

/** The embedding model for the portal's own questions: they take no turn, and are counted for nobody. Null while it cannot be used. */
export function createQuestionEmbedder({ engine, catalog, modelName }: Parts): () => Promise<Embedder | null> {
  return async () => {
    const model = await catalog.find(modelName);
    if (model === null || !canEmbed(model)) return null;
    return {
      model: modelKey(model),
      async embed(text, signal) {
        const { vectors } = await engine.embed(model, [text], signal);
        return vectors[0] ?? [];
      },
    };
  };
}
