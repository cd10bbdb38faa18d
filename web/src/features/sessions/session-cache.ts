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

type Filter = SessionPageQueryVariables['filter'];

const isSameList = (one: Filter, other: Filter) =>
  (one?.favorite ?? null) === (other?.favorite ?? null) && (one?.archived ?? null) === (other?.archived ?? null);

function belongs(row: Row, filter: Filter): boolean {
  const { favorite, archived } = readFragment(SessionRow, row);
  return (filter?.favorite ?? favorite) === favorite && (filter?.archived ?? archived) === archived;
}

/** Lists a session where it belongs, as one that is new or that had not been reached by scrolling, and nowhere else. */
export function showSession(cache: Cache, row: Row): void {
  const pages = loadedPages(cache).filter(({ filter }) => !filter?.search);
  for (const first of pages.filter(({ after }) => !after)) {
    const sameList = pages.filter(({ filter }) => isSameList(filter, first.filter));
    const listedIn = sameList.filter((variables) =>
      cache.readQuery({ query: SessionPage, variables })?.sessions.edges.some(({ node }) => idOf(node) === idOf(row)),
    );
    if (!belongs(row, first.filter)) {
      for (const variables of listedIn) takeOut(cache, variables, idOf(row));
    } else if (listedIn.length === 0) {
      cache.updateQuery({ query: SessionPage, variables: first }, (data) => {
        data?.sessions.edges.unshift({ __typename: 'SessionEdge', cursor: '', node: row } as never);
        return data;
      });
    }
  }
}

function takeOut(cache: Cache, variables: SessionPageQueryVariables, id: string): void {
  cache.updateQuery({ query: SessionPage, variables }, (data) => {
    if (data) data.sessions.edges = data.sessions.edges.filter(({ node }) => idOf(node) !== id);
    return data;
  });
}

/** Takes a deleted session out of every list; a page that shows it learns that it is gone. */
export function hideSession(cache: Cache, id: string): void {
  for (const variables of loadedPages(cache)) takeOut(cache, variables, id);
  cache.invalidate({ __typename: 'Session', id });
}
