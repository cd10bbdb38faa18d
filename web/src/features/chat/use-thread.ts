import { useCallback, useMemo, useState } from 'react';
import type { CombinedError } from 'urql';
import { useLivePages } from '../../client/live-pages.ts';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { joinPages } from './join-pages.ts';
import { ThreadMessage } from './message-parts.ts';
import { newestPage, pageAfter, pageAround, pageBefore, ThreadPage } from './thread-page.ts';

export type ThreadItem = ReturnType<typeof itemOf>;

export interface Thread {
  /** The loaded messages, oldest first. */
  items: readonly ThreadItem[];
  /** `missing` for a conversation that does not exist, or no longer. */
  state: 'loading' | 'ready' | 'missing' | 'failed';
  error: CombinedError | undefined;
  /** The message around which it was loaded; null for the newest. It is missing from `items` where another branch holds it. */
  around: string | null;
  hasOlder: boolean;
  hasNewer: boolean;
  loadOlder(): void;
  loadNewer(): void;
  /** Loads the messages around this one instead, unless it is loaded. */
  show(messageId: string): void;
  showNewest(): void;
}

/** A window of a conversation's messages, that grows at both ends and can be moved. */
export function useThread(sessionId: string, around: string | null): Thread {
  const [wanted, setWanted] = useState(() => [around === null ? newestPage(sessionId) : pageAround(sessionId, around)]);
  const pages = useLivePages(ThreadPage, wanted);

  const loaded = useMemo(
    () =>
      pages.flatMap(({ data }, index) => {
        const messages = data?.session?.messages;
        if (messages === undefined) return [];
        const edges = messages.edges.map(({ cursor, node }) => ({ cursor, node: itemOf(node) }));
        return [
          {
            before: wanted[index]?.before ?? null,
            edges,
            ...messages.pageInfo,
            startCursor: messages.pageInfo.startCursor ?? null,
          },
        ];
      }),
    [pages, wanted],
  );
  const { items, startCursor } = useMemo(() => {
    const joined = joinPages(loaded);
    return { items: joined.items.map(({ node }) => node), startCursor: joined.startCursor };
  }, [loaded]);

  const isLoading = pages.some(({ data, error }) => data === undefined && error === undefined);
  const hasOlder = loaded[0]?.hasPreviousPage ?? false;
  const hasNewer = loaded.at(-1)?.hasNextPage ?? false;
  const endCursor = loaded.at(-1)?.endCursor ?? null;

  const show = useCallback(
    (messageId: string) => {
      if (!items.some(({ id }) => id === messageId)) setWanted([pageAround(sessionId, messageId)]);
    },
    [items, sessionId],
  );

  return {
    items,
    state: stateOf(pages),
    error: pages.find(({ error }) => error)?.error,
    around: wanted.find(({ around }) => around)?.around ?? null,
    hasOlder,
    hasNewer,
    loadOlder: useCallback(() => {
      if (hasOlder && !isLoading && startCursor !== null)
        setWanted((list) => [pageBefore(sessionId, startCursor), ...list]);
    }, [hasOlder, isLoading, startCursor, sessionId]),
    loadNewer: useCallback(() => {
      if (hasNewer && !isLoading && endCursor !== null) setWanted((list) => [...list, pageAfter(sessionId, endCursor)]);
    }, [hasNewer, isLoading, endCursor, sessionId]),
    show,
    showNewest: useCallback(() => setWanted([newestPage(sessionId)]), [sessionId]),
  };
}

function itemOf(node: FragmentType<typeof ThreadMessage>) {
  return readFragment(ThreadMessage, node);
}

function stateOf(
  pages: ReturnType<typeof useLivePages<{ session?: unknown }, Record<string, unknown>>>,
): Thread['state'] {
  if (pages.some(({ data }) => data?.session === null)) return 'missing';
  if (pages.some(({ data }) => data !== undefined)) return 'ready';
  return pages.some(({ error }) => error !== undefined) ? 'failed' : 'loading';
}
