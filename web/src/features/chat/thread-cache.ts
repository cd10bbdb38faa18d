import type { Cache } from '@urql/exchange-graphcache';
import type { ThreadPageQueryVariables } from '../../gql/graphql.ts';
import type { FragmentType } from '../../gql/index.ts';
import { readFragment } from '../../gql/index.ts';
import { ThreadMessage } from './message-parts.ts';
import { ThreadPage } from './thread-page.ts';

type Message = FragmentType<typeof ThreadMessage>;

/**
 * Puts a message that was sent or announced at the end of its thread where it follows what is shown there. Any other one
 * that is not shown may mean that another branch is shown now: the thread is asked for again.
 */
export function showMessage(cache: Cache, sessionId: string, message: Message): void {
  const { id, parent } = nodeOf(message);
  const pages = loadedPages(cache, sessionId);
  if (pages.some(({ page }) => page.edges.some(({ node }) => nodeOf(node).id === id))) return;

  const ends = pages.filter(({ page }) => !page.pageInfo.hasNextPage);
  const followed = ends.filter(({ page }) => lastIdOf(page.edges) === parent?.id);
  if (followed.length === 0) {
    reloadThread(cache, sessionId);
    return;
  }
  for (const end of ends) {
    if (!followed.includes(end)) {
      cache.invalidate(sessionOf(sessionId), end.fieldKey);
      continue;
    }
    cache.updateQuery({ query: ThreadPage, variables: end.variables }, (data) => {
      data?.session?.messages.edges.push({ __typename: 'MessageEdge', cursor: '', node: message } as never);
      return data;
    });
  }
}

/** Another branch is shown: every page of the thread is asked for again, and stays in sight until its successor is there. */
export function reloadThread(cache: Cache, sessionId: string): void {
  for (const { fieldKey } of loadedPages(cache, sessionId)) cache.invalidate(sessionOf(sessionId), fieldKey);
}

function loadedPages(cache: Cache, sessionId: string) {
  return cache
    .inspectFields(sessionOf(sessionId))
    .filter(({ fieldName }) => fieldName === 'messages')
    .flatMap((field) => {
      const variables = { id: sessionId, ...field.arguments } as ThreadPageQueryVariables;
      const page = cache.readQuery({ query: ThreadPage, variables })?.session?.messages;
      return page === undefined ? [] : [{ fieldKey: field.fieldKey, variables, page }];
    });
}

const sessionOf = (id: string) => ({ __typename: 'Session', id });
const nodeOf = (node: Message) => readFragment(ThreadMessage, node);

function lastIdOf(edges: readonly { node: Message }[]): string | undefined {
  const last = edges.at(-1);
  return last && nodeOf(last.node).id;
}
