import { type Exchange, makeOperation, type Operation } from '@urql/core';
import { map, pipe, tap } from 'wonka';

export interface Refresh {
  exchange: Exchange;
  /** Asks the server again for every query that is in use; for the others when they are used next. */
  now(): void;
}

/** Stands first: knows which queries the page shows, so that they can be asked again after a time without news. */
export function createRefresh(): Refresh {
  const inUse = new Map<number, Operation>();
  /** Queries that the cache answers by itself, though nobody told it of what is new. */
  const outdated = new Set<number>();
  const asked = new Set<number>();
  let now = () => {};

  /** The cache answers first where it can, and the server after it. */
  function askedAgain(operation: Operation): Operation {
    if (operation.kind !== 'query' || operation.context.requestPolicy === 'cache-only') return operation;
    asked.add(operation.key);
    if (!outdated.delete(operation.key) || operation.context.requestPolicy !== 'cache-first') return operation;
    return makeOperation('query', operation, { ...operation.context, requestPolicy: 'cache-and-network' });
  }

  return {
    now: () => now(),
    exchange: ({ client, forward }) => {
      now = () => {
        for (const key of asked) if (!inUse.has(key)) outdated.add(key);
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
          map(askedAgain),
          forward,
        );
    },
  };
}
