import type { ServerConfig, ServerKind } from '../../config-servers.ts';
import type { Dialect, ModelEntry } from './dialect.ts';
import { llamaServer } from './dialect-llama-server.ts';
import { ollama } from './dialect-ollama.ts';
import { openai } from './dialect-openai.ts';
import { vllm } from './dialect-vllm.ts';
import type { ServerClient } from './server-client.ts';

const dialects: Record<ServerKind, Dialect> = { vllm, 'llama-server': llamaServer, ollama, openai };

const continuations = {
  continue: { add_generation_prompt: false, continue_final_message: true },
  prefill: {},
  never: null,
};

/** The dialect of this server, as it is set or by how it looks. */
export async function findDialect(
  { kind, resume }: Pick<ServerConfig, 'kind' | 'resume'>,
  client: ServerClient,
  entries: readonly ModelEntry[],
  signal: AbortSignal,
): Promise<Dialect> {
  const dialect = dialects[kind ?? (await guessKind(client, entries, signal))];
  return resume === null ? dialect : { ...dialect, continuing: continuations[resume], goesOn: null };
}

async function guessKind(
  client: ServerClient,
  entries: readonly ModelEntry[],
  signal: AbortSignal,
): Promise<ServerKind> {
  const owners = new Set(entries.map(({ owned_by }) => owned_by));
  if (owners.has('vllm')) return 'vllm';
  if (owners.has('llamacpp')) return 'llama-server';
  return (await isOllama(client, signal)) ? 'ollama' : 'openai';
}

/** Only Ollama answers here; who does not know the address, or is not there, is not it. */
async function isOllama({ native }: ServerClient, signal: AbortSignal): Promise<boolean> {
  if (native === null) return false;
  try {
    const tags = await native.get('/api/tags', signal);
    return Array.isArray((tags as { models?: unknown } | null)?.models);
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
