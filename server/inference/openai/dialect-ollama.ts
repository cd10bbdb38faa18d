import type { Capacity, Dialect, ListedModel } from './dialect.ts';
import { openai } from './dialect-openai.ts';
import type { ServerClient } from './server-client.ts';
import { numberOf, textOf, unknownModel, valueAt } from './untrusted.ts';

/** What it gives a conversation where nothing else is set; it cuts longer ones without a word. */
const usualContext = 4096;

/**
 * Ollama. What goes on with an answer depends on the model's template there, and a template that does not begins the answer anew: so it
 * is not asked to, unless `resume` says so.
 */
export const ollama: Dialect = {
  ...openai,
  kind: 'ollama',
  async list({ native }, _entries, signal) {
    const [tags, running] = await Promise.all([
      native?.get('/api/tags', signal),
      native?.get('/api/ps', signal).catch(() => null),
    ]);
    const loaded = new Set(modelsOf(running).map((model) => valueAt(model, 'name')));
    return modelsOf(tags).flatMap((model): ListedModel[] => {
      const id = textOf(valueAt(model, 'name'));
      if (id === null) return [];
      const modifiedAt = new Date(String(valueAt(model, 'modified_at')));
      return [
        {
          ...unknownModel(id),
          digest: textOf(valueAt(model, 'digest')),
          loaded: loaded.has(id),
          sizeBytes: numberOf(valueAt(model, 'size')),
          modifiedAt: Number.isNaN(modifiedAt.getTime()) ? null : modifiedAt,
          parameters: textOf(valueAt(model, 'details', 'parameter_size')),
          quantization: textOf(valueAt(model, 'details', 'quantization_level')),
        },
      ];
    });
  },
  capacity,
};

/** What it runs with, where it runs; else what it would run with. */
async function capacity({ native }: ServerClient, { id }: ListedModel, signal: AbortSignal): Promise<Capacity> {
  const [running, shown] = await Promise.all([
    native?.get('/api/ps', signal),
    native?.post('/api/show', { model: id }, signal),
  ]);
  const now = modelsOf(running).find((model) => valueAt(model, 'name') === id);
  return { contextLength: numberOf(valueAt(now, 'context_length')) ?? contextOf(shown), sequences: null };
}

function contextOf(shown: unknown): number {
  const info = valueAt(shown, 'model_info');
  const architecture = textOf(valueAt(info, 'general.architecture'));
  const most = numberOf(valueAt(info, `${architecture}.context_length`)) ?? usualContext;
  const [, set] = /^num_ctx\s+(\d+)$/m.exec(String(valueAt(shown, 'parameters'))) ?? [];
  return Math.min(most, numberOf(Number(set)) ?? usualContext);
}

function modelsOf(answer: unknown): unknown[] {
  const models = valueAt(answer, 'models');
  return Array.isArray(models) ? models : [];
}
