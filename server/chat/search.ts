import { z } from 'zod';
import type { Viewer } from '../accounts/viewer.ts';
import type { Database } from '../stores/database.ts';
import { Prisma } from '../stores/prisma/client.ts';
import { parseId, storable } from './input.ts';
import type { MessageRole } from './messages.ts';
import { parsePage, toCursor } from './pages.ts';
import { parseSearchQuery, type SearchQuery } from './search-query.ts';
import { matchEnd, matchStart, toSnippet } from './search-snippet.ts';

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
/** As many as a list of sessions can be narrowed to in one statement. */
const maxSessions = 1000;
const noHits: SearchPage = { hits: [], totalCount: 0, hasNextPage: false };
const rankKey = z.tuple([z.number().min(0).max(1_000_000), z.uuid()]);

interface Row {
  total: number;
  /** Null where the page is empty. */
  id: string | null;
  rank: number;
  content: string;
  highlighted: string;
}

/** Full-text search over the messages of a viewer, in the statement that reads them: no second index to keep in step. */
export function createSearch({ db }: { db: Database }) {
  return {
    /** The best first, the newer of two that rank the same. Throws `invalid_input`. */
    async search(viewer: Pick<Viewer, 'id'>, args: SearchArgs): Promise<SearchPage> {
      const range = parsePage({ first: args.first, after: args.after }, rankKey);
      const query = parseSearchQuery(args.query);
      const sessionId = args.sessionId == null ? undefined : parseId(args.sessionId);
      if (query === null || sessionId === null) return noHits;
      const conditions = [
        ...matches(viewer, query),
        ...(sessionId ? [Prisma.sql`session_id = ${sessionId}::uuid`] : []),
        ...(args.role ? [Prisma.sql`role = ${args.role}`] : []),
        ...(typeof args.pinned === 'boolean' ? [Prisma.sql`pinned = ${args.pinned}`] : []),
      ];
      const after = range.after
        ? Prisma.sql`where (rank, id) < (${range.after[0]}::float4, ${range.after[1]}::uuid)`
        : Prisma.empty;
      const highlighted = query.words
        ? Prisma.sql`ts_headline('public.portal', searchable_words(content), ${query.words},
            ${`HighlightAll=true, StartSel=${matchStart}, StopSel=${matchEnd}`})`
        : Prisma.sql`''`;
      const rows = await db.$queryRaw<Row[]>`
        with newest as materialized (
          select id, content_search from messages where ${Prisma.join(conditions, ' and ')}
          order by created_at desc, id desc limit ${maxRanked}),
        ranked as materialized (select id, ts_rank(content_search, ${query.sql}) as rank from newest),
        page as (select * from ranked ${after} order by rank desc, id desc limit ${range.take + 1})
        select total.count::int as total, page.id, page.rank, content, ${highlighted} as highlighted
        from (select count(*) from ranked) as total
        left join (page join messages on messages.id = page.id) on true
        order by page.rank desc, page.id desc`;
      const hits = rows.slice(0, range.take).flatMap(({ id, rank, content, highlighted }) => {
        if (id === null) return [];
        return [
          { messageId: id, rank, snippet: toSnippet(content, highlighted, query.grams), cursor: toCursor([rank, id]) },
        ];
      });
      return { hits, totalCount: rows[0]?.total ?? 0, hasNextPage: rows.length > range.take };
    },

    /**
     * Ids of the viewer's sessions in which the words stand, in the title or a message, or the text as it is in the
     * title; the `maxSessions` of the newest activity. Throws `invalid_input`.
     */
    async sessionsMatching(viewer: Pick<Viewer, 'id'>, text: string): Promise<string[]> {
      const query = parseSearchQuery(text);
      const title = storable(text.trim());
      if (title === '') return [];
      const found = query
        ? Prisma.sql`or message_search_vector(title) @@ ${query.sql}
            or id in (select session_id from messages where ${Prisma.join(matches(viewer, query), ' and ')})`
        : Prisma.empty;
      const rows = await db.$queryRaw<{ id: string }[]>`
        select id from sessions
        where user_id = ${viewer.id}::uuid and (strpos(lower(title), lower(${title})) > 0 ${found})
        order by updated_at desc limit ${maxSessions}`;
      return rows.map((row) => row.id);
    },
  };
}

/** The messages of a viewer that match, by the index that begins with the user. */
function matches(viewer: Pick<Viewer, 'id'>, query: SearchQuery): Prisma.Sql[] {
  return [Prisma.sql`user_id = ${viewer.id}::uuid`, Prisma.sql`content_search @@ ${query.sql}`];
}
