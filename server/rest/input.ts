import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { fieldErrors, invalidInput, limits, requiredText, safeParse } from '../chat/input.ts';
import { PortalError } from '../errors.ts';

/** The id of an address. It is any text: what no row can have is `not_found`, as what is another's. */
export const idParams = z.object({ id: z.string().meta({ description: 'A UUID.' }) });

/** Which page of a list; pages count from 1. */
export const pageQuery = z.object({
  page: z.coerce.number().int().min(1, 'must be at least 1').max(1_000_000).default(1),
  page_size: z.coerce.number().int().min(1, 'must be at least 1').max(100, 'must be at most 100').default(50),
});

/** `true` or `false` in a query string. */
export function queryFlag() {
  return z
    .enum(['true', 'false'], 'must be true or false')
    .transform((text) => text === 'true')
    .optional();
}

/** A body that may be left out as a whole. */
export function optionalBody<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object(shape).nullish();
}

export const idempotencyKey = requiredText(limits.idempotencyKey).nullish().meta({
  description: 'The same key twice gives the same message, not a second one. Also as header Idempotency-Key.',
});

export const keyHeader = z.object({ 'idempotency-key': requiredText(limits.idempotencyKey).optional() });

/** The key of a request, in the body or the header. Throws `invalid_input` where they differ. */
export function keyOf({ headers, body }: FastifyRequest): string | null {
  const inBody = (body as { idempotency_key?: string | null }).idempotency_key ?? null;
  const inHeader = headers['idempotency-key'] ?? null;
  if (inBody === null || inHeader === null || inBody === inHeader) return inBody ?? (inHeader as string | null);
  throw invalidInput([{ path: 'idempotency_key', message: 'differs from the header Idempotency-Key' }]);
}

/**
 * Validates a part of a request; what is wrong is one `invalid_input` that names every bad field. A parameter of the query string
 * that says nothing, `favorite=`, is as one that is left out: forms and generated clients send them so.
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (value: unknown) => {
    const parsed = safeParse(schema, httpPart === 'querystring' ? withoutEmpty(value) : value);
    if (parsed.success) return { value: parsed.data };
    const errors = fieldErrors(parsed.error, '');
    return {
      error: invalidInput(errors.map((error) => (error.path === '' ? { ...error, path: httpPart ?? '' } : error))),
    };
  };

function withoutEmpty(query: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query as Record<string, unknown>).filter(([, text]) => text !== ''));
}

/** An id that a body names must be known: runs a rule, and its `not_found` becomes `invalid_input` at `path`. */
export async function namedBy<Result>(path: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof PortalError) || error.code !== 'not_found') throw error;
    throw invalidInput([{ path, message: 'is not known' }]);
  }
}

/** A rule's error with its fields named as REST names them: `input.systemPrompt` is `system_prompt`. */
export function inRestWords(error: unknown): unknown {
  if (!(error instanceof PortalError) || error.details.errors === undefined) return error;
  return invalidInput(error.details.errors.map(({ path, message }) => ({ path: restPath(path), message })));
}

function restPath(path: string): string {
  return path.replace(/^input\./, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
