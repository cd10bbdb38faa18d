import type { Dialect } from './dialect.ts';
import { ServerError } from './server-error.ts';
import { numberOf, unknownModel, valueAt } from './untrusted.ts';

/** vLLM: its models are in memory as long as it runs. */
export const vllm: Dialect = {
  kind: 'vllm',
  list: async (_client, entries) =>
    entries.map(({ id, max_model_len }) => ({
      ...unknownModel(id),
      loaded: true,
      contextLength: numberOf(max_model_len),
    })),
  capacity: async (_client, { contextLength }) => ({ contextLength, sequences: null }),
  async countPrompt({ native }, model, messages, signal) {
    const question = {
      model,
      messages: messages.map(({ role, content }) => ({ role, content })),
      add_generation_prompt: true,
    };
    const count = numberOf(valueAt(await native?.post('/tokenize', question, signal), 'count'));
    if (count === null) throw new ServerError('unavailable', 'The server does not count tokens.');
    return count;
  },
  sampling: ({ temperature, topP, topK, minP, repeatPenalty, seed }) => ({
    temperature,
    top_p: topP,
    // Its word for all of them.
    top_k: topK === 0 ? -1 : topK,
    min_p: minP,
    repetition_penalty: repeatPenalty,
    ...(seed !== null && { seed }),
  }),
  continuing: { add_generation_prompt: false, continue_final_message: true },
  goesOn: null,
};
