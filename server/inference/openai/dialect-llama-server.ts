import type { PromptMessage } from '../engine.ts';
import type { Capacity, Dialect, ListedModel, ModelEntry } from './dialect.ts';
import type { ServerClient } from './server-client.ts';
import { ServerError } from './server-error.ts';
import { numberOf, textOf, unknownModel, valueAt } from './untrusted.ts';

const continuing = { add_generation_prompt: false, continue_final_message: true };

/** llama.cpp's llama-server, with one model or, as a router, with several. */
export const llamaServer: Dialect = {
  kind: 'llama-server',
  list: async (_client, entries) => entries.map(listed),
  capacity,
  async countPrompt({ native }, model, messages, signal) {
    const plain = messages.map(({ role, content }) => ({ role, content }));
    const rendered = await native?.post('/apply-template', { model, messages: plain }, signal);
    const content = valueAt(rendered, 'prompt');
    if (typeof content !== 'string') throw new ServerError('unavailable', 'The server does not render prompts.');
    const counted = await native?.post('/tokenize', { model, content, add_special: true, parse_special: true }, signal);
    const tokens = valueAt(counted, 'tokens');
    if (!Array.isArray(tokens)) throw new ServerError('unavailable', 'The server does not count tokens.');
    return tokens.length;
  },
  sampling: ({ temperature, topP, topK, minP, repeatPenalty, seed }) => ({
    temperature,
    top_p: topP,
    top_k: topK,
    min_p: minP,
    repeat_penalty: repeatPenalty,
    ...(seed !== null && { seed }),
    // So that a long prompt on a slow machine is no silence.
    return_progress: true,
  }),
  // Older ones go on with a last message of the assistant unasked, still older ones begin anew, and neither knows the words.
  continuing,
  goesOn,
};

function listed({ id, meta, status }: ModelEntry): ListedModel {
  const state = valueAt(status, 'value');
  const parameters = numberOf(valueAt(meta, 'n_params'));
  return {
    ...unknownModel(id),
    // Only a router says: the one model of the others is in memory.
    loaded: state === undefined || state === 'loaded',
    sizeBytes: numberOf(valueAt(meta, 'size')),
    parameters: parameters === null ? null : inShort(parameters),
    quantization: textOf(valueAt(meta, 'ftype')),
    contextLength: numberOf(valueAt(meta, 'n_ctx')),
  };
}

/** Renders the prompt: it goes on where that ends with the answer so far. */
async function goesOn(
  { native }: ServerClient,
  model: string,
  messages: readonly PromptMessage[],
  signal: AbortSignal,
): Promise<boolean> {
  const plain = messages.map(({ role, content }) => ({ role, content }));
  const prompt = valueAt(
    await native?.post('/apply-template', { model, messages: plain, ...continuing }, signal),
    'prompt',
  );
  const begun = messages.at(-1)?.content.trim() ?? '';
  return typeof prompt === 'string' && prompt.trimEnd().endsWith(begun);
}

async function capacity(
  { native }: ServerClient,
  { id, contextLength }: ListedModel,
  signal: AbortSignal,
): Promise<Capacity> {
  const props = await native?.get(`/props?model=${encodeURIComponent(id)}`, signal);
  return {
    contextLength: numberOf(valueAt(props, 'default_generation_settings', 'n_ctx')) ?? contextLength,
    sequences: numberOf(valueAt(props, 'total_slots')),
  };
}

function inShort(parameters: number): string {
  const [unit, letter] = parameters >= 1e9 ? [1e9, 'B'] : [1e6, 'M'];
  return `${Number((parameters / unit).toPrecision(2))}${letter}`;
}
