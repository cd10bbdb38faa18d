import { z } from 'zod';
import type { Embedding } from '../engine.ts';
import type { RemoteServer } from './remote-server.ts';
import { ServerError } from './server-error.ts';

/** Texts of one request: an answer of a thousand vectors is megabytes of digits. */
const textsAtOnce = 32;

const shape = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z
    .object({ prompt_tokens: z.int().min(0) })
    .nullish()
    .catch(null),
});

/** One vector of length 1 a text, in order. Rejects with a ServerError, and with the signal's reason. */
export async function embedTexts(
  { config, client, breaker }: RemoteServer,
  model: string,
  texts: readonly string[],
  withinMs: number,
  signal: AbortSignal,
): Promise<Embedding> {
  const vectors: number[][] = [];
  let tokens = 0;
  signal.throwIfAborted();
  for (let from = 0; from < texts.length; from += textsAtOnce) {
    const input = texts.slice(from, from + textsAtOnce);
    const passage = await breaker.pass(signal);
    try {
      const answer = await client.post('/embeddings', { model, input, encoding_format: 'float' }, signal, withinMs);
      const part = readVectors(config.name, answer, input.length);
      passage.succeeded();
      vectors.push(...part.vectors);
      tokens += part.tokens;
    } catch (error) {
      if (error instanceof ServerError && error.broken) passage.failed(error.message);
      throw error;
    } finally {
      passage.left();
    }
  }
  return { vectors, tokens };
}

function readVectors(server: string, answer: unknown, count: number): Embedding {
  const { data: embedded } = shape.safeParse(answer);
  const byIndex = new Map(embedded?.data.map(({ index, embedding }) => [index, embedding]));
  const vectors = Array.from({ length: count }, (_, index) => {
    const vector = byIndex.get(index) ?? [];
    const length = Math.hypot(...vector);
    if (length === 0 || !Number.isFinite(length)) {
      throw new ServerError('unavailable', `The server ${server} gave no vector for a text.`, { broken: true });
    }
    return vector.map((value) => value / length);
  });
  return { vectors, tokens: embedded?.usage?.prompt_tokens ?? 0 };
}
