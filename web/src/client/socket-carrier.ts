import { type Client, createClient } from 'graphql-ws';
import type { Carrier, CarrierSink } from './carrier.ts';

const acknowledgeWithinMs = 5_000;
const pingEveryMs = 12_000;
const pongWithinMs = 6_000;

/**
 * Subscriptions over one graphql-ws socket, opened with the first and closed after the last. A socket that answers no ping
 * counts as lost. It never retries by itself: whoever follows knows where to go on.
 */
export function createSocketCarrier(url: string): Carrier {
  let operations = 0;
  let connected = false;
  const client = createClient({
    url,
    retryAttempts: 0,
    connectionAckWaitTimeout: acknowledgeWithinMs,
    keepAlive: pingEveryMs,
    // Each frame repeats the id: a short one saves some 30 bytes a token.
    generateID: () => (++operations).toString(36),
  });
  client.on('connected', () => {
    connected = true;
  });
  client.on('closed', () => {
    connected = false;
  });
  terminateWhenSilent(client);

  return (request, sink) => {
    const unlisten = connected ? announce(sink) : client.on('connected', () => sink.opened());
    const end = client.subscribe(
      {
        query: request.query ?? '',
        variables: request.variables ?? null,
        operationName: request.operationName ?? null,
      },
      {
        next: (result) => sink.next(result as Parameters<CarrierSink['next']>[0]),
        error(error) {
          unlisten();
          if (Array.isArray(error)) sink.refused(error);
          else sink.lost();
        },
        complete() {
          unlisten();
          sink.complete();
        },
      },
    );
    return () => {
      unlisten();
      end();
    };
  };
}

function announce(sink: CarrierSink): () => void {
  sink.opened();
  return () => {};
}

function terminateWhenSilent(client: Client): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  client.on('ping', (received) => {
    if (received) return;
    clearTimeout(timer);
    timer = setTimeout(() => client.terminate(), pongWithinMs);
  });
  client.on('pong', (received) => {
    if (received) clearTimeout(timer);
  });
  client.on('closed', () => clearTimeout(timer));
}

/** True when a socket to this address is opened and acknowledged. */
export function probeSocket(url: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const client = createClient({
      url,
      lazy: false,
      retryAttempts: 0,
      connectionAckWaitTimeout: acknowledgeWithinMs,
      onNonLazyError: () => settle(false),
    });
    const settle = (works: boolean) => {
      signal.removeEventListener('abort', abandon);
      void client.dispose();
      resolve(works);
    };
    const abandon = () => settle(false);
    client.on('connected', () => settle(true));
    signal.addEventListener('abort', abandon);
  });
}
