import { Client, fetchExchange, subscriptionExchange } from 'urql';
import { createStore, type Store } from '../lib/store.ts';
import { createCache } from './cache.ts';
import { createEventsCarrier } from './events-carrier.ts';
import { type Connection, createLiveTransport, type Restart } from './live-transport.ts';
import { pauseUntilHope } from './pause.ts';
import { createRefresh, type Refresh } from './refresh.ts';
import { createSocketCarrier, probeSocket } from './socket-carrier.ts';

export interface PortalClient {
  urql: Client;
  /** Whether news arrive. */
  connection: Store<Connection>;
  refresh: Refresh;
}

/**
 * Everything between the page and `/graphql`: a normalised cache, queries and mutations by POST, subscriptions by whatever
 * can be opened. A subscription's context may hold a `restart: Restart`.
 */
export function createPortalClient(): PortalClient {
  const url = '/graphql';
  const socketUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${url}`;
  const connection = createStore<Connection>('connecting');
  const refresh = createRefresh();
  const live = createLiveTransport({
    carriers: { socket: createSocketCarrier(socketUrl), events: createEventsCarrier(url) },
    probeSocket: (signal) => probeSocket(socketUrl, signal),
    connection,
    pause: pauseUntilHope,
  });

  const urql = new Client({
    url,
    preferGetMethod: false,
    exchanges: [
      refresh.exchange,
      createCache(),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request, { context }) => ({
          subscribe(observer) {
            const restart = (context.restart ?? {}) as Restart;
            return { unsubscribe: live.subscribe(request, restart, observer) };
          },
        }),
      }),
    ],
  });
  return { urql, connection, refresh };
}
