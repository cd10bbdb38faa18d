import type { Cache } from '@urql/exchange-graphcache';
import type { SessionPageQueryVariables } from '../../gql/graphql.ts';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { SessionPage, SessionRow } from './documents.ts';

type Row = FragmentType<typeof SessionRow>;

const idOf = (row: Row) => readFragment(SessionRow, row).id;

/** Every loaded page of the list: those of a search are not ours to reason about. */
function loadedPages(cache: Cache): SessionPageQueryVariables[] {
  return cache
    .inspectFields('Query')
    .filter(({ fieldName }) => fieldName === 'sessions')
    .map((field) => field.arguments as SessionPageQueryVariables);
}

/** Lists a session that is new, or that had not been reached by scrolling. */
export function showSession(cache: Cache, row: Row): void {
  const pages = loadedPages(cache).filter(({ filter }) => !filter?.search);
  for (const first of pages.filter(({ after }) => !after)) {
    const sameList = pages.filter(({ filter }) => filter?.favorite === first.filter?.favorite);
    const isListed = sameList.some((variables) =>
      cache.readQuery({ query: SessionPage, variables })?.sessions.edges.some(({ node }) => idOf(node) === idOf(row)),
    );
    const isWanted = !first.filter?.favorite || readFragment(SessionRow, row).favorite;
    if (isListed || !isWanted) continue;
    cache.updateQuery({ query: SessionPage, variables: first }, (data) => {
      data?.sessions.edges.unshift({ __typename: 'SessionEdge', cursor: '', node: row } as never);
      return data;
    });
  }
}

/** Takes a deleted session out of every list; a page that shows it learns that it is gone. */
export function hideSession(cache: Cache, id: string): void {
  for (const variables of loadedPages(cache)) {
    cache.updateQuery({ query: SessionPage, variables }, (data) => {
      if (data) data.sessions.edges = data.sessions.edges.filter(({ node }) => idOf(node) !== id);
      return data;
    });
  }
  cache.invalidate({ __typename: 'Session', id });
}
