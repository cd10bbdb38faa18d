import { useMemo, useState } from 'react';
import type { CombinedError } from 'urql';
import { useLivePages } from '../../client/live-pages.ts';
import type { SessionPageQueryVariables, SessionRowFragment } from '../../gql/graphql.ts';
import { readFragment } from '../../gql/index.ts';
import { SessionPage, SessionRow } from './documents.ts';

const pageSize = 40;
/** In sight however long ago they were used; the newest hundred of them. */
const favourites: SessionPageQueryVariables = { first: 100, filter: { favorite: true, archived: false } };

export interface Sessions {
  sessions: readonly SessionRowFragment[];
  isLoading: boolean;
  error: CombinedError | undefined;
  loadMore(): void;
}

/**
 * The viewer's conversations, those in use or those in the archive, as far as they have been scrolled to; with `search`, all that
 * hold its words.
 */
export function useSessions(search: string, archived: boolean): Sessions {
  const list = search === '' ? `archived ${archived}` : `search ${search}`;
  const [cursors, setCursors] = useState<{ list: string; after: string[] }>({ list, after: [] });
  const after = cursors.list === list ? cursors.after : [];
  const wanted = useMemo(
    () => [
      ...(search === '' && !archived ? [favourites] : []),
      ...[null, ...after].map(
        (cursor): SessionPageQueryVariables => ({
          first: pageSize,
          ...(cursor !== null && { after: cursor }),
          filter: search === '' ? { archived } : { search },
        }),
      ),
    ],
    [search, archived, after],
  );
  const pages = useLivePages(SessionPage, wanted);

  const sessions = useMemo(() => {
    const byId = new Map<string, SessionRowFragment>();
    for (const { data } of pages) {
      for (const { node } of data?.sessions.edges ?? []) {
        const session = readFragment(SessionRow, node);
        byId.set(session.id, session);
      }
    }
    return [...byId.values()];
  }, [pages]);

  // Until the first answer to other words is there, the list stays as it was.
  const isNew = pages.every(({ data, error }) => data === undefined && error === undefined);
  const [kept, setKept] = useState(sessions);
  if (!isNew && kept !== sessions) setKept(sessions);

  const last = pages.at(-1)?.data?.sessions.pageInfo;
  return {
    sessions: isNew ? kept : sessions,
    isLoading: pages.some(({ data, error }) => data === undefined && error === undefined),
    error: pages.find(({ error }) => error)?.error,
    loadMore() {
      const cursor = last?.endCursor;
      if (last?.hasNextPage && cursor && !after.includes(cursor)) setCursors({ list, after: [...after, cursor] });
    },
  };
}
