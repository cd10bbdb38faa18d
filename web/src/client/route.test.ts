import { describe, expect, it } from 'vitest';
import { firstRoute, type Route, retryDelayMs, routeAfterLoss } from './route.ts';

const neverOpened = { opened: false, lasted: false };

describe('the route of subscriptions', () => {
  it('begins with the socket', () => {
    expect(firstRoute.carrier).toBe('socket');
  });

  it('takes server-sent events when the socket cannot be opened, and the other way round', () => {
    const second = routeAfterLoss(firstRoute, neverOpened);
    expect(second).toEqual({ carrier: 'events', failures: 1 });
    expect(routeAfterLoss(second, neverOpened)).toEqual({ carrier: 'socket', failures: 2 });
  });

  it('stays on a carrier that worked', () => {
    for (const carrier of ['socket', 'events'] as const) {
      const route: Route = { carrier, failures: 0 };
      expect(routeAfterLoss(route, { opened: true, lasted: true })).toEqual(route);
    }
  });

  it('counts connections that break at once as failures, so that it slows down', () => {
    let route = firstRoute;
    for (let attempt = 0; attempt < 5; attempt++) route = routeAfterLoss(route, { opened: true, lasted: false });
    expect(route).toEqual({ carrier: 'socket', failures: 5 });
  });

  it('waits longer after each failure, up to ten seconds, and never the same for all', () => {
    const delays = [1, 2, 3, 4, 20].map((failures) => retryDelayMs({ carrier: 'socket', failures }, () => 1));
    expect(delays).toEqual([150, 300, 600, 1200, 10_000]);
    expect(retryDelayMs({ carrier: 'socket', failures: 20 }, () => 0)).toBe(5_000);
  });
});
