import type { Dialect, ListedModel, ModelEntry } from './dialect.ts';
import { numberOf, unknownModel } from './untrusted.ts';

/** Any server of the protocol of which no more is known: it is told what OpenAI's own takes, since some refuse the rest. */
export const openai: Dialect = {
  kind: 'openai',
  list: async (_client, entries) => entries.map(listed),
  capacity: async (_client, { contextLength }) => ({ contextLength, sequences: null }),
  countPrompt: null,
  sampling: ({ temperature, topP, seed }) => ({ temperature, top_p: topP, ...(seed !== null && { seed }) }),
  continuing: null,
  goesOn: null,
};

function listed(entry: ModelEntry): ListedModel {
  // OpenRouter's, vLLM's behind a proxy, and Groq's word for it.
  const contextLength =
    numberOf(entry.context_length) ?? numberOf(entry.max_model_len) ?? numberOf(entry.context_window);
  return { ...unknownModel(entry.id), contextLength };
}
