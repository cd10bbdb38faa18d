import type { Exchange, Operation } from '@urql/core';
import { pipe, tap } from 'wonka';

export interface Refresh {
  exchange: Exchange;
  /** Asks the server again for every query that is in use. */
  now(): void;
}

/** Stands first: knows which queries the page shows, so that they can be asked again after a time without news. */
export function createRefresh(): Refresh {
  const inUse = new Map<number, Operation>();
  let now = () => {};

  return {
    now: () => now(),
    exchange: ({ client, forward }) => {
      now = () => {
        for (const operation of [...inUse.values()]) {
          client.reexecuteOperation(
            client.createRequestOperation('query', operation, { ...operation.context, requestPolicy: 'network-only' }),
          );
        }
      };
      return (operations) =>
        pipe(
          operations,
          tap((operation) => {
            if (operation.kind === 'query') inUse.set(operation.key, operation);
            if (operation.kind === 'teardown') inUse.delete(operation.key);
          }),
          forward,
        );
    },
  };
}
