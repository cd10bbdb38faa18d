import { z } from 'zod';
import { type FieldError, PortalError } from '../errors.ts';

/** Limits of the public contract; lengths count UTF-16 units. */
export const limits = {
  prompt: 32_000,
  /** An answer of a client's own model: about half of what a body can carry. */
  storedContent: 500_000,
  systemPrompt: 4_000,
  title: 255,
  contextBytes: 256 * 1024,
  contextDepth: 64,
  idempotencyKey: 255,
  embeddingTexts: 256,
} as const;

/** Text that must say something; what Postgres cannot store (U+0000, lone surrogates) becomes U+FFFD. */
export function requiredText(max: number) {
  return optionalText(max).refine((text) => text.trim() !== '', 'must not be blank');
}

export function optionalText(max: number) {
  return z
    .string()
    .max(max, `must be at most ${max} characters long`)
    .transform((text) => storable(text));
}

/** The same text as Postgres can store it. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}

/**
 * As the schema's own, for values from outside: zod compares the length of what it has found to be no string, so an object with a
 * `length` that cannot be compared throws out of it.
 */
export function safeParse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { success: true; data: z.output<Schema> } | { success: false; error: Pick<z.ZodError, 'issues'> } {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message = 'has a value of a wrong type';
    return { success: false, error: { issues: [{ code: 'custom', path: [], message, input: value }] } };
  }
}

/**
 * The input as the schema shapes it. Throws `invalid_input` that names every bad field, its path under `root`.
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown, root = 'input'): z.output<Schema> {
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw invalidInput(fieldErrors(parsed.error, root));
}

/** Every bad field of an input, its path under `root`. */
export function fieldErrors(error: Pick<z.ZodError, 'issues'>, root: string): FieldError[] {
  return error.issues.map((issue) => ({
    path: [root, ...issue.path].filter((part) => part !== '').join('.'),
    message: issue.message,
  }));
}

export function invalidInput(errors: FieldError[]): PortalError {
  const summary = errors.map((error) => `${error.path} ${error.message}`).join('; ');
  return new PortalError('invalid_input', summary, { errors });
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The id in the database's form; null for what no row can have. */
export function parseId(id: string): string | null {
  return uuid.test(id) ? id.toLowerCase() : null;
}

/** The id in the database's form. Throws `not_found` where no row can have it. */
export function requireId(id: string, what: string): string {
  const parsed = parseId(id);
  if (parsed === null) throw notFound(what);
  return parsed;
}

/** The one error for an id that is unknown, malformed or another's. */
export function notFound(what: string): PortalError {
  return new PortalError('not_found', `There is no such ${what}.`);
}
