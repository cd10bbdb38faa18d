import { z } from 'zod';
import { invalidInput, parseInput } from './input.ts';

/** Relay's arguments of a list: a page forwards (`first`, `after`) or backwards (`last`, `before`). */
export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

export interface Page<Item> {
  items: { cursor: string; item: Item }[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

/** A page by its number, counted from 1, of lists that are asked for so. */
export interface NumberedPage {
  page: number;
  size: number;
}

export const pageSize = { default: 20, max: 100 } as const;

const size = z.int().min(1, 'must be at least 1').max(pageSize.max, `must be at most ${pageSize.max}`).nullish();

/** What to fetch of a list in key order: `take` rows strictly between the two keys, from its end where `backward`. */
export interface KeyRange<Key> {
  take: number;
  backward: boolean;
  after: Key | null;
  before: Key | null;
}

/** Throws `invalid_input` for a page size outside 1..100, both directions at once, or a cursor that is not ours. */
export function parsePage<Key>(args: PageArgs, key: z.ZodType<Key>): KeyRange<Key> {
  const { first, last } = parseInput(z.object({ first: size, last: size }), { first: args.first, last: args.last }, '');
  if (typeof first === 'number' && typeof last === 'number') {
    throw invalidInput([{ path: 'last', message: 'must not be given together with first' }]);
  }
  return {
    take: first ?? last ?? pageSize.default,
    backward: typeof last === 'number',
    after: parseCursor('after', args.after, key),
    before: parseCursor('before', args.before, key),
  };
}

/** Makes the page of rows that were fetched in the range's direction with one row more than `take`. */
export function toPage<Item, Key>(range: KeyRange<Key>, rows: Item[], keyOf: (item: Item) => Key): Page<Item> {
  const more = rows.length > range.take;
  const kept = rows.slice(0, range.take);
  if (range.backward) kept.reverse();
  return {
    items: kept.map((item) => ({ cursor: toCursor(keyOf(item)), item })),
    hasNextPage: range.backward ? range.before !== null : more,
    hasPreviousPage: range.backward ? more : range.after !== null,
  };
}

/** The row of each id; null where there is none. */
export function inOrderOf<Row>(
  ids: readonly string[],
  rows: readonly Row[],
  idOf: (row: Row) => string,
): (Row | null)[] {
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  return ids.map((id) => byId.get(id) ?? null);
}

export function toCursor(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function parseCursor<Key>(path: string, cursor: string | null | undefined, key: z.ZodType<Key>): Key | null {
  if (cursor === null || cursor === undefined) return null;
  try {
    return key.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw invalidInput([{ path, message: 'is not a cursor of this list' }]);
  }
}
