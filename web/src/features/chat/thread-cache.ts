import type { Cache } from '@urql/exchange-graphcache';
import type { ThreadPageQueryVariables } from '../../gql/graphql.ts';
import type { FragmentType } from '../../gql/index.ts';
import { readFragment } from '../../gql/index.ts';
import { ThreadMessage } from './message-parts.ts';
import { ThreadPage } from './thread-page.ts';

type Message = FragmentType<typeof ThreadMessage>;

/**
 * Puts a message that was sent or announced where it belongs in the loaded pages of its thread. One that does not follow
 * the last message makes the newest pages stale, so that they are asked for again.
 */
export function showMessage(cache: Cache, sessionId: string, message: Message): void {
  const { id, parent } = nodeOf(message);
  const session = { __typename: 'Session', id: sessionId };
  const fields = cache.inspectFields(session).filter(({ fieldName }) => fieldName === 'messages');
  const pages = fields.map((field) => {
    const variables = { id: sessionId, ...field.arguments } as ThreadPageQueryVariables;
    return { field, variables, page: cache.readQuery({ query: ThreadPage, variables })?.session?.messages };
  });
  const isShown = pages.some(({ page }) => page?.edges.some(({ node }) => nodeOf(node).id === id));
  if (isShown) return;

  for (const { field, variables, page } of pages) {
    if (page === undefined || page.pageInfo.hasNextPage) continue;
    const last = page.edges.at(-1);
    if ((last && nodeOf(last.node).id) !== parent?.id) {
      if (last === undefined || isNewer(id, nodeOf(last.node).id)) cache.invalidate(session, field.fieldKey);
      continue;
    }
    cache.updateQuery({ query: ThreadPage, variables }, (data) => {
      data?.session?.messages.edges.push({ __typename: 'MessageEdge', cursor: '', node: message } as never);
      return data;
    });
  }
}

const nodeOf = (node: Message) => readFragment(ThreadMessage, node);

/** Ids are UUIDs of version 7: they sort by time. */
const isNewer = (id: string, other: string) => id > other;
