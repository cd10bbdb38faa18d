import { z } from 'zod';
import type { Viewer } from '../accounts/viewer.ts';
import type { Database } from '../stores/database.ts';
import { Prisma } from '../stores/prisma/client.ts';
import { parseId, storable } from './input.ts';
import type { MessageRole } from './messages.ts';
import { parsePage, toCursor } from './pages.ts';
import { parseSearchQuery, type SearchQuery } from './search-query.ts';
import { matchEnd, matchStart, shieldedBrackets, toSnippet } from './search-snippet.ts';

export interface SearchArgs {
  query: string;
  sessionId?: string | null | undefined;
  role?: MessageRole | null | undefined;
  pinned?: boolean | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}

export interface SearchHit {
  messageId: string;
  rank: number;
  /** Safe HTML. */
  snippet: string;
  cursor: string;
}

export interface SearchPage {
  hits: SearchHit[];
  /** Exact up to `maxRanked`. */
  totalCount: number;
  hasNextPage: boolean;
}

export type Search = ReturnType<typeof createSearch>;

/** Only the newest matches are ranked: a word that stands everywhere must not make the database read everything. */
const maxRanked = 1000;
/** What the index holds of a text, and what a snippet is cut from. */
const searchedCharacters = 50_000;
const noHits: SearchPage = { hits: [], totalCount: 0, hasNextPage: false };
const rankKey = z.tuple([z.number(), z.uuid()]);

/** Full-text search over the messages of a viewer, in the statement that reads them: no second index to keep in step. */
export function createSearch({ db }: { db: Database }) {
  /** The newest matches of a viewer; the index begins with the user. */
  function matches(viewer: Pick<Viewer, 'id'>, query: SearchQuery, conditions: readonly Prisma.Sql[]): Prisma.Sql {
    return Prisma.sql`
      select id, session_id, ts_rank(content_search, ${query.sql}) as rank from messages
      where ${Prisma.join(
        [Prisma.sql`user_id = ${viewer.id}::uuid`, Prisma.sql`content_search @@ ${query.sql}`, ...conditions],
        ' and ',
      )}
      order by created_at desc, id desc limit ${maxRanked}`;
  }

  return {
    /** The best first, the newer of two that rank the same. Throws `invalid_input`. */
    async search(viewer: Pick<Viewer, 'id'>, args: SearchArgs): Promise<SearchPage> {
      const range = parsePage({ first: args.first, after: args.after }, rankKey);
      const query = parseSearchQuery(args.query);
      const sessionId = args.sessionId ? parseId(args.sessionId) : undefined;
      if (query === null || sessionId === null) return noHits;
      const conditions = [
        ...(sessionId ? [Prisma.sql`session_id = ${sessionId}::uuid`] : []),
        ...(args.role ? [Prisma.sql`role = ${args.role}`] : []),
        ...(typeof args.pinned === 'boolean' ? [Prisma.sql`pinned = ${args.pinned}`] : []),
      ];
      const after = range.after
        ? Prisma.sql`where (rank, id) < (${range.after[0]}::float4, ${range.after[1]}::uuid)`
        : Prisma.empty;
      const rows = await db.$queryRaw<{ id: string; rank: number; content: string; headline: string; total: number }[]>`
        with matches as materialized (${matches(viewer, query, conditions)}),
        page as (select * from matches ${after} order by rank desc, id desc limit ${range.take + 1})
        select page.id, page.rank, left(content, ${searchedCharacters}) as content,
          ts_headline('pg_catalog.english', translate(left(content, ${searchedCharacters}), ${`<>${matchStart}${matchEnd}`}, ${shieldedBrackets}), ${query.sql},
            ${`StartSel=${matchStart}, StopSel=${matchEnd}, MaxWords=32, MinWords=16, MaxFragments=1`}) as headline,
          (select count(*)::int from matches) as total
        from page join messages on messages.id = page.id
        order by page.rank desc, page.id desc`;
      const hits = rows.slice(0, range.take).map(({ id, rank, headline, content }) => ({
        messageId: id,
        rank,
        snippet: toSnippet(headline, content, query.unspacedRuns),
        cursor: toCursor([rank, id]),
      }));
      return { hits, totalCount: rows[0]?.total ?? 0, hasNextPage: rows.length > range.take };
    },

    /** Ids of the viewer's sessions in which the words stand, in a title or a message; at most `maxRanked`. */
    async sessionsMatching(viewer: Pick<Viewer, 'id'>, text: string): Promise<string[]> {
      const query = parseSearchQuery(text);
      if (query === null) return [];
      const rows = await db.$queryRaw<{ id: string }[]>`
        select session_id as id from (${matches(viewer, query, [])}) as hits
        union
        select id from sessions
        where user_id = ${viewer.id}::uuid
          and (message_search_vector(title) @@ ${query.sql} or strpos(lower(title), lower(${storable(text.trim())})) > 0)
        limit ${maxRanked}`;
      return rows.map((row) => row.id);
    },
  };
}
