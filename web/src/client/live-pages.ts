import { useMemo, useSyncExternalStore } from 'react';
import { type AnyVariables, type Client, type CombinedError, type TypedDocumentNode, useClient } from 'urql';

export interface LivePage<Data> {
  data: Data | undefined;
  error: CombinedError | undefined;
}

/**
 * Pages of one list, each followed by itself: what changes in the cache shows at once, and a page that is loaded already is
 * there in the first render.
 */
export function useLivePages<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  list: readonly Variables[],
): readonly LivePage<Data>[] {
  const client = useClient();
  const key = JSON.stringify(list);
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal lists are one list.
  const store = useMemo(() => createLivePages(client, document, list), [client, document, key]);
  return useSyncExternalStore(store.subscribe, store.get);
}

function createLivePages<Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  list: readonly Variables[],
) {
  let pages: readonly LivePage<Data>[] = list.map((variables) => ({
    data: client.readQuery(document, variables, { requestPolicy: 'cache-only' })?.data ?? undefined,
    error: undefined,
  }));

  return {
    get: () => pages,
    subscribe(listener: () => void) {
      const followed = list.map((variables, index) =>
        client.query(document, variables).subscribe((result) => {
          // What could not be asked again is not gone.
          const data = result.data ?? (result.error === undefined ? undefined : pages[index]?.data);
          pages = pages.with(index, { data, error: result.error });
          listener();
        }),
      );
      return () => {
        for (const { unsubscribe } of followed) unsubscribe();
      };
    },
  };
}
