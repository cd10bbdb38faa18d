import { z } from 'zod';
import type { Prisma } from '../stores/prisma/client.ts';
import { limits, storable } from './input.ts';

/** Retrieval context of a message: any JSON within the limits, as Postgres can store it; null where there is none. */
export const contextInput = z
  .unknown()
  .optional()
  .refine((context) => isWithinDepth(context, limits.contextDepth), {
    message: `must not be nested deeper than ${limits.contextDepth} levels`,
    abort: true,
  })
  .refine((context) => !namesPrototype(context), { message: 'must not have a key __proto__', abort: true })
  .refine((context) => Buffer.byteLength(JSON.stringify(context ?? null)) <= limits.contextBytes, {
    message: `must be at most ${limits.contextBytes} bytes of JSON`,
  })
  .transform((context) => storableJson(context));

/** Objects and lists within one another are levels. Level by level, since a value may be nested deeper than the stack. */
function isWithinDepth(value: unknown, most: number): boolean {
  let level = [value].filter(isObject);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > most) return false;
    level = level.flatMap((item) => Object.values(item)).filter(isObject);
  }
  return true;
}

/** What copies such an object by assignment, Prisma among others, gives it another prototype. */
function namesPrototype(value: unknown): boolean {
  return isObject(value) && (Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The value as Postgres can store it. */
function storableJson(value: unknown): Prisma.InputJsonValue | null {
  if (typeof value === 'string') return storable(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storableJson(item)]));
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
