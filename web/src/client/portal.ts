import { createContext, useContext, useSyncExternalStore } from 'react';
import type { PortalClient } from './client.ts';
import type { Connection } from './live-transport.ts';

const PortalContext = createContext<PortalClient | null>(null);

export const PortalProvider = PortalContext.Provider;

export function usePortal(): PortalClient {
  const portal = useContext(PortalContext);
  if (portal === null) throw new Error('usePortal is for what stands inside a PortalProvider');
  return portal;
}

export function useConnection(): Connection {
  const { connection } = usePortal();
  return useSyncExternalStore(connection.subscribe, connection.get);
}
