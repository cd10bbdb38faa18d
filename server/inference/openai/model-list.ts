import { z } from 'zod';
import type { ServerConfig } from '../../config-servers.ts';
import type { Dialect, ListedModel } from './dialect.ts';
import { findDialect } from './find-dialect.ts';
import type { ServerClient } from './server-client.ts';
import { ServerError } from './server-error.ts';

/** What a server is and which models it has. */
export interface ModelList {
  dialect: Dialect;
  models: readonly ListedModel[];
}

/** More than any server has; what lists more is cut. */
const mostModels = 2_000;
const longestName = 200;
/** A list is at hand; who waits for one waits for a model that may not answer either. */
const withinMs = 10_000;

const shape = z.object({ data: z.array(z.looseObject({ id: z.string().min(1).max(longestName) })) });

/** Asks the server. Rejects as `ServerClient` does. */
export async function readModelList(
  config: ServerConfig,
  client: ServerClient,
  signal: AbortSignal,
): Promise<ModelList> {
  const answer = shape.safeParse(await client.get('/models', signal, withinMs));
  if (!answer.success) {
    throw new ServerError(
      'unavailable',
      `The server ${config.name} does not list its models as OpenAI's protocol has it.`,
    );
  }
  const entries = answer.data.data.slice(0, mostModels);
  const dialect = await findDialect(config, client, entries, signal);
  return { dialect, models: await dialect.list(client, entries, signal) };
}
