import { useEffect } from 'react';
import { Changes } from '../client/documents.ts';
import type { Restart } from '../client/live-transport.ts';
import { usePortal } from '../client/portal.ts';

/** Keeps everything on the page as it is on the server, whoever changes it; after a loss of the connection it asks anew. */
export function useChanges(): void {
  const { urql, refresh } = usePortal();
  useEffect(() => {
    const restart: Restart = { onRestarted: refresh.now };
    const { unsubscribe } = urql.subscription(Changes, {}, { restart }).subscribe(() => {});
    return unsubscribe;
  }, [urql, refresh]);
}
