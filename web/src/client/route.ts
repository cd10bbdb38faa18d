/** Which carrier the next attempt takes, and how many in a row have failed before it. */
export interface Route {
  carrier: 'socket' | 'events';
  failures: number;
}

export const firstRoute: Route = { carrier: 'socket', failures: 0 };

/** How an attempt went before it was lost: did a connection stand, and did it last? */
export interface Attempt {
  opened: boolean;
  lasted: boolean;
}

/** A carrier that cannot be opened gives way to the other one; one that worked is tried again. */
export function routeAfterLoss({ carrier, failures }: Route, { opened, lasted }: Attempt): Route {
  if (opened) return { carrier, failures: lasted ? 0 : failures + 1 };
  return { carrier: carrier === 'socket' ? 'events' : 'socket', failures: failures + 1 };
}

const firstDelayMs = 150;
const longestDelayMs = 10_000;

/** Doubles with each failure, and is spread over its upper half, so that a thousand pages do not come back at once. */
export function retryDelayMs({ failures }: Route, random: () => number): number {
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, failures - 1));
  return delay * (0.5 + random() / 2);
}
