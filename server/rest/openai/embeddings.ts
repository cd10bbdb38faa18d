import { endianness } from 'node:os';
import { z } from 'zod';
import type { Embeddings } from '../../chat/embeddings.ts';
import { limits } from '../../chat/input.ts';
import { count } from '../words.ts';

export const embeddingRequest = z
  .object({
    model: z
      .string()
      .max(255)
      .nullish()
      .meta({ description: 'The embedding model of this portal; the same where it is left out.' }),
    input: z.union([z.string(), z.array(z.string())], 'must be a text, or a list of texts: tokens are not taken').meta({
      description: `One text, or up to ${limits.embeddingTexts}, each of at most ${limits.prompt} characters and the model's own length.`,
    }),
    encoding_format: z
      .enum(['float', 'base64'], 'must be float or base64')
      .nullish()
      .meta({ description: 'Numbers, or their 32-bit little-endian bytes in base64.' }),
    dimensions: z.null('must be left out: a vector has the length that the model gives it').optional(),
  })
  .meta({ examples: [{ input: 'Why is the sky blue?' }] });

export const embeddingShape = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        object: z.literal('embedding'),
        index: count(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.object({ prompt_tokens: count(), total_tokens: count() }),
  })
  .meta({ id: 'OpenAiEmbeddings' });

type Embedded = Awaited<ReturnType<Embeddings['embed']>>;

export function toEmbeddings(
  { vectors, tokens, model }: Embedded,
  format: 'float' | 'base64',
): z.infer<typeof embeddingShape> {
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: format === 'base64' ? toBase64(vector) : vector,
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.from(Float32Array.from(vector).buffer);
  return (endianness() === 'LE' ? bytes : bytes.swap32()).toString('base64');
}
